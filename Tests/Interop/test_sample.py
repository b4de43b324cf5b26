"""The sample model, from the committed weights to both Kerases and back."""

import subprocess
import sys

import numpy as np
import pytest

import darknet_numpy
from frameworks import FRAMEWORKS, assert_equal, load, outputs, predict


@pytest.fixture
def converted(sample, nnfmt, tmp_path):
    model = tmp_path / "sample.h5"
    nnfmt("convert", sample[1], model)
    return model


@pytest.fixture
def x(sample):
    shape = darknet_numpy.input_shape(sample[0].read_text())
    return np.random.default_rng(7).random((2, *shape), np.float32)


def test_weights_are_what_the_script_writes(sample, tmp_path):
    again = tmp_path / "again.weights"
    subprocess.run([sys.executable, sample[0].parent / "make_weights.py", again], check=True)
    assert again.read_bytes() == sample[1].read_bytes()


def test_heads_agree(sample, converted, x):
    want = darknet_numpy.forward(sample[0].read_text(), darknet_numpy.FileSource(sample[1]), x).model_outputs
    answers = {framework: predict(framework, converted, x) for framework in FRAMEWORKS}
    for framework, got in answers.items():
        assert_equal(got, want, 2e-5, f"{framework} against darknet")
    assert_equal(answers["Keras 3"], answers["Keras 2"], 1e-5, "Keras 3 against Keras 2")


def test_way_back(sample, converted, nnfmt, tmp_path):
    nnfmt("convert", converted, tmp_path / "back.weights")
    assert (tmp_path / "back.weights").read_bytes() == sample[1].read_bytes()


def test_carried_cfg_is_the_network(sample, converted, nnfmt, tmp_path, x):
    """back.cfg need not be the same text, but must be the same network."""
    nnfmt("convert", converted, tmp_path / "back.weights")
    here = darknet_numpy.forward(sample[0].read_text(), darknet_numpy.FileSource(sample[1]), x)
    back = darknet_numpy.forward(
        (tmp_path / "back.cfg").read_text(), darknet_numpy.FileSource(tmp_path / "back.weights"), x)
    assert len(here.layers) == len(back.layers)
    for mine, theirs in zip(back.layers, here.layers):
        assert np.array_equal(mine, theirs)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_layer_names(converted, framework):
    names = {layer.name for layer in load(framework, converted).layers}
    assert {"convolutional_0", "convolutional_0_bn", "convolutional_0_act", "convolutional_28"} <= names


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_saved_again_by_keras(sample, converted, nnfmt, tmp_path, framework):
    """Keras drops what nnfmt carries; with the cfg given, the values still come back exactly."""
    again = tmp_path / "again.h5"
    load(framework, converted).save(str(again))
    filled = tmp_path / "filled.weights"
    nnfmt("convert", again, filled, "--cfg", sample[0])
    want, got = sample[1].read_bytes(), filled.read_bytes()
    floats = len(want) - 20
    assert got[-floats:] == want[-floats:]
    assert len(got) - floats in (16, 20)
    assert not (tmp_path / "filled.cfg").exists(), "the network to fill was given"


def test_answers_do_not_depend_on_the_batch(converted, x):
    model = load("Keras 3", converted)
    for together, alone in zip(outputs(model, x), outputs(model, x[1:])):
        assert np.abs(together[1:] - alone).max() <= 1e-5
