"""Each command opens each model file once; only the lock of an HDF5 file opens it a second time."""

import collections
import os
import re
import subprocess

import numpy as np
import pytest


@pytest.fixture
def opened(nnfmt, tmp_path):
    """How often a command opened each of some files: a function of the files and the command's arguments."""
    def count(files, *arguments):
        trace = tmp_path / "trace"
        # -s: paths are shown whole.
        command = ["strace", "-f", "-s", "4096", "-e", "trace=open,openat", "-o", trace, nnfmt.binary, *arguments]
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        found = collections.Counter(re.findall(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]*)"', trace.read_text()))
        return [found[str(path)] for path in files]
    return count


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """One model in both containers, with an input."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    folder = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(3)
    model = keras.Sequential([
        keras.Input((6, 5, 3)), keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)])
    for name in ("m.h5", "m.keras"):
        model.save(folder / name)
    model.save_weights(folder / "m.weights.h5")
    np.save(folder / "x.npy", np.random.default_rng(3).normal(0, 1, (2, 6, 5, 3)).astype(np.float32))
    return folder


LOCKED, PLAIN = 2, 1


@pytest.mark.parametrize("name, times", [("m.h5", LOCKED), ("m.keras", PLAIN)])
def test_inspect_run_convert(opened, models, tmp_path, name, times):
    model = models / name
    assert opened([model], "inspect", model, "--hash", "--stats") == [times]
    assert opened([model], "run", model, "--input", models / "x.npy", "--output", tmp_path / "y") == [times]
    assert opened([model], "convert", model, tmp_path / "out.weights") == [times]
    assert opened([model, tmp_path / "out.weights"], "validate", model, tmp_path / "out.weights") == [times, PLAIN]


def test_no_lock(opened, models):
    assert opened([models / "m.h5"], "inspect", "--no-lock", models / "m.h5") == [PLAIN]


def test_weights_with_an_architecture(opened, models, tmp_path):
    files = [models / "m.weights.h5", models / "m.keras"]
    assert opened(files, "run", files[0], "--cfg", files[1], "--input", models / "x.npy", "--output", tmp_path / "y") == [LOCKED, PLAIN]
    # As the candidate, and as the architecture.
    assert opened(files, "validate", *files, "--cfg", files[1]) == [LOCKED, PLAIN + PLAIN]


def test_validate_of_two(opened, models):
    files = [models / "m.h5", models / "m.keras"]
    assert opened(files, "validate", *files) == [LOCKED, PLAIN]
    assert opened(files[:1], "validate", files[0], files[0]) == [LOCKED]


def test_darknet(opened, workplace):
    out = workplace.out / "m.h5"
    files = [workplace.weights, workplace.cfg, out]
    for named in ([], ["--cfg", workplace.cfg]):
        assert opened(files, "inspect", workplace.weights, *named) == [PLAIN, PLAIN, 0]
        assert opened(files[:2], "convert", workplace.weights, out, "--force", *named) == [PLAIN, PLAIN]
        assert opened(files, "validate", workplace.weights, out, *named) == [PLAIN, PLAIN, LOCKED]
        assert opened(files[:2], "validate", workplace.weights, workplace.weights, *named) == [PLAIN, PLAIN]
        assert opened(files[1:], "convert", out, workplace.out / "back.weights", "--force", *named) == [len(named) // 2, LOCKED]
    assert opened(files[:2], "validate", workplace.weights, workplace.out / "back.weights") == [PLAIN, PLAIN]
    assert opened(files[1:2], "inspect", workplace.cfg) == [PLAIN]
    assert opened(files[1:2], "convert", workplace.cfg, workplace.out / "copy.cfg") == [PLAIN]


def test_named_tensors(nnfmt, opened, models, sample, tmp_path):
    tensors, network = tmp_path / "m.safetensors", tmp_path / "n.safetensors"
    nnfmt("convert", models / "m.h5", tensors)
    nnfmt("convert", sample[1], network, "--cfg", sample[0])
    config = ("--cfg", models / "m.h5")
    assert opened([tensors], "inspect", tensors, "--hash") == [PLAIN]
    assert opened([tensors], "run", tensors, *config, "--input", models / "x.npy", "--output", tmp_path / "y") == [PLAIN]
    assert opened([tensors, models / "m.keras"], "validate", tensors, models / "m.keras") == [PLAIN, PLAIN]
    assert opened([tensors], "convert", tensors, tmp_path / "t.weights", *config) == [PLAIN]
    assert opened([network, sample[1]], "validate", network, sample[1], "--cfg", sample[0]) == [PLAIN, PLAIN]
    assert opened([network], "convert", network, tmp_path / "n.weights", "--cfg", sample[0]) == [PLAIN]
