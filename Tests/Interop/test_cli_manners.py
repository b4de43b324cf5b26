"""What a terminal, a pipe and a slip of the hand get: colours, quiet, widths, progress, suggestions, `-`."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest


def on_terminal(nnfmt, *arguments, columns=80, environment=None, stdin=subprocess.DEVNULL):
    """Runs nnfmt with a terminal of so many columns as standard output and error; what it shows and its code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [nnfmt.binary, *map(str, arguments)], stdin=stdin, stdout=theirs, stderr=theirs,
        env={key: value for key, value in os.environ.items() if key != "NO_COLOR"} | (environment or {}))
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.wait(timeout=60)


def plain(text):
    return re.sub("\x1b\\[[0-9;]*m", "", text)


@pytest.mark.parametrize("arguments", [["inspect", "SAMPLE"], ["inspect", "SAMPLE", "--stats"], ["layers", "convolutional"]])
def test_tables_fit_the_terminal(nnfmt, sample, arguments):
    arguments = [sample[1] if argument == "SAMPLE" else argument for argument in arguments]
    shown, code = on_terminal(nnfmt, *arguments)
    assert code == 0
    if "--stats" not in arguments:  # Columns of numbers are never broken.
        lines = plain(shown).splitlines()
        start = next(index for index, line in enumerate(lines) if " layer " in f" {line} ")
        table = lines[start:lines.index("", start) if "" in lines[start:] else None]
        assert len(table) > 5 and max(map(len, table)) <= 80
    wide, _ = on_terminal(nnfmt, *arguments, columns=500)
    assert plain(wide) == nnfmt(*arguments).out


@pytest.mark.parametrize("when, no_color, coloured", [
    ("auto", None, True), ("auto", "1", False), ("always", "1", True), ("never", None, False)])
def test_colour_on_a_terminal(nnfmt, sample, when, no_color, coloured):
    shown, _ = on_terminal(
        nnfmt, "inspect", sample[1], "--color", when, environment={"NO_COLOR": no_color} if no_color else None)
    assert ("\x1b[" in shown) == coloured


def test_colour_in_a_pipe(nnfmt, sample):
    assert "\x1b[" in nnfmt("inspect", sample[1], "--color", "always").out
    assert "\x1b[" not in nnfmt("inspect", sample[1]).out


@pytest.mark.parametrize("command", ["inspect", "layers", "convert", "validate", "diff"])
def test_quiet(nnfmt, sample, workplace, command):
    files = {
        "inspect": [sample[1]], "layers": [], "convert": [sample[1], workplace.out / "a.h5"],
        "validate": [sample[1], sample[1]], "diff": [sample[1], sample[1]]}[command]
    assert nnfmt(command, *files, "--quiet").out == ""
    nnfmt(command, *files, "--quiet", "--json", code=64)


def test_errors_stay_when_quiet(nnfmt):
    assert "error" in nnfmt("inspect", "none.h5", "--quiet", code=66).err


@pytest.mark.parametrize("arguments, meant", [
    (["inspct", "x"], "inspect"), (["inspect", "x", "--dialect", "alexey"], "alexeyab"),
    (["inspect", "x", "--color=alway"], "always"), (["layers", "convolutonal"], "convolutional"),
    (["help", "exit-code"], "exit-codes"), (["convert", "x", "y", "--to", "safetensor"], "safetensors")])
def test_did_you_mean(nnfmt, arguments, meant):
    assert f"did you mean '{meant}'?" in nnfmt(*arguments, code=64).err


@pytest.mark.parametrize("arguments", [["onnx"], ["inspect", "x", "--dialect", "tensorflow"], ["help", "me"]])
def test_no_silly_guesses(nnfmt, arguments):
    assert "did you mean" not in nnfmt(*arguments, code=64).err


def test_files_nearby(nnfmt, workplace):
    workplace.write("detector.cfg", b"[net]\n")
    said = nnfmt("inspect", workplace.inputs / "detectr.cfg", code=66).err
    assert "did you mean" in said and "detector.cfg" in said
    assert "did you mean" not in nnfmt("inspect", workplace.inputs / "a.cfg", code=66).err


@pytest.mark.parametrize("topic, word", [("exit-codes", "143"), ("formats", "safetensors"), ("limits", "1.00 MiB")])
def test_help_topics(nnfmt, topic, word):
    assert word in nnfmt("help", topic).out
    assert f"nnfmt help {topic}" in " ".join(nnfmt("--help").out.split())


def test_from_a_pipe(nnfmt, sample):
    """The cfg comes through a pipe, and is told as from a file."""
    named = nnfmt("inspect", sample[0]).out
    piped = subprocess.run(
        [nnfmt.binary, "inspect", "-"], input=sample[0].read_bytes(), capture_output=True, check=True).stdout.decode()
    assert piped.splitlines()[1:] == named.splitlines()[1:]


def test_through_a_pipe(nnfmt, sample, workplace):
    """Weights in through a file, .safetensors out through one pipe and in through another."""
    command = [nnfmt.binary, "convert", sample[1], "-", "--to", "safetensors"]
    out = subprocess.run(command, capture_output=True, check=True)
    nnfmt("convert", sample[1], workplace.out / "a.safetensors")
    assert out.stdout == (workplace.out / "a.safetensors").read_bytes()
    back = subprocess.run(
        [nnfmt.binary, "convert", "-", workplace.out / "b.weights", "--cfg", sample[0]], input=out.stdout,
        capture_output=True, check=False)
    assert back.returncode == 0, back.stderr
    assert (workplace.out / "b.weights").read_bytes() == sample[1].read_bytes()


def test_outputs_that_can_not_be_sent(nnfmt, sample, workplace):
    nnfmt("convert", sample[1], "-", code=64)
    nnfmt("convert", sample[1], "-", "--to", "safetensors", "--json", code=64)
    nnfmt("convert", sample[1], workplace.inputs / "a.h5")
    assert "two files" in nnfmt("convert", workplace.inputs / "a.h5", "-", "--to", "darknet", code=64).err
    shown, code = on_terminal(nnfmt, "convert", sample[1], "-", "--to", "safetensors")
    assert code == 64 and "terminal" in shown


def test_no_model_from_a_terminal(nnfmt):
    ours, theirs = pty.openpty()
    _, code = on_terminal(nnfmt, "inspect", "-", stdin=theirs)
    os.close(ours)
    os.close(theirs)
    assert code == 66
