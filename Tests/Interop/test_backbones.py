"""The networks that people have become darknet networks: real Keras and real darknet compute the same numbers.

In pjreddie's dialect Debian's libdarknet.so is the judge; in AlexeyAB's the darknet of numpy and `nnfmt run`. The largest
differences, relative to the largest number, are printed."""

import numpy as np
import pytest

import darknet_numpy
from frameworks import module, outputs
from keras_backbones import SIZES, backbone, sample

# Why a network has no darknet form.
REFUSED = {"ConvNeXtTiny": "LayerScale"}
# Both sides round float32 sums in some hundred layers one behind the other; the largest that was seen is 1.4e-6
# (NASNetMobile). A wrong rule is off by 1e-2 and more.
TOLERANCE = 5e-6


def gap(got, want):
    return np.abs(np.asarray(got).reshape(want.shape) - want).max() / np.abs(want).max()


def computed(nnfmt, darknet, folder, model, x, dialect):
    """What the judge of a dialect and `nnfmt run` make of the model, and how many layers it has there."""
    folder.mkdir()
    weights, cfg = folder / "out.weights", folder / "out.cfg"
    layers = nnfmt("convert", model, weights, "--dialect", dialect, "--json").json["layers"]
    np.save(folder / "x.npy", x)
    # What is tried is the conversion: the reference engine's sums are in double precision.
    nnfmt("run", weights, "--cfg", cfg, "--dialect", dialect, "--engine", "reference", "--input", folder / "x.npy", "--output", folder / "y")
    if dialect == "pjreddie":
        outcome = darknet.compute(cfg, weights, x, seconds=90)
        assert outcome.ending == "computed", outcome.said[-300:]
        judged = outcome.layers[-1]["values"]
    else:
        judged = darknet_numpy.forward(cfg.read_text(), darknet_numpy.FileSource(weights), x, dialect).layers[-1]
    nnfmt("validate", model, weights, "--dialect", dialect)
    return judged, np.load(folder / "y/output_0.npy"), layers


@pytest.mark.parametrize("name", SIZES)
def test_backbone(nnfmt, darknet, tmp_path, note, name):
    k = module("Keras 3")
    model = backbone(k, name)
    model.save(tmp_path / "m.keras")
    if name in REFUSED:
        answer = nnfmt("convert", tmp_path / "m.keras", tmp_path / "out.weights", code=69)
        assert REFUSED[name] in answer.err
        note(f"{name:<17} refused: {answer.err.splitlines()[0].split(': ', 2)[-1]}")
        return
    x = sample(name)
    want = outputs(model, x)[0]
    row = f"{name:<17}"
    for dialect, judge in (("pjreddie", "real darknet"), ("alexeyab", "numpy")):
        judged, ran, layers = computed(nnfmt, darknet, tmp_path / dialect, tmp_path / "m.keras", x, dialect)
        assert gap(judged, want) <= TOLERANCE, (dialect, gap(judged, want))
        assert gap(ran, want) <= TOLERANCE, (dialect, gap(ran, want))
        row += f"  {dialect}: {judge} {gap(judged, want):.1e}, nnfmt run {gap(ran, want):.1e}, {layers} layers"
    note(row)
    k.backend.clear_session()


@pytest.mark.parametrize("name", ["MobileNetV2", "EfficientNetB0"])
def test_nested_with_a_head(nnfmt, darknet, tmp_path, note, name):
    """A backbone within a model, and a head of Dense layers behind it."""
    k = module("Keras 3")
    inner = backbone(k, name, head=False)
    size = SIZES[name]
    model = k.Sequential([
        k.Input((size, size, 3)), inner, k.layers.Dropout(0.3), k.layers.Dense(16, activation="relu"),
        k.layers.Dense(5, activation="softmax")])
    model.save(tmp_path / "m.keras")
    x = sample(name)
    want = outputs(model, x)[0]
    for dialect in ("pjreddie", "alexeyab"):
        judged, ran, _ = computed(nnfmt, darknet, tmp_path / dialect, tmp_path / "m.keras", x, dialect)
        assert max(gap(judged, want), gap(ran, want)) <= TOLERANCE
        note(f"{name} in a model with a head, {dialect}: {gap(judged, want):.1e}")
    k.backend.clear_session()
