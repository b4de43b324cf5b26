"""What the interop tests share: the nnfmt binary, the sample, the corpus, a folder for each test."""

import os
import signal
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

# nohup and `&` in a script hand on that Ctrl-C is ignored, and nnfmt heeds that: tests that interrupt it would wait for ever.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

# Before any test imports TensorFlow: silent, on the CPU, and in the order of summation of plain code.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

from nnfmt_command import Nnfmt  # noqa: E402
from pipeline_place import PipelinePlace  # noqa: E402
from workplace import Workplace  # noqa: E402

@pytest.fixture(scope="session")
def nnfmt():
    binary = Path(os.environ.get("NNFMT") or ROOT / ".build/release/nnfmt")
    assert os.access(binary, os.X_OK), f"no nnfmt at {binary}: build it with `swift build -c release`"
    return Nnfmt(binary)


@pytest.fixture(scope="module")
def darknet():
    """Real darknet, pjreddie's, in a process of its own."""
    from random_darknet.library import LibraryOfItsOwn
    library = LibraryOfItsOwn()
    yield library
    library.close()


@pytest.fixture
def sample():
    return ROOT / "samples" / "sample.cfg", ROOT / "samples" / "sample.weights"


@pytest.fixture
def note(request):
    """Takes lines that a test wants in the output even when it passes ("8 of 8 detectors agree")."""
    # With the report they come out of the process that ran the test.
    return lambda line: request.node.user_properties.append(("note", line))


@pytest.fixture
def corpus():
    folder = Path(os.environ.get("NNFMT_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip(f"NO CORPUS at {folder}: set NNFMT_CORPUS")
    return folder


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_terminal_summary(terminalreporter):
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        for name, line in report.user_properties:
            if name == "note" and report.when == "call":
                terminalreporter.write_line(line)
    for report in terminalreporter.stats.get("skipped", []):
        terminalreporter.write_line(f"SKIPPED {report.nodeid}: {report.longrepr[2]}")


@pytest.fixture
def workplace(tmp_path):
    return Workplace(tmp_path)


@pytest.fixture
def place(tmp_path, nnfmt):
    return PipelinePlace(tmp_path, nnfmt.binary)
