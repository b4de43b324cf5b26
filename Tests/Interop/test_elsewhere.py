"""Detectors of the shape that keras-yolo3's and YAD2K's converters wrote: Keras's epsilon of 1e-3, names like `conv2d_1`, heads
as plain convolutions. They become darknet's weights with the cfg and without it, and real darknet computes what Keras does."""

import numpy as np
import pytest

from frameworks import FRAMEWORKS, module


def conv(filters, size, stride=1, normalized=True):
    lines = ["[convolutional]", f"filters={filters}", f"size={size}", f"stride={stride}", "pad=1"]
    return lines + (["batch_normalize=1", "activation=leaky"] if normalized else ["activation=linear"])


HEAD = ["[yolo]", "mask=0,1,2", "anchors=1,2,3,4,5,6", "classes=2", "num=3"]
CFG = "\n".join([
    "[net]", "width=32", "height=32", "channels=3", *conv(8, 3), "[maxpool]", "size=2", "stride=2", *conv(12, 3, 2), *conv(6, 1),
    *conv(12, 3), "[shortcut]", "from=-3", "activation=linear", *conv(16, 3), *conv(21, 1, normalized=False), *HEAD, "[route]",
    "layers=-3", *conv(8, 1), "[upsample]", "stride=2", *conv(21, 1, normalized=False), *HEAD, ""])
# The sections that enter the heads, in the order of the model's outputs.
OUTPUTS = (7, 12)
# What ten layers may be off (`keras_models/case.py`).
TOLERANCE = 2e-6


def model_of(k):
    def block(x, filters, size, number, stride=1):
        if stride == 2:
            x = k.layers.ZeroPadding2D(((1, 0), (1, 0)))(x)
        x = k.layers.Conv2D(filters, size, strides=stride, padding="valid" if stride == 2 else "same", use_bias=False,
                            name=f"conv2d_{number}")(x)
        x = k.layers.BatchNormalization(name=f"batch_normalization_{number}")(x)
        return k.layers.LeakyReLU(0.1, name=f"leaky_re_lu_{number}")(x)

    given = k.Input((32, 32, 3))
    x = k.layers.MaxPooling2D(2, 2, padding="same")(block(given, 8, 3, 1))
    x = block(x, 12, 3, 2, stride=2)
    x = k.layers.Add()([x, block(block(x, 6, 1, 3), 12, 3, 4)])
    deep = block(x, 16, 3, 5)
    first = k.layers.Conv2D(21, 1, padding="same", name="conv2d_6")(deep)
    second = k.layers.Conv2D(21, 1, padding="same", name="conv2d_8")(k.layers.UpSampling2D(2)(block(deep, 8, 1, 7)))
    model = k.Model(given, [first, second])
    draw = np.random.default_rng(1)
    for variable in model.weights:
        values = draw.normal(0, .3, variable.shape)
        # Variances near 0 show the epsilon best.
        is_positive = any(part in variable.name for part in ("variance", "gamma"))
        variable.assign(np.abs(values) * .1 + 1e-5 if is_positive else values)
    return model


@pytest.mark.parametrize("with_cfg", [True, False], ids=["with the cfg", "without"])
@pytest.mark.parametrize("generation", FRAMEWORKS)
def test_detector_from_elsewhere(nnfmt, darknet, tmp_path, note, generation, with_cfg):
    k = module(generation)
    model = model_of(k)
    model.save(tmp_path / "m.h5")
    x = np.random.default_rng(2).random((1, 3, 32, 32)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    want = [np.asarray(y).transpose(0, 3, 1, 2) for y in model(x.transpose(0, 2, 3, 1), training=False)]
    (tmp_path / "net.cfg").write_text(CFG)
    for dialect in ("alexeyab", "pjreddie"):
        weights = tmp_path / f"{dialect}.weights"
        nnfmt("convert", tmp_path / "m.h5", weights, "--dialect", dialect, *(["--cfg", tmp_path / "net.cfg"] if with_cfg else []))
        cfg = tmp_path / "net.cfg" if with_cfg else weights.with_suffix(".cfg")
        nnfmt("run", weights, "--cfg", cfg, "--dialect", dialect, "--input", tmp_path / "x.npy", "--output", tmp_path / dialect,
              "--layers", "all")
        places = OUTPUTS
        if not with_cfg:
            stated = next(line for line in cfg.read_text().splitlines() if line.startswith("# nnfmt: outputs="))
            places = [int(number) for number in stated.split("=")[1].split(",")]
        got = [np.load(tmp_path / dialect / f"{place:03}.npy") for place in places]
        if dialect == "pjreddie":
            answer = darknet.compute(cfg, weights, x)
            assert answer.ending == "computed", answer.said
            got += [np.asarray(answer.layers[place]["values"]).reshape(y.shape) for place, y in zip(places, want)]
        for mine, theirs in zip(got, want * 2):
            off = np.abs(mine - theirs).max() / (1 + np.abs(theirs).max())
            assert off <= TOLERANCE, f"{dialect}: off by {off:.3g}"
        # The last weight of all, changed, is found.
        assert nnfmt("validate", tmp_path / "m.h5", weights, "--cfg", cfg, "--dialect", dialect).code == 0
        changed = bytearray(weights.read_bytes())
        changed[-4:] = np.float32(3).tobytes()
        (tmp_path / "changed.weights").write_bytes(changed)
        assert nnfmt("validate", tmp_path / "m.h5", tmp_path / "changed.weights", "--cfg", cfg, "--dialect", dialect, code=None).code == 1
