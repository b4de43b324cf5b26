"""A step of nnfmt and a step of real Keras on the same model, converted by nnfmt, and the same batch: the same weights."""

import numpy as np
import pytest
import tensorflow as tf

import darknet_numpy
from frameworks import FRAMEWORKS, load, module
from networks import conv, section

RATE, MOMENTUM, BATCH, STEPS = 0.05, 0.9, 4, 3
DENSE = section("connected", output=5, activation="linear")
# No batch normalization: darknet's, with N − 1 and other epsilons, is not Keras's.
MODELS = {
    "softmax": (conv(6, activation="leaky"), section("maxpool", size=2, stride=2), conv(4, activation="tanh"),
                section("avgpool"), DENSE, section("softmax")),
    "sse": (conv(6, 3, activation="elu"), DENSE, section("cost", type="sse")),
    "branches": (conv(4, activation="leaky"), conv(4, activation="logistic"), section("shortcut", **{"from": -2}, activation="linear"),
                 section("route", layers="-1,-3"), section("upsample", stride=2), section("avgpool"), DENSE, section("cost")),
}


def network(name):
    net = section("net", batch=BATCH, width=8, height=6, channels=3, learning_rate=RATE, momentum=MOMENTUM, decay=0)
    return "\n".join((net, *MODELS[name]))


def quadratic_cost(truth, prediction):
    """C = ½ Σ (y − a)², whose negative gradient darknet's δ is."""
    return 0.5 * tf.reduce_sum((truth - prediction) ** 2, axis=-1)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("name", MODELS)
def test_steps(name, framework, nnfmt, tmp_path):
    cfg = network(name)
    (tmp_path / "m.cfg").write_text(cfg)
    random = np.random.default_rng(len(name))
    x = random.normal(0, 0.7, (BATCH, 3, 6, 8)).astype(np.float32)
    y = np.eye(5, dtype=np.float32)[random.integers(0, 5, BATCH)]
    source = darknet_numpy.RandomSource(5)
    darknet_numpy.forward(cfg, source, x)
    (tmp_path / "m.weights").write_bytes(source.file_bytes())
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)

    nnfmt("convert", tmp_path / "m.weights", tmp_path / "start.h5")
    nnfmt("train", tmp_path / "m.cfg", "--weights", tmp_path / "m.weights", "--x", tmp_path / "x.npy",
          "--y", tmp_path / "y.npy", "--steps", STEPS, "--output", tmp_path / "done.weights")
    nnfmt("convert", tmp_path / "done.weights", tmp_path / "done.h5", "--cfg", tmp_path / "m.cfg")

    keras = module(framework)
    model = load(framework, tmp_path / "start.h5")
    loss = "categorical_crossentropy" if name == "softmax" else quadratic_cost
    model.compile(optimizer=keras.optimizers.SGD(RATE, momentum=MOMENTUM), loss=loss)
    for _ in range(STEPS):
        model.train_on_batch(x.transpose(0, 2, 3, 1), y)
    mine = load(framework, tmp_path / "done.h5").get_weights()
    theirs = model.get_weights()
    assert len(mine) == len(theirs) > 0
    for got, want in zip(mine, theirs):
        assert np.abs(got - want).max() <= 1e-5 * (1 + np.abs(want).max())
    keras.backend.clear_session()
