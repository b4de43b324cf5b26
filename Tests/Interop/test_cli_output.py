"""What nnfmt puts on standard output, and what not."""

import os
import signal
import subprocess

import pytest

from networks import conv, section


@pytest.fixture
def model(nnfmt, workplace):
    nnfmt("convert", workplace.weights, workplace.inputs / "m.h5")
    return workplace.inputs / "m.h5"


def test_json_of_weights(nnfmt, workplace):
    answer = nnfmt("inspect", workplace.weights, "--json")
    document = answer.json
    assert document["format"] == "darknet-weights" and document["status"] == "complete"
    assert document["bytes"] == document["expected_bytes"] == len(workplace.bytes)
    assert 4 * document["parameter_count"] + document["header"]["bytes"] == len(workplace.bytes)
    assert [layer["type"] for layer in document["layers"]] == ["convolutional"] * 3 + ["yolo"]
    assert document["layers"][0]["parameters"][0]["name"] == "biases"
    assert answer.err == ""


def test_json_of_cfg(nnfmt, workplace):
    document = nnfmt("inspect", workplace.cfg, "--json").json
    assert document["input_shape"] == [3, 10, 12] and "status" not in document


def test_json_without_cfg(nnfmt, workplace):
    alone = workplace.write("alone.weights", workplace.bytes)
    assert nnfmt("inspect", alone, "--json").json["status"] == "unverified"


def test_json_of_model(nnfmt, model):
    document = nnfmt("inspect", model, "--json", "--hash").json
    assert document["format"] == "keras-h5"
    assert all(len(dataset["sha256"]) == 64 for dataset in document["datasets"] if dataset["dtype"] == "float32")


def test_json_stays_strict_with_nan(nnfmt, workplace):
    """NaN is no JSON: it must be a string there."""
    nan = workplace.write("nan.weights", workplace.bytes[:-4] + b"\x00\x00\xc0\x7f")
    answer = nnfmt("inspect", nan, "--cfg", workplace.cfg, "--json", "--stats")
    assert answer.json["warnings"] and "nan" in answer.err.lower()


def test_json_of_convert(nnfmt, workplace):
    assert isinstance(nnfmt("convert", workplace.weights, workplace.out / "m.h5", "--json").json, dict)


def test_convert_is_quiet_on_standard_output_of_a_pipe(nnfmt, workplace):
    """Progress is for terminals; neither stream may hold control characters."""
    answer = nnfmt("convert", workplace.weights, workplace.out / "m.h5")
    assert "\r" not in answer.out + answer.err and "\x1b" not in answer.out + answer.err


def test_warns_where_name_and_content_differ(nnfmt, workplace, model):
    disguised = workplace.write("disguised.weights", model.read_bytes())
    answer = nnfmt("inspect", disguised, "--json")
    assert answer.json["format"] == "keras-h5"
    assert answer.err.strip() and answer.json["warnings"]


def test_version_and_help(nnfmt):
    assert nnfmt("--version").out.strip()
    for command in ("inspect", "convert"):
        assert "--dialect" in nnfmt(command, "--help").out


@pytest.mark.parametrize("disposition", [signal.SIG_DFL, signal.SIG_IGN], ids=["usual", "ignored"])
def test_closed_pipe(nnfmt, workplace, disposition):
    """`nnfmt inspect … | head -1`, the output being larger than a pipe holds."""
    layers = section("net", width=8, height=8, channels=3) + conv(4) * 400
    cfg = workplace.write("long.cfg", layers.encode())
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [nnfmt.binary, "inspect", cfg, "--json"], stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGPIPE, disposition))
    os.close(writing)
    os.read(reading, 100)
    os.close(reading)
    _, said = process.communicate(timeout=60)
    assert said == b""
    assert process.returncode in (0, 128 + signal.SIGPIPE, -signal.SIGPIPE)
