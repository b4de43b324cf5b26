"""The README's examples of the library: they are what is built and run here, and give what the command gives."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from nnfmt_command import Nnfmt

EXAMPLE = ROOT / "Tests/ReadmeExample/main.swift"
VALIDATION = ROOT / "Tests/ReadmeValidation/main.swift"


@pytest.mark.parametrize("example", [EXAMPLE, VALIDATION], ids=lambda path: path.parent.name)
def test_the_readme_has_the_example(example):
    assert f"```swift\n{example.read_text()}```\n" in (ROOT / "README.md").read_text()


def run(example, nnfmt, folder):
    """What an example does in a folder."""
    binary = Path(nnfmt.binary).parent / example.parent.name
    if not os.access(binary, os.X_OK):
        pytest.skip(f"NO EXAMPLE at {binary}: nnfmt was built elsewhere")
    said = Nnfmt.started([str(binary)], {"cwd": folder})
    assert said.returncode == 0, said.stderr.decode()
    return said


def test_the_example_validates(nnfmt, sample, tmp_path):
    """It says what its remark says, and something else of another model."""
    for path in sample:
        shutil.copy(path, tmp_path)
    nnfmt("convert", tmp_path / "sample.weights", tmp_path / "sample.h5")
    said = run(VALIDATION, nnfmt, tmp_path).stdout.decode()
    assert VALIDATION.read_text().endswith(f"// {said}")
    content = bytearray((tmp_path / "sample.weights").read_bytes())
    content[-3] ^= 0x40
    (tmp_path / "sample.weights").write_bytes(content)
    differs = nnfmt("validate", tmp_path / "sample.weights", tmp_path / "sample.h5", "--json", code=1).json["first_difference"]
    assert run(VALIDATION, nnfmt, tmp_path).stdout.decode() == f"false {differs}\n"


def test_the_example_predicts(nnfmt, tmp_path):
    said = run(EXAMPLE, nnfmt, ROOT / "samples")
    np.save(tmp_path / "x.npy", np.full((3, 96, 96), 0.5, np.float32))
    nnfmt("run", ROOT / "samples/sample.weights", "--input", tmp_path / "x.npy", "--output", tmp_path / "out")
    shapes = [list(np.load(tmp_path / f"out/output_{n}.npy").shape) for n in range(2)]
    assert said.stdout.decode() == f"{shapes}\n"
    # The example says in a remark what it prints.
    assert EXAMPLE.read_text().endswith(f"// {shapes}\n")
