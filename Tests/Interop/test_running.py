"""nnfmt computes what Keras computes: small models of every stock layer, in every container.

The models come from `keras_models`, which two processes run side by side; what nnfmt answers is compared with what
the model itself answered when it was saved.
"""

import concurrent.futures
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from keras_models.collection import all_files
from keras_models.making import scaled_error
from keras_models.not_computed import NOT_COMPUTED, NOT_COMPUTED_FILES

pytestmark = pytest.mark.long

HERE = Path(__file__).resolve().parent
PROCESSES = 2

# The classes that nnfmt documents as refused: what they compute is in no file.
REFUSED = {
    "Lambda": "a function of the user's, saved as Python bytecode",
    "Doubled": "a class of the user's",
}

FILES = {f"{case.id}-{container}": case for case, container in all_files()}
UNKNOWN = [name for name, case in FILES.items() if case.id in NOT_COMPUTED or name in NOT_COMPUTED_FILES]
COMPUTED = [name for name, case in FILES.items() if not case.refused and name not in set(UNKNOWN)]
REFUSING = [name for name, case in FILES.items() if case.refused]
# LoRA's variables stand in no file but an `.h5`, those of a model that was never called in none.
COUNTED = [name for name, case in FILES.items() if name in NOT_COMPUTED_FILES or (
    case.family in ("normalizations", "function_layers") and case.name != "never_called")]
WITH_LAYERS = [name for name, case in FILES.items() if case.layers]


class Written:
    """The models that the chosen tests need, and nnfmt's answers to their inputs, which are worked out ahead."""

    def __init__(self, root, names, nnfmt):
        self.root, self.nnfmt = root, nnfmt
        self.entries, self.faults = {}, {}
        (root / "names").write_text("\n".join(names))
        parts = [self.start(root / str(part), part) for part in range(PROCESSES)]
        for folder, process in parts:
            said = process.communicate()[0]
            assert process.returncode == 0, f"the models could not be written:\n{said}"
            for entry in json.loads((folder / "manifest.json").read_text()):
                self.entries[entry["name"]] = (folder, entry)
            self.faults |= {fault["name"]: fault["why"] for fault in json.loads((folder / "skipped.json").read_text())}
        self.pool = concurrent.futures.ThreadPoolExecutor(PROCESSES)
        self.answers = {name: self.pool.submit(self.run, name) for name in names if name in self.entries}

    def start(self, folder, part):
        command = [sys.executable, HERE / "keras_models", folder, "--unchecked", "--only", self.root / "names",
                   "--part", f"{part}/{PROCESSES}"]
        return folder, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def entry(self, name):
        assert name in self.entries, f"Keras could not write it: {self.faults.get(name)}"
        return self.entries[name]

    def run(self, name, *more):
        """nnfmt's answer to the model's inputs, and the folder that it was told to write into."""
        folder, entry = self.entries[name]
        out = Path(tempfile.mkdtemp(dir=self.root))
        arguments = ["run", folder / entry["file"], *(["--cfg", folder / entry["cfg"]] if entry["cfg"] else [])]
        for path in entry["inputs"]:
            arguments += ["--input", folder / path]
        return self.nnfmt(*arguments, "--output", out / "y", *more, code=None), out / "y"


@pytest.fixture(scope="module")
def written(request, nnfmt):
    names = [item.callspec.params["name"] for item in request.session.items if item.path == Path(__file__)]
    with tempfile.TemporaryDirectory(prefix="nnfmt-running-") as root:
        made = Written(Path(root), list(dict.fromkeys(names)), nnfmt)
        yield made
        made.pool.shutdown(cancel_futures=True)


def compare(path, want, tolerance, what):
    assert path.exists(), f"{what}: no {path.name}"
    got = np.load(path)
    assert got.dtype == np.float32, f"{what} is {got.dtype}"
    assert got.shape == want.shape, f"{what} has the shape {got.shape}, expected {want.shape}"
    gap = scaled_error(got, want)
    assert gap <= tolerance, f"{what}: off by {gap:.3g}, allowed {tolerance:.3g}"


@pytest.mark.parametrize("name", COMPUTED)
def test_outputs(name, written):
    folder, entry = written.entry(name)
    answer, out = written.answers[name].result()
    assert answer.code == 0, f"exit {answer.code}: {answer.err}"
    assert len(list(out.iterdir())) == len(entry["outputs"])
    for index, path in enumerate(entry["outputs"]):
        compare(out / f"output_{index}.npy", np.load(folder / path), entry["tolerance"], f"output {index}")


@pytest.mark.parametrize("name", WITH_LAYERS)
def test_layers(name, written):
    folder, entry = written.entry(name)
    answer, out = written.run(name, "--layers", "all")
    assert answer.code == 0, f"exit {answer.code}: {answer.err}"
    for layer, path in entry["layers"].items():
        compare(out / f"{layer}.npy", np.load(folder / path), entry["tolerance"], layer)


@pytest.mark.parametrize("name", COUNTED)
def test_parameter_count(name, written):
    folder, entry = written.entry(name)
    cfg = ["--cfg", folder / entry["cfg"]] if entry["cfg"] else []
    assert written.nnfmt("inspect", folder / entry["file"], *cfg, "--json").json["parameter_count"] == entry["parameters"]


@pytest.mark.parametrize("name", UNKNOWN)
def test_not_computed(name, written):
    written.entry(name)
    answer, out = written.answers[name].result()
    assert answer.code == 69, f"exit {answer.code}: {answer.err}"
    assert not out.exists()


@pytest.mark.parametrize("name", REFUSING)
def test_refused(name, written):
    folder, entry = written.entry(name)
    assert entry["refused"] in REFUSED
    answer, out = written.answers[name].result()
    assert answer.code == 69, f"exit {answer.code}: {answer.err}"
    assert entry["refused"] in answer.err, f"refused without naming the class: {answer.err}"
    assert not out.exists()
    assert written.nnfmt("inspect", folder / entry["file"], "--json").json["parameter_count"] == entry["parameters"]
