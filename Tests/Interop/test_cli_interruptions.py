"""A conversion that is cut short, by Ctrl-C or by a full disk, leaves nothing behind."""

import os
import resource
import signal
import subprocess
import time

import pytest

from networks import conv, section

FILTERS = 1900
LARGE = section("net", width=16, height=16, channels=3) + conv(FILTERS) + conv(FILTERS) * 2
LARGE_FLOATS = 3 * FILTERS + 27 * FILTERS + 2 * 9 * FILTERS**2


@pytest.fixture
def large(workplace):
    """260 MB of weights: zeros in a sparse file, which is as long to write elsewhere as any others."""
    workplace.write("large.cfg", LARGE.encode())
    weights = workplace.write("large.weights", workplace.bytes[:20])
    os.truncate(weights, 20 + 4 * LARGE_FLOATS)
    yield weights
    weights.unlink()


def interrupt(nnfmt, workplace, source, target, number=signal.SIGINT):
    """Ctrl-C or another signal as soon as anything appears in the output folder."""
    process = subprocess.Popen(
        [nnfmt.binary, "convert", source, target], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not workplace.left and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number, said.decode()
    assert workplace.left == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupt(nnfmt, workplace, large, number):
    interrupt(nnfmt, workplace, large, workplace.out / "large.h5", number)


def test_interrupt_on_the_way_back(nnfmt, workplace, large):
    model = workplace.inputs / "large.h5"
    nnfmt("convert", large, model)
    interrupt(nnfmt, workplace, model, workplace.out / "back.weights")
    model.unlink()


def test_interrupt_spares_what_is_replaced(nnfmt, workplace, large):
    """With --force, the earlier output stays until the new one is whole."""
    existing = workplace.out / "large.h5"
    existing.write_bytes(b"mine")
    process = subprocess.Popen(
        [nnfmt.binary, "convert", large, existing, "--force"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while workplace.left == ["large.h5"] and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said.decode()
    assert workplace.left == ["large.h5"] and existing.read_bytes() == b"mine"


@pytest.fixture(params=["weights to h5", "h5 to weights"])
def conversion(request, nnfmt, sample, workplace):
    """The sample (350 KB) in either direction: source and name of the target."""
    if request.param == "weights to h5":
        return sample[1], "sample.h5"
    nnfmt("convert", sample[1], workplace.inputs / "sample.h5")
    return workplace.inputs / "sample.h5", "back.weights"


@pytest.fixture
def tiny_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no tmpfs can be mounted here; the limit on file sizes tests the same")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_disk_full(nnfmt, conversion, tiny_disk):
    source, name = conversion
    answer = nnfmt("convert", source, tiny_disk / name, code=74)
    assert name in answer.err
    assert list(tiny_disk.iterdir()) == []


def test_file_size_limit(nnfmt, workplace, conversion):
    """`ulimit -f`: a write fails part way with an error other than a full disk's."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    source, name = conversion
    nnfmt("convert", source, workplace.out / name, code=74, preexec_fn=limit)
    assert workplace.left == []
