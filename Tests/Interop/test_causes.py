"""What `nnfmt validate` finds out about files of real Keras and darknet that something has happened to."""

import json
import shutil

import h5py
import numpy as np
import pytest

from changed_h5 import h5_changed, setting
from frameworks import FRAMEWORKS, module


@pytest.fixture(scope="module", params=FRAMEWORKS)
def reference(request, tmp_path_factory):
    """A detector's beginnings, a matrix behind an image, recurrent layers: saved by Keras."""
    keras = module(request.param)
    layers = keras.layers
    keras.backend.clear_session()
    image = layers.Input((16, 16, 3), name="image")
    x = layers.Conv2D(8, 3, padding="same", use_bias=False, name="conv")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.LeakyReLU(name="leaky")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    a = layers.Conv2D(4, 3, padding="same", name="left")(x)
    b = layers.Conv2D(4, 3, padding="same", activation="relu", name="right")(x)
    x = layers.Concatenate(name="joined")([a, b])
    x = layers.UpSampling2D(2, interpolation="nearest", name="up")(x)
    x = layers.AveragePooling2D(4, name="small")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(12, activation="tanh", name="dense")(x)
    x = layers.Reshape((4, 3), name="steps")(x)
    x = layers.LSTM(6, return_sequences=True, name="lstm")(x)
    x = layers.GRU(5, name="gru")(x)
    x = layers.Dense(5, name="square")(x)
    model = keras.Model(image, layers.Dense(5, activation="softmax", name="classes")(x))
    random = np.random.default_rng(11)
    model.set_weights([random.uniform(0.2, 1, w.shape).astype(np.float32) *
                       (1 if w.ndim == 1 else random.choice([-1, 1], w.shape)).astype(np.float32)
                       if w.ndim > 1 else random.uniform(0.2, 1, w.shape).astype(np.float32) for w in model.get_weights()])
    path = tmp_path_factory.mktemp("causes") / "m.h5"
    model.save(str(path))
    return path


def tensor(file, layer, name):
    """The dataset of a layer's variable, by the end of its name, whatever this Keras puts in front of it."""
    found = []
    file["model_weights"][layer].visititems(
        lambda path, item: found.append(item) if isinstance(item, h5py.Dataset) and path.split("/")[-1].split(":")[0] == name else None)
    assert len(found) == 1, (layer, name, found)
    return found[0]


def validated(nnfmt, reference, tmp_path, change):
    """What is found of a copy whose tensors `change` has altered."""
    shutil.copy(reference, tmp_path / "bad.h5")
    with h5py.File(tmp_path / "bad.h5", "r+") as file:
        change(lambda layer, name: tensor(file, layer, name))
    return nnfmt("validate", reference, tmp_path / "bad.h5", "--json", code=1).json


def altered(layer, name, change):
    def apply(get):
        data = get(layer, name)
        data[...] = change(data[...]).astype(data.dtype).reshape(data.shape)
    return apply


def swapped(*places):
    def apply(get):
        one, other = (get(*place) for place in places)
        one[...], other[...] = other[...], one[...]
    return apply


def exchange(a, b, axis):
    def change(values):
        order = np.arange(values.shape[axis])
        order[[a, b]] = order[[b, a]]
        return np.take(values, order, axis)
    return change


def blocks(order, units):
    return lambda values: np.concatenate([values[..., n * units:(n + 1) * units] for n in order], -1)


def gates(layer, order, units):
    def apply(get):
        for name in ("kernel", "recurrent_kernel", "bias"):
            altered(layer, name, blocks(order, units))(get)
    return apply


def negative_filter(values):
    values[..., 2] *= -1
    return values


def with_number(number):
    def change(values):
        values.flat[5] = number
        return values
    return change


