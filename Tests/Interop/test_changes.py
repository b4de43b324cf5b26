"""A value changed in the .h5 arrives in the .weights, and nothing else moves."""

import h5py
import numpy as np
import pytest

import darknet_numpy
from frameworks import assert_equal, predict
from networks import conv, section

CFG = "\n".join((
    section("net", width=8, height=6, channels=3),
    conv(4, 3, batch_normalize=1, activation="leaky"),
    conv(5, 1),
    section("connected", output=3, activation="linear"),
))
# The .weights file of CFG, array by array: darknet's order, written down by hand.
LAYOUT = np.dtype([
    ("header", "V20"),
    ("biases_0", "<f4", 4), ("scales_0", "<f4", 4), ("mean_0", "<f4", 4), ("variance_0", "<f4", 4),
    ("weights_0", "<f4", (4, 3, 3, 3)),
    ("biases_1", "<f4", 5), ("weights_1", "<f4", (5, 4, 1, 1)),
    ("biases_2", "<f4", 3), ("weights_2", "<f4", (3, 5, 6, 8)),
])
GAMMA, BETA, MEAN, VARIANCE = range(4)
KERNEL, BIAS = range(2)


class Case:
    """The converted model; `changed` edits one Keras weight, converts back and reads the result."""

    def __init__(self, nnfmt, folder, dialect, variances):
        self.nnfmt, self.folder, self.dialect = nnfmt, folder, dialect
        source = darknet_numpy.RandomSource(3, variances)
        darknet_numpy.forward(CFG, source, np.zeros((1, 3, 6, 8)), dialect)
        (folder / "m.cfg").write_text(CFG)
        (folder / "m.weights").write_bytes(source.file_bytes())
        self.model = folder / "m.h5"
        nnfmt("convert", folder / "m.weights", self.model, "--dialect", dialect)
        self.before = np.fromfile(folder / "m.weights", LAYOUT)[0]

    def changed(self, layer, weight, position, value):
        """Position in `weight_names` is Keras's only contract about which weight is which."""
        with h5py.File(self.model, "r+") as file:
            group = file["model_weights"][layer]
            name = group.attrs["weight_names"][weight]
            group[name][position] = value
        back = self.folder / "back.weights"
        self.nnfmt("convert", self.model, back)
        return np.fromfile(back, LAYOUT)[0]

    def differing(self, after):
        return [name for name in LAYOUT.names if self.before[name].tobytes() != after[name].tobytes()]


@pytest.fixture
def alexeyab(nnfmt, tmp_path):
    return Case(nnfmt, tmp_path, "alexeyab", (0.2, 2.0))


@pytest.fixture
def pjreddie(nnfmt, tmp_path):
    """With variances so small that Keras's form of batch norm can't take the arrays as they are."""
    return Case(nnfmt, tmp_path, "pjreddie", (1e-14, 1e-3))


@pytest.mark.parametrize("layer, weight, position, array, place", [
    ("convolutional_0", KERNEL, (0, 1, 2, 3), "weights_0", (3, 2, 0, 1)),
    ("convolutional_0_bn", GAMMA, (1,), "scales_0", (1,)),
    ("convolutional_0_bn", BETA, (2,), "biases_0", (2,)),
    ("convolutional_0_bn", MEAN, (3,), "mean_0", (3,)),
    ("convolutional_0_bn", VARIANCE, (0,), "variance_0", (0,)),
    ("convolutional_1", KERNEL, (0, 0, 3, 4), "weights_1", (4, 3, 0, 0)),
    ("convolutional_1", BIAS, (4,), "biases_1", (4,)),
    # Keras flattens H, W, C where darknet flattens C, H, W: row (y·8 + x)·5 + c.
    ("connected_2", KERNEL, ((2 * 8 + 7) * 5 + 3, 1), "weights_2", (1, 3, 2, 7)),
    ("connected_2", BIAS, (2,), "biases_2", (2,)),
])
def test_one_value(alexeyab, layer, weight, position, array, place):
    value = np.float32(0.8125)
    after = alexeyab.changed(layer, weight, position, value)
    assert after[array][place] == value
    assert alexeyab.differing(after) == [array]
    others = np.ones(after[array].shape, bool)
    others[place] = False
    assert np.array_equal(after[array][others], alexeyab.before[array][others])


def test_untouched_is_exact(pjreddie):
    back = pjreddie.folder / "back.weights"
    pjreddie.nnfmt("convert", pjreddie.model, back)
    assert back.read_bytes() == (pjreddie.folder / "m.weights").read_bytes()


@pytest.mark.parametrize("layer, weight, value", [
    ("convolutional_0_bn", GAMMA, 0.75), ("convolutional_0_bn", BETA, 0.75),
    ("convolutional_0_bn", MEAN, 0.75), ("convolutional_0_bn", VARIANCE, 0.5),
    ("convolutional_1", BIAS, 0.75),
])
def test_change_outdates_what_is_carried(pjreddie, layer, weight, value):
    """A carried original is of no use once its dataset has changed: the file must follow the dataset."""
    after = pjreddie.changed(layer, weight, (1,), np.float32(value))
    arrays = ["biases_0", "scales_0", "mean_0", "variance_0"] if layer.endswith("_bn") else ["biases_1"]
    moved = pjreddie.differing(after)
    assert moved and set(moved) <= set(arrays)

    x = np.random.default_rng(5).random((2, 3, 6, 8), np.float32)
    back = darknet_numpy.FileSource(pjreddie.folder / "back.weights")
    want = darknet_numpy.forward(CFG, back, x, "pjreddie").model_outputs
    for framework in ("Keras 2", "Keras 3"):
        assert_equal(predict(framework, pjreddie.model, x), want, 2e-5, framework)


def test_change_leaves_other_channels(pjreddie):
    """Whichever form the arrays of the changed layer take, the other channels mean what they meant."""
    def line(file):
        """Batch norm as slope and offset."""
        slope = file["scales_0"] / (np.sqrt(file["variance_0"].astype(np.float64)) + 1e-6)
        return slope, file["biases_0"] - slope * file["mean_0"]

    after = pjreddie.changed("convolutional_0_bn", VARIANCE, (1,), np.float32(0.5))
    others = [0, 2, 3]
    for mine, before in zip(line(after), line(pjreddie.before)):
        np.testing.assert_allclose(mine[others], before[others], rtol=1e-5)
