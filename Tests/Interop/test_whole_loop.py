"""A darknet network goes to Keras, is trained a step there, saved by Keras alone, and comes back: real darknet loads it and
computes what Keras computes."""

import numpy as np
import pytest

from frameworks import FRAMEWORKS, load, module

CFG = """[net]
width=16
height=16
channels=3
momentum=0.9

[convolutional]
batch_normalize=1
filters=8
size=3
stride=1
pad=1
activation=leaky

[maxpool]
size=2
stride=2

[convolutional]
batch_normalize=1
filters=12
size=3
stride=2
pad=1
activation=leaky

[convolutional]
batch_normalize=1
filters=6
size=1
stride=1
activation=relu

[convolutional]
filters=12
size=3
stride=1
pad=1
activation=logistic

[shortcut]
from=-3
activation=linear

[upsample]
stride=2

[route]
layers=-1,1

[convolutional]
filters=5
size=1
stride=1
activation=linear
"""
# What five layers may be off (`keras_models/case.py`).
TOLERANCE = 2e-6


def write_weights(path, seed=1):
    """Numbers in the order of pjreddie's file: biases, scales, mean, variance, weights of each convolution."""
    draw, parts = np.random.default_rng(seed), []
    for filters, inputs, size, normalized in ((8, 3, 3, True), (12, 8, 3, True), (6, 12, 1, True), (12, 6, 3, False), (5, 20, 1, False)):
        parts.append(draw.normal(0, .2, filters))
        if normalized:
            parts += [draw.uniform(.5, 1.5, filters), draw.normal(0, .2, filters), draw.uniform(.2, 1.5, filters)]
        parts.append(draw.normal(0, 1 / np.sqrt(inputs * size * size), filters * inputs * size * size))
    header = np.array([0, 2, 0, 0, 0], "<i4").tobytes()
    path.write_bytes(header + np.concatenate(parts).astype("<f4").tobytes())


def gap(got, want):
    return np.abs(got.reshape(want.shape) - want).max() / (1 + np.abs(want).max())


@pytest.mark.parametrize("with_cfg", [True, False], ids=["with the cfg", "without"])
@pytest.mark.parametrize("generation", FRAMEWORKS)
def test_trained_in_keras(nnfmt, darknet, tmp_path, note, generation, with_cfg):
    cfg, weights = tmp_path / "net.cfg", tmp_path / "net.weights"
    cfg.write_text(CFG)
    write_weights(weights)
    x = np.random.default_rng(2).normal(size=(1, 3, 16, 16)).astype(np.float32)
    first = darknet.compute(cfg, weights, x)
    assert first.ending == "computed", first.said
    nnfmt("convert", weights, tmp_path / "net.h5", "--cfg", cfg, "--dialect", "pjreddie")

    model = load(generation, tmp_path / "net.h5")
    images = x.transpose(0, 2, 3, 1)
    before = np.asarray(model(images, training=False)).transpose(0, 3, 1, 2)
    assert gap(first.layers[-1]["values"], before) <= TOLERANCE
    module(generation).utils.set_random_seed(3)
    model.compile(optimizer=module(generation).optimizers.SGD(0.05), loss="mse")
    model.fit(np.repeat(images, 4, axis=0), np.ones((4, *before.transpose(0, 2, 3, 1).shape[1:])), batch_size=4, verbose=0)
    after = np.asarray(model(images, training=False)).transpose(0, 3, 1, 2)
    assert gap(after, before) > 1e-2
    # What is saved is Keras's own file, without anything that nnfmt had put beside the model.
    model.save(tmp_path / "trained.h5")

    back = tmp_path / "back.weights"
    named = ["--cfg", cfg] if with_cfg else []
    nnfmt("convert", tmp_path / "trained.h5", back, "--dialect", "pjreddie", *named)
    second = darknet.compute(cfg if with_cfg else tmp_path / "back.cfg", back, x)
    assert second.ending == "computed", second.said
    off = gap(second.layers[-1]["values"], after)
    assert off <= TOLERANCE, off
    note(f"trained in {generation}, back {'with' if with_cfg else 'without'} the cfg, in real darknet: off by {off:.1e}")
