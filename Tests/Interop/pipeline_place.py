"""A folder in which a sample of `samples/pipelines` runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLES = ROOT / "samples/pipelines"

# `convert` takes a moment more, so that a run can be stopped half-way. A call that ends is noted as such.
WRAPPER = """#!/bin/sh
echo "begin $1 $2" >> "$CALLS"
[ "$1" != convert ] || sleep "${DELAY:-0}"
"{nnfmt}" "$@" || exit
echo "end $1 $2" >> "$CALLS"
"""


class PipelinePlace:
    """The folder, a place for models, and an `nnfmt` in the PATH that notes what it was asked for."""

    def __init__(self, folder, nnfmt):
        self.folder, self.programs, self.calls = folder / "work", folder / "bin", folder / "calls"
        self.folder.mkdir()
        self.programs.mkdir()
        self.calls.touch()
        self.put_program("nnfmt", WRAPPER.replace("{nnfmt}", str(Path(nnfmt).resolve())))
        tools = Path(sys.executable).parent
        self.environment = {
            **os.environ, "CALLS": str(self.calls), "HOME": str(folder), "PYTHONWARNINGS": "ignore",
            "PATH": f"{self.programs}:{tools}:{os.environ['PATH']}"}

    def put_program(self, name, text):
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def put_model(self, path, change=0):
        """The sample, with one number changed so that no two models are the same file."""
        target = self.folder / path
        target.parent.mkdir(exist_ok=True)
        content = bytearray((ROOT / "samples/sample.weights").read_bytes())
        content[-4] ^= change
        target.write_bytes(content)
        shutil.copy(ROOT / "samples/sample.cfg", target.with_suffix(".cfg"))
        return target

    def __call__(self, *command, code=0, **changes):
        done = subprocess.run(list(map(str, command)), cwd=self.folder, env={**self.environment, **changes},
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        said = done.stdout.decode() + done.stderr.decode()
        if code is not None:
            assert done.returncode == code, said
        return done.stdout.decode(), said

    def count(self, *words):
        """How often nnfmt was called so."""
        return self.calls.read_text().splitlines().count(" ".join(words))
