"""What `run` says of a run: times, layers, the engine, the largest numbers; and what an interrupted one leaves."""

import os
import re
import signal
import subprocess
import time

import numpy as np
import pytest

from networks import conv, section

CLASSIFIER = "\n".join((
    section("net", width=8, height=8, channels=3), conv(6, 3, activation="leaky"), section("connected", output=40, activation="linear"),
    section("softmax", groups=1)))


@pytest.fixture
def run(nnfmt, workplace):
    """`nnfmt run` on the workplace's detector, two pictures at a time."""
    np.save(workplace.inputs / "x.npy", np.random.default_rng(3).random((2, 3, 10, 12), np.float32))

    def run(*more, **options):
        return nnfmt("run", workplace.weights, "--input", workplace.inputs / "x.npy", "--output", workplace.out / "o", *more, **options)
    return run


def test_json(run, workplace):
    answer = run("--json", "--threads", 1)
    document = answer.json
    assert set(document) == {"model", "engine", "threads", "outputs", "warnings"}
    assert document["model"] == str(workplace.weights) and document["threads"] == 1
    assert document["outputs"] == [str(workplace.out / "o" / "output_0.npy")]
    assert np.load(document["outputs"][0]).shape == (2, 16, 10, 12)
    assert document["warnings"] == [] and answer.err == ""


def test_json_names_the_engine_that_was_asked_for(run):
    assert run("--json", "--engine", "reference").json["engine"] == "reference"


def test_a_machine_without_the_library(run, tmp_path):
    for version in (2, 3):
        (tmp_path / f"libdnnl.so.{version}").touch()
    answer = run("--json", env=os.environ | {"LD_LIBRARY_PATH": str(tmp_path), "NNFMT_ENGINE": "onednn"})
    assert answer.json["engine"] == "reference"
    warning, = answer.err.splitlines()
    assert warning.startswith("warning: oneDNN can't be used") and "file too short" in warning
    version, = re.findall(r"/libdnnl\.so\.(\d): ", warning)
    assert f"(install libdnnl{version})" in warning


@pytest.mark.parametrize("options, count", [(["--profile"], 1), (["--repeat", 3], 3), (["--profile", "--repeat", 4], 4)])
def test_json_of_times(run, nnfmt, workplace, options, count):
    document = run("--json", *options).json
    assert len(document["runs_ms"]) == count and min(document["runs_ms"]) > 0
    # Whatever is computed as one, each layer is told once or more, and the work is that of the network.
    names = [name for layer in document["layers"] for name in layer["name"].split(" + ")]
    known = nnfmt("inspect", workplace.weights, "--json").json["layers"]
    assert list(dict.fromkeys(names)) == [layer["name"] for layer in known]
    done = sum(layer["gflops"] * layer["ms"] * 1e6 for layer in document["layers"])
    assert done == pytest.approx(2 * sum(layer["flops"] for layer in known), rel=1e-6)
    if count == 1:
        assert sum(layer["ms"] for layer in document["layers"]) <= document["runs_ms"][0]


def test_each_layer_has_its_own_work(run, nnfmt, workplace):
    rows = run("--json", "--repeat", 2, "--engine", "reference").json["layers"]
    for row, layer in zip(rows, nnfmt("inspect", workplace.weights, "--json").json["layers"], strict=True):
        assert row["name"] == layer["name"]
        assert row["gflops"] * row["ms"] * 1e6 == pytest.approx(2 * layer["flops"], rel=1e-6)


def test_layers_of_a_nested_model_are_told_apart(nnfmt, corpus, workplace):
    case = corpus / "keras/models/nested_in_sequential"
    document = nnfmt("run", case / "k3_model.keras", "--input", case / "input.npy", "--output", workplace.out / "o",
                     "--profile", "--json", "--engine", "reference").json
    assert [layer["name"] for layer in document["layers"]] == ["enc/d", "enc/e", "dec"]


def test_passes_change_nothing(run, workplace):
    run()
    once = (workplace.out / "o/output_0.npy").read_bytes()
    run("--force", "--repeat", 5)
    assert (workplace.out / "o/output_0.npy").read_bytes() == once


def test_table(run):
    text = run("--profile", "--repeat", 5, "--engine", "reference").out.splitlines()
    assert text[0].split() == ["layer", "ms", "GFLOP/s", "of", "peak", "share"]
    assert [line.split()[0] for line in text[1:-3]] == ["convolutional_0", "convolutional_1", "convolutional_2", "yolo_3"]
    assert re.fullmatch(r"in all +\d+\.\d{3} +\d+\.\d\d +\d+\.\d % +100\.0 %", text[-3])
    # What a pass reaches is its part of the peak.
    rate, part = float(text[-3].split()[3]), float(text[-3].split()[4])
    peak = float(re.fullmatch(r"peak: (\d+\.\d\d) GFLOP/s in a convolution with kernels of one cell", text[-2])[1])
    assert part == pytest.approx(100 * rate / peak, abs=0.05 + 0.6 / peak)
    numbers = re.fullmatch(r"5 passes: minimum (\d+\.\d{3}) ms, median (\d+\.\d{3}) ms, maximum (\d+\.\d{3}) ms", text[-1])
    least, median, most = map(float, numbers.groups())
    assert 0 < least <= median <= most
    assert float(text[-3].split()[2]) == median


def test_quiet_without_being_asked(run):
    answer = run()
    assert answer.out == "" and answer.err == ""


@pytest.mark.parametrize("options", [["--repeat", 0], ["--repeat", -1], ["--repeat", "x"], ["--top", 0], ["--top", 3]])
def test_usage(run, workplace, options):
    answer = run(*options, code=64)
    assert options[0] in answer.err and answer.out == "" and workplace.left == []


def test_interrupt_between_passes(nnfmt, run, workplace):
    """The outputs of the first pass are there by then, under names of their own."""
    process = subprocess.Popen(
        [nnfmt.binary, "run", workplace.weights, "--input", workplace.inputs / "x.npy", "--output", workplace.out / "o",
         "--repeat", "1000000"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not any((workplace.out / "o").glob("*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    told, said = process.communicate(timeout=60)
    assert process.returncode == 130, said.decode()
    assert told == b"" and workplace.left == []


@pytest.mark.parametrize("top, shown", [(3, 3), (100, 40)])
def test_largest_numbers(nnfmt, workplace, top, shown):
    _, weights = workplace.put("classifier", CLASSIFIER)
    np.save(workplace.inputs / "c.npy", np.random.default_rng(5).random((2, 3, 8, 8), np.float32))
    # The softmax isn't among what is written.
    arguments = ["run", weights, "--input", workplace.inputs / "c.npy", "--layers", "0", "--top", top]
    document = nnfmt(*arguments, "--output", workplace.out / "a", "--json").json
    nnfmt("run", weights, "--input", workplace.inputs / "c.npy", "--output", workplace.out / "b")
    values = np.load(workplace.out / "b/output_0.npy")
    assert values.shape == (2, 40)
    [output] = document["top"]
    assert output["output"] == 0
    for numbers, sample in zip(output["samples"], values, strict=True):
        order = np.argsort(-sample, kind="stable")[:top]
        assert len(numbers) == shown
        assert [number["class"] for number in numbers] == order.tolist()
        assert np.array_equal(np.float32([number["value"] for number in numbers]), sample[order])
    lines = nnfmt(*arguments, "--output", workplace.out / "c").out.splitlines()
    assert lines[0].split() == ["output", "sample", "class", "value"] and len(lines) == 1 + 2 * shown
    assert lines[1].split()[:3] == ["0", "0", str(np.argmax(values[0]))]
