"""What nnfmt refuses: the exit code, a message that names the trouble, and nothing left behind."""

import gzip
import io
import os
import re
import zipfile

import h5py
import numpy as np
import pytest

from networks import conv, section
from workplace import AFTER_LAYER_0, AFTER_LAYER_1, CFG


def refused(nnfmt, workplace, *arguments, code, says):
    """Runs `nnfmt convert ARGUMENTS`, which must fail with `code` and say `says` (a pattern)."""
    answer = nnfmt("convert", *arguments, code=code)
    assert re.search(says, answer.err, re.I), f"says nothing like /{says}/:\n{answer.err}"
    assert answer.out == ""
    assert "Fatal error" not in answer.err and "Stack dump" not in answer.err
    assert workplace.left == []
    return answer


# 64: usage

@pytest.mark.parametrize("arguments", [
    [], ["one"], ["a.weights", "b.h5", "--nonesuch"], ["a.weights", "b.h5", "--dialect", "nonesuch"],
    ["a.weights", "b.h5", "--to", "nonesuch"],
], ids=" ".join)
def test_usage(nnfmt, arguments, tmp_path):
    nnfmt("convert", *arguments, code=64, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_unknown_command(nnfmt):
    nnfmt("nonesuch", code=64)


def test_output_format_unknown(nnfmt, workplace):
    refused(nnfmt, workplace, workplace.weights, workplace.out / "m.xyz", code=64, says="--to")


# 66: input

def test_no_input(nnfmt, workplace):
    refused(nnfmt, workplace, workplace.inputs / "none.weights", workplace.out / "m.h5", code=66, says="none.weights")


def test_no_cfg(nnfmt, workplace):
    refused(
        nnfmt, workplace, workplace.weights, workplace.out / "m.h5", "--cfg", workplace.inputs / "none.cfg",
        code=66, says="none.cfg")


def test_folder_as_input(nnfmt, workplace):
    refused(nnfmt, workplace, workplace.inputs, workplace.out / "m.h5", code=66, says="folder|directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_input(nnfmt, workplace):
    workplace.weights.chmod(0)
    refused(nnfmt, workplace, workplace.weights, workplace.out / "m.h5", code=66, says="permission|read")


def test_weights_without_any_cfg(nnfmt, workplace):
    alone = workplace.write("alone.weights", workplace.bytes)
    answer = refused(nnfmt, workplace, alone, workplace.out / "m.h5", code=None, says="--cfg")
    assert answer.code in (64, 65, 66), "the contract leaves open which it is"


# 69: no counterpart

@pytest.mark.parametrize("layer, text", [
    ("xnor", section("convolutional", filters=2, size=1, xnor=1, activation="linear")),
    ("stair", section("activation", activation="stair")),
    ("normalization", section("normalization")),
], ids=["xnor", "stair", "normalization"])
def test_unsupported_layer(nnfmt, workplace, layer, text):
    cfg = workplace.write("odd.cfg", (section("net", width=8, height=8, channels=3) + conv(2) + text).encode())
    # The weights need not fit: what can't be converted is said of the architecture.
    answer = nnfmt("inspect", cfg, "--json")
    floats = answer.json["parameter_count"]
    weights = workplace.write("odd.weights", workplace.bytes[:20] + bytes(4 * floats))
    refused(nnfmt, workplace, weights, workplace.out / "m.h5", code=69, says=layer)


# 73: output

def test_existing_output(nnfmt, workplace):
    existing = workplace.out / "m.h5"
    existing.write_bytes(b"mine")
    answer = nnfmt("convert", workplace.weights, existing, code=73)
    assert "--force" in answer.err
    assert existing.read_bytes() == b"mine" and workplace.left == ["m.h5"]
    nnfmt("convert", workplace.weights, existing, "--force")
    assert existing.read_bytes()[:4] == b"\x89HDF" and workplace.left == ["m.h5"]


@pytest.mark.parametrize("existing", ["back.weights", "back.cfg"])
def test_both_outputs_or_neither(nnfmt, workplace, existing):
    model = workplace.inputs / "m.h5"
    nnfmt("convert", workplace.weights, model)
    (workplace.out / existing).write_bytes(b"mine")
    nnfmt("convert", model, workplace.out / "back.weights", code=73)
    assert workplace.left == [existing] and (workplace.out / existing).read_bytes() == b"mine"


def test_no_such_output_folder(nnfmt, workplace):
    refused(nnfmt, workplace, workplace.weights, workplace.out / "none" / "m.h5", code=73, says="folder|directory")


def test_folder_as_output(nnfmt, workplace):
    (workplace.out / "m.h5").mkdir()
    nnfmt("convert", workplace.weights, workplace.out / "m.h5", "--force", code=73)
    assert workplace.left == ["m.h5"]


# 65: other things in place of weights

def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello " * 50)
    return buffer.getvalue()


def plain_hdf5():
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["x"] = np.zeros(10, "<f4")
    return buffer.getvalue()


STRANGERS = {
    "web_page": (b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n" * 20, "html|web page"),
    "lfs_pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d" * 32 + b"\nsize 248007048\n", r"\blfs\b"),
    "zip": (zipped(), r"\bzip\b"),
    "hdf5": (plain_hdf5(), "hdf5"),
    "gzip": (gzip.compress(bytes(range(256)) * 40), "gzip"),
    "text": (b"Please find the weights on our server.\n" * 40, "text"),
    "data_file": (
        b"classes= 80\ntrain  = /home/me/train.txt\nvalid = data/val.txt\nnames = data/coco.names\nbackup = backup/\n",
        r"\.data"),
}


@pytest.mark.parametrize("kind", STRANGERS)
def test_stranger(nnfmt, workplace, kind):
    content, says = STRANGERS[kind]
    weights = workplace.write("stranger.weights", content)
    refused(
        nnfmt, workplace, weights, workplace.out / "m.h5", "--cfg", workplace.cfg,
        code=65, says=says)


# 65: weights that don't fit

def refused_weights(nnfmt, workplace, content, says):
    """The same from `convert` and from `inspect`, each naming the file."""
    weights = workplace.write("bad.weights", content)
    answer = refused(
        nnfmt, workplace, weights, workplace.out / "m.h5", "--cfg", workplace.cfg, code=65, says=says)
    inspected = nnfmt("inspect", weights, "--cfg", workplace.cfg, "--json", code=65)
    assert "bad.weights" in answer.err and "bad.weights" in inspected.err
    return inspected


def test_truncated(nnfmt, workplace):
    inspected = refused_weights(nnfmt, workplace, workplace.bytes[: AFTER_LAYER_0 + 100], "convolutional_1|layer 1")
    assert inspected.json["status"] == "truncated"


def test_trailing(nnfmt, workplace):
    inspected = refused_weights(nnfmt, workplace, workplace.bytes + bytes(8), r"\b8\b")
    assert inspected.json["status"] == "trailing" and inspected.json["trailing_bytes"] == 8


def test_headerless(nnfmt, workplace):
    refused_weights(nnfmt, workplace, workplace.bytes[20:], "header")


def test_empty(nnfmt, workplace):
    refused_weights(nnfmt, workplace, b"", "empty|0 bytes")


def test_partial(nnfmt, workplace):
    """Whole layers, then the end: sound for `inspect`, not enough for `convert`."""
    weights = workplace.write("m.conv.2", workplace.bytes[:AFTER_LAYER_1])
    refused(
        nnfmt, workplace, weights, workplace.out / "m.h5", "--cfg", workplace.cfg,
        code=65, says="--allow-partial")
    inspected = nnfmt("inspect", weights, "--cfg", workplace.cfg, "--json").json
    assert inspected["status"] == "partial" and inspected["layers_loaded"] == 2


@pytest.mark.parametrize("classes", [1, 5, 80])
def test_wrong_class_count(nnfmt, workplace, classes):
    other = CFG.replace("filters=16", f"filters={2 * (classes + 5)}").replace("classes=3", f"classes={classes}")
    _, weights = workplace.put("other", other)
    refused(
        nnfmt, workplace, weights, workplace.out / "m.h5", "--cfg", workplace.cfg,
        code=65, says=rf"classes ?= ?{classes}\b")


@pytest.mark.parametrize("channels", [1, 4])
def test_wrong_channels(nnfmt, workplace, channels):
    _, weights = workplace.put("other", CFG.replace("channels=3", f"channels={channels}"))
    refused(
        nnfmt, workplace, weights, workplace.out / "m.h5", "--cfg", workplace.cfg,
        code=65, says=rf"channels ?= ?{channels}\b")


@pytest.mark.parametrize("change", [
    ("filters=6", "filters=2000000000"), ("filters=6", "filters=-1"), ("size=3", "size=0"),
    ("width=12", "width=-1"), ("stride=1", "stride=0"), ("[net]", "[nett]"),
], ids=lambda change: change[1])
def test_hostile_cfg(nnfmt, workplace, change):
    cfg = workplace.write("hostile.cfg", CFG.replace(*change, 1).encode())
    refused(
        nnfmt, workplace, workplace.weights, workplace.out / "m.h5", "--cfg", cfg,
        code=65, says=r"hostile\.cfg|m\.weights")
