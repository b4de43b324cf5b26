"""Each small network: nnfmt converts it, both Kerases answer as darknet would, and the way back is exact."""

import numpy as np
import pytest

import darknet_numpy
from frameworks import FRAMEWORKS, assert_equal, predict
from networks import NETWORKS


def write_case(network, folder, name):
    """m.cfg, m.weights, an input and what darknet answers to it."""
    seed = sum(name.encode())
    x = np.random.default_rng(seed).normal(0.4, 0.6, (2, *darknet_numpy.input_shape(network.cfg))).astype(np.float32)
    source = darknet_numpy.RandomSource(seed, network.variances)
    with np.errstate(all="ignore"):
        want = darknet_numpy.forward(network.cfg, source, x, network.dialect)
    (folder / "m.cfg").write_text(network.cfg)
    (folder / "m.weights").write_bytes(source.file_bytes())
    return x, want.model_outputs


@pytest.mark.parametrize("name", NETWORKS)
def test_network(name, nnfmt, tmp_path):
    network = NETWORKS[name]
    x, want = write_case(network, tmp_path, name)
    model = tmp_path / "m.h5"
    answer = nnfmt("convert", tmp_path / "m.weights", model, "--dialect", network.dialect, code=None)
    if answer.code == 69 and network.may_refuse:
        assert "[" in answer.err or "_" in answer.err, f"refused without naming a layer: {answer.err}"
        assert not model.exists()
        return
    assert answer.code == 0, answer.err

    for framework in FRAMEWORKS:
        assert_equal(predict(framework, model, x), want, 2e-5, framework)

    # Neither --cfg nor --dialect: both are carried.
    back = tmp_path / "back.weights"
    nnfmt("convert", model, back)
    assert back.read_bytes() == (tmp_path / "m.weights").read_bytes()
    assert (tmp_path / "back.cfg").exists()
