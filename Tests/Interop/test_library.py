"""The README's example of the library: it is what is built and run here, and gives what the command gives."""

import os
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from nnfmt_command import Nnfmt

EXAMPLE = ROOT / "Tests/ReadmeExample/main.swift"


def test_the_readme_has_the_example():
    assert f"```swift\n{EXAMPLE.read_text()}```\n" in (ROOT / "README.md").read_text()


def test_the_example_predicts(nnfmt, tmp_path):
    binary = Path(nnfmt.binary).parent / "ReadmeExample"
    if not os.access(binary, os.X_OK):
        pytest.skip(f"NO EXAMPLE at {binary}: nnfmt was built elsewhere")
    said = Nnfmt.started([str(binary)], {"cwd": ROOT / "samples"})
    assert said.returncode == 0, said.stderr.decode()
    np.save(tmp_path / "x.npy", np.full((3, 96, 96), 0.5, np.float32))
    nnfmt("run", ROOT / "samples/sample.weights", "--input", tmp_path / "x.npy", "--output", tmp_path / "out")
    shapes = [list(np.load(tmp_path / f"out/output_{n}.npy").shape) for n in range(2)]
    assert said.stdout.decode() == f"{shapes}\n"
    # The example says in a remark what it prints.
    assert EXAMPLE.read_text().endswith(f"// {shapes}\n")
