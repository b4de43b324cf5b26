"""Out of open files, memory, disk; an input that changes; what a killed run leaves: exit 74 with the cause, or none of
it seen."""

import contextlib
import os
import resource
import signal
import subprocess
import time

import numpy as np
import pytest

from networks import conv, section
from test_cli_interruptions import conversion, large, tiny_disk  # noqa: F401


def limited(which, amount):
    return lambda: resource.setrlimit(which, (amount, amount))


@pytest.mark.parametrize("files", [4, 6, 7, 12])
def test_open_files(nnfmt, workplace, conversion, files):
    source, name = conversion
    answer = nnfmt("convert", source, workplace.out / name, code=74,
                   preexec_fn=limited(resource.RLIMIT_NOFILE, files))
    assert "ulimit -n" in answer.err
    assert workplace.left == []


@pytest.mark.parametrize("kilobytes", [60_000, 80_000, 100_000, 120_000, 140_000, 200_000, 300_000])
def test_memory(nnfmt, workplace, conversion, kilobytes):
    """Done, or refused with the cause; with less, not even the system's loader starts a program."""
    source, name = conversion
    answer = nnfmt("convert", source, workplace.out / name, code=None,
                   preexec_fn=limited(resource.RLIMIT_AS, kilobytes * 1024))
    assert answer.code in (0, 74), answer.err
    if answer.code:
        assert "ulimit -v" in answer.err and workplace.left == []


def test_memory_of_a_deep_network(nnfmt, workplace):
    """Many small allocations, of which any may fail, deep in Swift's runtime or in libhdf5."""
    layers = 3000
    workplace.write("deep.cfg", (section("net", width=8, height=8, channels=4) + conv(4) * layers).encode())
    weights = workplace.write("deep.weights", workplace.bytes[:20])
    os.truncate(weights, 20 + 4 * layers * (4 * 4 * 9 + 4))
    codes = set()
    # A release needs less than a debug build.
    for megabytes in range(60, 150, 6):
        answer = nnfmt("convert", weights, workplace.out / "deep.h5", "--force", code=None,
                       preexec_fn=limited(resource.RLIMIT_AS, megabytes << 20))
        codes.add(answer.code)
        assert answer.code in (0, 74), answer.err
        assert set(workplace.left) <= {"deep.h5"}
    assert codes == {0, 74}


def test_memory_of_a_large_tensor(nnfmt, workplace, large):
    answer = nnfmt("convert", large, workplace.out / "large.h5", code=74,
                   preexec_fn=limited(resource.RLIMIT_AS, 250 << 20))
    assert "not enough memory" in answer.err
    assert workplace.left == []


def test_full_disk_in_one_sentence(nnfmt, conversion, tiny_disk):
    source, name = conversion
    answer = nnfmt("convert", source, tiny_disk / name, code=74)
    assert "H5" not in answer.err and "free some space" in answer.err
    assert answer.err.count("\n") == 3


@pytest.mark.parametrize("size", [0, 100, 1024, 3000])
def test_a_limit_on_the_size_of_files(nnfmt, workplace, conversion, size):
    """Of an .h5 libhdf5 writes the first bytes when it creates the file."""
    source, name = conversion
    answer = nnfmt("convert", source, workplace.out / name, code=74,
                   preexec_fn=limited(resource.RLIMIT_FSIZE, size))
    assert "H5" not in answer.err and "ulimit -f" in answer.err and ".partial" not in answer.err
    assert answer.err.count("\n") == 3
    assert workplace.left == []


def test_a_run_that_fails_leaves_no_folder(nnfmt, workplace, sample):
    """Unless it was there, or somebody else put something into it."""
    x = workplace.out / "x.npy"
    np.save(x, np.zeros((3, 96, 96), np.float32))
    arguments = ["run", sample[1], "--input", x, "--layers", "all", "--output", workplace.out / "new"]
    nnfmt(*arguments, code=74, preexec_fn=limited(resource.RLIMIT_FSIZE, 40_000))
    assert workplace.left == ["x.npy"]
    (workplace.out / "new").mkdir()
    nnfmt(*arguments, code=74, preexec_fn=limited(resource.RLIMIT_FSIZE, 40_000))
    assert list((workplace.out / "new").iterdir()) == []


def partials(workplace):
    return [name for name in workplace.left if name.startswith(".large.h5.") and name.endswith(".partial")]


def held_partials(workplace):
    """Those that their process has locked; until then another run may remove them, and they are made anew."""
    with open("/proc/locks") as listing:
        locked = {int(line.split(":")[-1].split()[0]) for line in listing if "FLOCK" in line}
    held = []
    for name in partials(workplace):
        with contextlib.suppress(FileNotFoundError):
            if (workplace.out / name).stat().st_ino in locked:
                held.append(name)
    return held


def started(nnfmt, workplace, *arguments):
    """A conversion that has begun to write."""
    process = subprocess.Popen([nnfmt.binary, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not held_partials(workplace) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    assert process.poll() is None
    return process


@pytest.mark.parametrize("change", [b"other numbers", None], ids=["overwritten", "touched"])
def test_an_input_that_changes(nnfmt, workplace, large, change):
    process = started(nnfmt, workplace, "convert", large, workplace.out / "large.h5")
    with open(large, "r+b") as file:
        if change:
            file.seek(-100, os.SEEK_END)
            file.write(change)
        else:
            os.utime(large)
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate(timeout=100)
    assert process.returncode == 74, said
    assert b"was changed while it was read" in said and b"large.weights" in said
    assert workplace.left == []


def test_what_a_killed_run_leaves(nnfmt, workplace, large, sample):
    """The next run to the same name removes it; not what a run that is still at work writes."""
    killed = started(nnfmt, workplace, "convert", large, workplace.out / "large.h5")
    killed.kill()
    killed.communicate(timeout=60)
    assert partials(workplace)
    (workplace.out / ".other.h5.abc.partial").write_bytes(b"of another output")
    (workplace.out / ".large.h5.notes").write_bytes(b"somebody's")
    nnfmt("convert", sample[1], workplace.out / "large.h5")
    assert sorted(workplace.left) == [".large.h5.notes", ".other.h5.abc.partial", "large.h5"]
    (workplace.out / "large.h5").unlink()

    living = started(nnfmt, workplace, "convert", large, workplace.out / "large.h5")
    written = partials(workplace)
    nnfmt("convert", sample[1], workplace.out / "large.h5")
    assert partials(workplace) == written
    living.send_signal(signal.SIGCONT)
    living.communicate(timeout=100)
    assert living.returncode == 73, "the name was taken meanwhile"
