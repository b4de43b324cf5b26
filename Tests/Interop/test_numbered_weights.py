"""Keras 3's `.weights.h5` has numbers in place of names: beside a cfg, layers are found as Keras itself finds them."""

import os

import numpy as np

BRANCHES = """[net]
width=8
height=8
channels=3
[convolutional]
batch_normalize=1
filters=4
size=3
pad=1
activation=leaky
[convolutional]
filters=4
size=3
pad=1
activation=linear
[route]
layers=-2
[convolutional]
filters=4
size=3
pad=1
activation=linear
[convolutional]
filters=4
size=3
pad=1
activation=mish
[shortcut]
from=1
activation=linear
"""


def saved_by_keras(source, target):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    keras.saving.load_model(source, compile=False).save_weights(target)


def test_branches_of_one_shape(nnfmt, tmp_path):
    """Four kernels of the same shape, in an order that the cfg does not have."""
    cfg, weights = tmp_path / "m.cfg", tmp_path / "m.weights"
    cfg.write_text(BRANCHES)
    count = nnfmt("inspect", cfg, "--json").json["parameter_count"]
    numbers = np.random.default_rng(5).uniform(0.5, 1, count).astype(np.float32)
    weights.write_bytes(np.array([0, 2, 5, 0, 0], np.int32).tobytes() + numbers.tobytes())
    nnfmt("convert", weights, tmp_path / "m.h5")
    saved_by_keras(tmp_path / "m.h5", tmp_path / "m.weights.h5")
    answer = nnfmt("convert", tmp_path / "m.weights.h5", tmp_path / "back.weights", "--cfg", cfg)
    assert "by class and number" in answer.err
    nnfmt("validate", weights, tmp_path / "back.weights", "--cfg", cfg)


def test_networks_of_the_corpus(nnfmt, corpus, tmp_path, note):
    found = 0
    for folder in sorted((corpus / "darknet/random").iterdir()):
        cfg, weights, out = folder / "model.cfg", folder / "model.weights", tmp_path / folder.name
        out.mkdir()
        model = out / "m.h5"
        if nnfmt("convert", weights, model, "--cfg", cfg, code=None).code:
            continue
        saved_by_keras(model, out / "m.weights.h5")
        answer = nnfmt("convert", out / "m.weights.h5", out / "back.weights", "--cfg", cfg, code=None)
        if answer.code:
            assert "nothing that the outputs need depends on this layer" in answer.err
            continue
        nnfmt("validate", weights, out / "back.weights", "--cfg", cfg)
        found += 1
    note(f"numbered weights beside a cfg: {found} networks come back")
    assert found > 0


def test_weights_that_the_network_has_no_place_for(nnfmt, tmp_path):
    """One layer less than the file has: nothing is left out in silence."""
    cfg, weights = tmp_path / "m.cfg", tmp_path / "m.weights"
    cfg.write_text(BRANCHES)
    count = nnfmt("inspect", cfg, "--json").json["parameter_count"]
    weights.write_bytes(np.array([0, 2, 5, 0, 0], np.int32).tobytes() + np.ones(count, np.float32).tobytes())
    nnfmt("convert", weights, tmp_path / "m.h5")
    saved_by_keras(tmp_path / "m.h5", tmp_path / "m.weights.h5")
    smaller = tmp_path / "smaller.cfg"
    smaller.write_text(BRANCHES.rsplit("[convolutional]", 1)[0])
    for model in ("m.h5", "m.weights.h5"):
        answer = nnfmt("convert", tmp_path / model, tmp_path / "out.weights", "--cfg", smaller, code=65)
        assert "check that the checkpoint belongs to this cfg" in answer.err
        assert not (tmp_path / "out.weights").exists()
