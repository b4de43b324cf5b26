"""An input's declared type counts: both Kerases bring what they are given to it first."""

import numpy as np
import pytest

from frameworks import module

VALUES = np.array([[1.7, -2.5, 0.3, 100.9], [-0.5, 3.0, 2.999, 0.0]], np.float32)


@pytest.mark.parametrize("framework", ["Keras 3", "Keras 2"])
@pytest.mark.parametrize("dtype", ["int32", "int64", "int8", "bool", "float32", "float16"])
def test_fractions_for_whole_inputs(nnfmt, tmp_path, framework, dtype):
    keras = module(framework)
    keras.utils.set_random_seed(5)
    taken = keras.Input((4,), dtype=dtype)
    model = keras.Model(taken, keras.layers.Dense(3)(taken))
    file = tmp_path / "m.h5"
    model.save(file)
    np.save(tmp_path / "x.npy", VALUES)
    nnfmt("run", file, "--input", tmp_path / "x.npy", "--output", tmp_path / "y")
    expected = model.predict(VALUES, verbose=0)
    np.testing.assert_allclose(np.load(tmp_path / "y/output_0.npy"), expected, rtol=2e-6, atol=2e-6)


def test_numbers_that_the_type_lacks(nnfmt, tmp_path):
    keras = module("Keras 3")
    taken = keras.Input((4,), dtype="uint8")
    keras.Model(taken, keras.layers.Dense(3)(taken)).save(tmp_path / "m.keras")
    np.save(tmp_path / "x.npy", VALUES)
    answer = nnfmt("run", tmp_path / "m.keras", "--input", tmp_path / "x.npy", "--output", tmp_path / "y", code=65)
    assert "a number of uint8" in answer.err and "-2.5" in answer.err


def test_models_of_other_types_do_not_match(nnfmt, tmp_path):
    keras = module("Keras 3")
    for name, dtype in (("whole", "int32"), ("wide", "int64"), ("fractions", "float32")):
        keras.utils.set_random_seed(5)
        taken = keras.Input((4,), dtype=dtype)
        keras.Model(taken, keras.layers.Dense(3)(taken)).save(tmp_path / f"{name}.keras")
    nnfmt("validate", tmp_path / "whole.keras", tmp_path / "whole.keras")
    answer = nnfmt("validate", tmp_path / "whole.keras", tmp_path / "fractions.keras", "--json", code=1).json
    assert [found["option"] for found in answer["differences"]] == ["dtype"]
    nnfmt("validate", tmp_path / "whole.keras", tmp_path / "wide.keras", code=1)
