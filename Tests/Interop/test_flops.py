"""`flops` of Keras layers in `inspect` is 2 × the products that the layers' formulas sum.

Neither Keras counts them, so the formulas stand here, over the shapes that Keras itself gives values and variables.
Models are drawn by `seed.py`.
"""

import json
import math
import random

import pytest

from frameworks import FRAMEWORKS, module
from seed import SEED

COUNT = 12


def places(shape):
    """The places of an image, channels last, or of a sequence: all axes but the batch and the last."""
    return math.prod(shape[1:-1])


def products(layer, given, gives):
    """The products of one pass over one sample, from Keras's shapes (with the batch axis) and variables."""
    size = {w.name.split("/")[-1].split(":")[0]: math.prod(w.shape) for w in layer.weights}
    kind = type(layer).__name__
    if kind == "SeparableConv2D":
        return places(gives) * (size["depthwise_kernel"] + size["pointwise_kernel"])
    if kind == "DepthwiseConv2D":
        return places(gives) * math.prod(layer.weights[0].shape)
    if kind.endswith("Transpose"):
        return places(given) * size["kernel"]
    if kind.startswith("Conv"):
        # A kernel has the channels of one group only.
        return places(gives) * size["kernel"]
    if kind == "Dense":
        return places(given) * size["kernel"]
    if kind == "TimeDistributed":
        return given[1] * size["kernel"]
    if kind in ("LSTM", "GRU", "SimpleRNN"):
        return given[1] * (size["kernel"] + size["recurrent_kernel"])
    if kind == "Bidirectional":
        return given[1] * sum(math.prod(w.shape) for w in layer.weights if "kernel" in w.name)
    return 0


def image_layers(k, draw):
    """A chain for an image; each layer keeps it an image."""
    pick, number = draw.choice, draw.randint
    window = lambda: dict(padding=pick(["same", "valid"]), strides=pick([1, 2]))  # noqa: E731
    kinds = [
        lambda: k.layers.Conv2D(4 * number(1, 3), (number(1, 3), number(1, 3)), **window(), activation=pick([None, "relu"])),
        lambda: k.layers.Conv2D(8, 3, padding="same", dilation_rate=2, use_bias=False),
        lambda: k.layers.DepthwiseConv2D(number(1, 3), depth_multiplier=number(1, 2), **window()),
        lambda: k.layers.SeparableConv2D(number(1, 9), number(1, 3), depth_multiplier=number(1, 2), **window()),
        lambda: k.layers.Conv2DTranspose(number(1, 9), number(1, 3), **window()),
        lambda: k.layers.MaxPooling2D(2, padding="same"),
        lambda: k.layers.AveragePooling2D(2, strides=1),
        lambda: k.layers.BatchNormalization(),
        lambda: k.layers.UpSampling2D(2),
        lambda: k.layers.ZeroPadding2D(1),
        lambda: k.layers.Dense(number(1, 9)),
    ]
    layers = [pick(kinds)() for _ in range(number(2, 5))]
    if draw.random() < 0.5:
        layers = [k.layers.Conv2D(8, 1), k.layers.Conv2D(12, 3, groups=pick([2, 4]), padding="same"), *layers]
    return layers + [pick([k.layers.Flatten, k.layers.GlobalAveragePooling2D])(), k.layers.Dense(number(1, 20))]


def sequence_layers(k, draw):
    """A chain for a sequence."""
    pick, number = draw.choice, draw.randint
    kinds = [
        lambda: k.layers.Conv1D(number(1, 9), number(1, 3), padding="causal"),
        lambda: k.layers.LSTM(number(1, 9), return_sequences=True),
        lambda: k.layers.GRU(number(1, 9), return_sequences=True),
        lambda: k.layers.SimpleRNN(number(1, 9), return_sequences=True),
        lambda: k.layers.Bidirectional(k.layers.LSTM(number(1, 9), return_sequences=True)),
        lambda: k.layers.TimeDistributed(k.layers.Dense(number(1, 9))),
        lambda: k.layers.MaxPooling1D(2),
        lambda: k.layers.Dense(number(1, 9), activation="relu"),
    ]
    return [pick(kinds)() for _ in range(number(2, 4))] + [pick([k.layers.GlobalMaxPooling1D, k.layers.Flatten])()]


def shape_of(value):
    return tuple(value.shape)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_flops_are_those_of_the_formulas(framework, nnfmt, tmp_path, note):
    k = module(framework)
    compared = 0
    for number in range(COUNT):
        draw = random.Random(f"{SEED} {number}")
        x = k.Input((16, 17, 8) if number % 2 else (12, 6))
        layers = (image_layers if number % 2 else sequence_layers)(k, draw)
        value, want = x, {}
        for layer in layers:
            given = shape_of(value)
            value = layer(value)
            want[layer.name] = 2 * products(layer, given, shape_of(value))
        path = tmp_path / f"{number}.h5"
        k.Model(x, value).save(path)
        rows = {row["name"]: row for row in nnfmt("inspect", path, "--json").json["layers"]}
        for name, flops in want.items():
            assert rows[name]["flops"] == flops, f"seed {SEED}, model {number}, {json.dumps(rows[name])}"
            compared += flops > 0
    note(f"{framework}: the flops of {compared} layers are those of the formulas")


def test_all_calls_of_a_shared_layer_count(nnfmt, tmp_path):
    k = module("Keras 3")
    a, b = k.Input((4, 4, 3)), k.Input((8, 8, 3))
    shared = k.layers.Conv2D(2, 1, name="shared")
    k.Model([a, b], [shared(a), shared(b)]).save(tmp_path / "m.keras")
    rows = {row["name"]: row for row in nnfmt("inspect", tmp_path / "m.keras", "--json").json["layers"]}
    assert rows["shared"]["flops"] == 2 * (16 + 64) * 6


def test_layers_of_open_extents_have_none(nnfmt, tmp_path):
    k = module("Keras 3")
    x = k.Input((None, None, 3))
    y = k.layers.Conv2D(4, 3, name="open")(x)
    y = k.layers.GlobalAveragePooling2D(name="pool")(y)
    k.Model(x, k.layers.Dense(5, name="known")(y)).save(tmp_path / "m.keras")
    rows = {row["name"]: row for row in nnfmt("inspect", tmp_path / "m.keras", "--json").json["layers"]}
    assert "flops" not in rows["open"] and "flops" not in rows["pool"]
    assert rows["known"]["flops"] == 2 * 4 * 5
    text = nnfmt("inspect", tmp_path / "m.keras").out
    assert "40 FLOPs" in text, text