def tail_zeros(values):
    values.flat[values.size // 2:] = 0
    return values


def int8(values):
    step = np.abs(values).max() / 127
    return np.round(values / step) * step


def int8_by_filter(values):
    step = np.abs(values).max(axis=(0, 1, 2)) / 127
    return np.round(values / step) * step


def rows_from_cells(values):
    """The rows for an image [C, H, W] in place of [H, W, C]."""
    return values.reshape(4, 4, 8, 12).transpose(2, 0, 1, 3)


def bfloat16(values):
    return (values.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)


NUMBERS = {
    "transposed kernel": (altered("left", "kernel", lambda v: v.transpose(1, 0, 2, 3)), "left"),
    "transposed matrix": (altered("square", "kernel", np.transpose), "square"),
    "transposed, not square": (altered("dense", "kernel", np.transpose), "dense"),
    "flipped kernel": (altered("left", "kernel", lambda v: v[::-1, ::-1]), "left"),
    "swapped gamma and beta": (swapped(("norm", "gamma"), ("norm", "beta")), "norm"),
    "swapped statistics": (swapped(("norm", "moving_mean"), ("norm", "moving_variance")), "norm"),
    "swapped with another layer": (swapped(("left", "kernel"), ("right", "kernel")), "left"),
    "swapped filters": (altered("left", "kernel", exchange(0, 3, 3)), "left"),
    "RGB": (altered("conv", "kernel", lambda v: v[:, :, ::-1]), "conv"),
    "CHW": (altered("dense", "kernel", rows_from_cells), "dense"),
    "gates of LSTM": (gates("lstm", [1, 0, 2, 3], 6), "lstm"),
    "gates of GRU": (gates("gru", [1, 0, 2], 5), "gru"),
    "flipped sign": (altered("right", "kernel", negative_filter), "right"),
    "NaN": (altered("right", "kernel", with_number(np.nan)), "right"),
    "infinite": (altered("right", "kernel", with_number(-np.inf)), "right"),
    "float16": (altered("right", "kernel", lambda v: v.astype(np.float16)), "right"),
    "bfloat16": (altered("right", "kernel", bfloat16), "right"),
    "int8": (altered("right", "kernel", int8), "right"),
    "int8 by filter": (altered("right", "kernel", int8_by_filter), "right"),
    "truncated": (altered("right", "kernel", tail_zeros), "right"),
    "without bias": (altered("right", "bias", np.zeros_like), "right"),
    "shifted": (altered("dense", "kernel", lambda v: np.roll(v, 1)), "dense"),
    "scaled": (altered("right", "kernel", lambda v: v * 255), "right"),
    "deviation": (altered("norm", "moving_variance", np.sqrt), "norm"),
    "changed number": (altered("right", "kernel", with_number(0.123)), "right"),
    "stale": (altered("right", "kernel", lambda v: np.random.default_rng(5).uniform(-1, 1, v.shape)), "right"),
    "big endian": (altered("right", "kernel", lambda v: v.astype(">f4").view("<f4")), "right"),
}
KINDS = {
    "transposed matrix": "transposed kernel", "transposed, not square": "transposed kernel",
    "swapped gamma and beta": "swapped tensors", "swapped statistics": "swapped tensors",
    "swapped with another layer": "swapped tensors", "swapped filters": "swapped channels",
    "RGB": "other channel order", "CHW": "other channel order",
    "gates of LSTM": "gates in another order", "gates of GRU": "gates in another order",
    "float16": "half precision", "bfloat16": "half precision",
    "int8": "quantised", "int8 by filter": "quantised", "truncated": "truncated tensor",
    "without bias": "constant tensor", "shifted": "shifted tensor", "deviation": "deviation for variance",
    "changed number": "changed numbers", "stale": "stale tensor", "big endian": "byte order",
}


@pytest.mark.parametrize("fault", NUMBERS)
def test_numbers(nnfmt, reference, tmp_path, fault):
    change, layer = NUMBERS[fault]
    answer = validated(nnfmt, reference, tmp_path, change)
    assert answer["cause"] is not None, answer["differing_parameters"]
    assert answer["cause"]["kind"] == KINDS.get(fault, fault)
    assert answer["cause"]["layer"] == answer["first_difference"] == layer


def noisy(values):
    return values * (1 + 1e-3 * np.random.default_rng(3).normal(size=values.shape))


@pytest.mark.parametrize("change", [
    # Two layers that have nothing to do with each other, numbers that are nearly transposed, and ones of another size.
    lambda get: [altered(layer, "kernel", noisy)(get) for layer in ("left", "right")],
    lambda get: [altered("left", "kernel", lambda v: noisy(v).transpose(1, 0, 2, 3))(get), altered("right", "bias", noisy)(get)],
    altered("left", "kernel", lambda v: noisy(v) * np.geomspace(1, 1e6, v.size).reshape(v.shape)),
])
def test_what_nothing_explains(nnfmt, reference, tmp_path, change):
    answer = validated(nnfmt, reference, tmp_path, change)
    assert answer["cause"] is None and answer["first_difference"] == "left"


def reversed_inputs(config):
    for entry in config["layers"]:
        if entry["config"]["name"] == "joined":
            node = entry["inbound_nodes"][0]
            (node["args"][0] if isinstance(node, dict) else node).reverse()


def pooling(config):
    for entry in config["layers"]:
        if entry["config"]["name"] == "pool":
            entry["class_name"] = "AveragePooling2D"


def slope(config):
    for entry in config["layers"]:
        if entry["config"]["name"] == "leaky":
            key = "negative_slope" if "negative_slope" in entry["config"] else "alpha"
            entry["config"][key] = 0.1


@pytest.mark.parametrize("change, kind, layer", [
    (setting("norm", "epsilon", 0.02), "other epsilon", "norm"),
    (setting("right", "activation", "elu"), "other activation", "right"),
    (slope, "other slope", "leaky"),
    (pooling, "other pooling", "pool"),
    (setting("up", "interpolation", "bilinear"), "other interpolation", "up"),
    (setting("lstm", "go_backwards", True), "other direction", "lstm"),
    (setting("lstm", "recurrent_activation", "hard_sigmoid"), "other activation", "lstm"),
    (reversed_inputs, "other order of inputs", "joined"),
])
def test_options(nnfmt, reference, tmp_path, change, kind, layer):
    changed = h5_changed(reference, tmp_path / "bad.h5", change)
    answer = nnfmt("validate", reference, changed, "--json", code=1).json
    assert answer["cause"] is not None, answer["differences"]
    assert (answer["cause"]["kind"], answer["cause"]["layer"]) == (kind, layer)
    assert answer["first_difference"] == layer


def test_two_kinds_of_options(nnfmt, reference, tmp_path):
    def change(config):
        setting("right", "activation", "elu")(config)
        setting("right", "dilation_rate", [2, 2])(config)
    changed = h5_changed(reference, tmp_path / "bad.h5", change)
    assert nnfmt("validate", reference, changed, "--json", code=1).json["cause"] is None


def test_missing_bias(nnfmt, tmp_path):
    keras = module("Keras 3")
    paths = []
    for name, uses_bias in (("a", True), ("b", False)):
        model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, use_bias=uses_bias, name="dense")])
        model.set_weights([np.arange(w.size, dtype=np.float32).reshape(w.shape) + 1 for w in model.get_weights()])
        paths.append(tmp_path / f"{name}.h5")
        model.save(str(paths[-1]))
    answer = nnfmt("validate", *paths, "--json", code=1).json
    assert answer["cause"] == {"kind": "missing tensor", "layer": "dense", "detail": "bias"}


