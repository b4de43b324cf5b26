"""What darknet has no layer for is put together of layers that it has: real Keras and real darknet compute the same.

The network in pjreddie's dialect is loaded by Debian's libdarknet.so as any other would be, without the mending of memory
that the random networks need; that in AlexeyAB's is computed by the darknet of numpy. `nnfmt run` computes both."""

import random

import numpy as np
import pytest

import darknet_numpy
from frameworks import module, outputs
from random_darknet.library import LibraryOfItsOwn
from rewritten_layers import FAMILIES, model, sample
from seed import SEED

COUNT = 12
# As for the models of test_keras_to_darknet.py.
TOLERANCE = 2e-6


@pytest.fixture(scope="module")
def darknet():
    library = LibraryOfItsOwn()
    yield library
    library.close()


def planar(y):
    return y.transpose(0, 3, 1, 2) if y.ndim == 4 else y


def gap(got, want):
    return np.abs(np.asarray(got).reshape(want.shape) - want).max() / (1 + np.abs(want).max())


@pytest.mark.parametrize("dialect", ["pjreddie", "alexeyab"])
@pytest.mark.parametrize("family", FAMILIES)
def test_random_layers(nnfmt, tmp_path, darknet, family, dialect, note):
    largest, refused = 0, 0
    for number in range(COUNT):
        draw = random.Random(f"{SEED} {family} {dialect} {number}")
        generation = "Keras 3" if family == "function_of_three" else draw.choice(("Keras 2", "Keras 3"))
        k = module(generation)
        try:
            made = model(k, family, draw, dialect)
        except Exception as failure:
            # Keras itself has no such layer: nothing is left of the image.
            assert any(word in str(failure) for word in ("negative", "larger", "greater", "Negative", "crop", "strides")), failure
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        made.save(folder / "m.h5" if generation == "Keras 2" else folder / "m.keras")
        path = next(folder.iterdir())
        answer = nnfmt("convert", path, folder / "out.weights", "--dialect", dialect, code=None)
        if answer.code == 69:
            refused += 1
            assert_reason(answer.err, dialect, number)
            continue
        assert answer.code == 0, (number, answer.err)
        x = sample(made, draw)
        want = planar(outputs(made, x)[0])
        np.save(folder / "x.npy", x)
        files = (folder / "out.weights", "--cfg", folder / "out.cfg", "--dialect", dialect)
        nnfmt("run", *files, "--input", folder / "x.npy", "--output", folder / "y")
        got = {"run": np.load(folder / "y/output_0.npy")}
        cfg = folder / "out.cfg"
        if dialect == "pjreddie":
            outcome = darknet.compute(cfg, folder / "out.weights", x)
            assert outcome.ending == "computed", (number, outcome.ending, outcome.said[-300:])
            got["darknet"] = outcome.layers[-1]["values"]
        else:
            source = darknet_numpy.FileSource(folder / "out.weights")
            got["numpy"] = darknet_numpy.forward(cfg.read_text(), source, x, dialect).layers[-1]
        for who, y in got.items():
            assert gap(y, want) <= TOLERANCE, (number, who, gap(y, want), cfg.read_text())
            largest = max(largest, gap(y, want))
        nnfmt("validate", path, folder / "out.weights", "--dialect", dialect)
    note(f"{family}, {dialect}: largest difference {largest:.1e}, {refused} of {COUNT} refused")


def assert_reason(said, dialect, number):
    """What has no form: two strides in pjreddie's darknet, oblong maxima, windows with no cell of the image."""
    assert "option 'strides'" in said or "option 'pool_size'" in said, (number, said)