def test_text(nnfmt, reference, tmp_path):
    shutil.copy(reference, tmp_path / "bad.h5")
    with h5py.File(tmp_path / "bad.h5", "r+") as file:
        data = tensor(file, "left", "kernel")
        data[...] = data[...].transpose(1, 0, 2, 3)
    out = nnfmt("validate", reference, tmp_path / "bad.h5", code=1).out
    assert "likely cause: transposed kernel in left.kernel (height and width): undone, the layer agrees" in out


@pytest.mark.parametrize("against", ["weights", "h5"])
@pytest.mark.parametrize("floats, layer", [(1, "convolutional_0"), (-1, "convolutional_0"), (5, "convolutional_1")])
def test_shifted_weights(nnfmt, sample, tmp_path, against, floats, layer):
    """As behind a header of another size, or with numbers lost from the second layer on."""
    cfg, weights = sample
    reference = weights
    if against == "h5":
        reference = tmp_path / "m.h5"
        nnfmt("convert", weights, reference)
    content = np.frombuffer(weights.read_bytes()[20:], "<f4")
    rows = nnfmt("inspect", weights, "--cfg", cfg, "--json").json["layers"]
    start = 0 if layer == "convolutional_0" else rows[0]["parameter_count"]
    moved = content.copy()
    if floats > 0:
        moved[start:] = np.concatenate([np.full(floats, 0.5, "<f4"), content[start:-floats]])
    else:
        moved[start:] = np.concatenate([content[start - floats:], np.full(-floats, 0.5, "<f4")])
    (tmp_path / "bad.weights").write_bytes(weights.read_bytes()[:20] + moved.tobytes())
    answer = nnfmt("validate", reference, tmp_path / "bad.weights", "--cfg", cfg, "--json", code=1).json
    assert answer["cause"]["kind"] == "shifted file" and answer["cause"]["layer"] == layer
    words = f"{abs(floats)} float{'s' * (abs(floats) > 1)} {'later' if floats > 0 else 'earlier'}"
    assert answer["cause"]["detail"].startswith(words)


@pytest.mark.parametrize("old, new, kind", [
    ("activation=leaky", "activation=relu", "other activation"),
    ("mask", None, "other mask"), ("anchors", None, "other anchors"),
])
def test_cfgs(nnfmt, sample, tmp_path, old, new, kind):
    lines = sample[0].read_text().splitlines()
    for number, line in enumerate(lines):
        if line.replace(" ", "").startswith(old):
            if new is None:
                key, values = line.split("=")
                new = f"{key}={','.join(reversed(values.split(',')))}"
            lines[number] = new
            break
    else:
        pytest.fail(f"no {old} in the sample")
    (tmp_path / "bad.cfg").write_text("\n".join(lines) + "\n")
    answer = nnfmt("validate", sample[0], tmp_path / "bad.cfg", "--json", code=1).json
    assert answer["cause"]["kind"] == kind, json.dumps(answer["differences"])
