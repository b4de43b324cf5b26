"""safetensors: nnfmt reads what the format's own library writes and refuses what it refuses, and writes what it reads.

NNFMT_MUTANTS=20000 tries as many mutants.
"""

import hashlib
import json
import os
import subprocess

import ml_dtypes
import numpy as np
import pytest
import safetensors
from safetensors.numpy import load_file, save_file

from frameworks import module
from safetensors_mutants import STRICTER, HAND_MADE, WIDTHS, file, breaks_the_description, mutant, tensor

COMPUTED = {"BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"}
MUTANTS = int(os.environ.get("NNFMT_MUTANTS") or 400)


def library_takes(bytes_):
    try:
        safetensors.deserialize(bytes_)
        return True
    except BaseException as error:  # noqa: BLE001 - a Rust panic is one, too
        if isinstance(error, KeyboardInterrupt):
            raise
        return False


@pytest.fixture
def model(nnfmt, sample, tmp_path):
    """The sample as named tensors."""
    path = tmp_path / "model.safetensors"
    nnfmt("convert", sample[1], path, "--cfg", sample[0])
    return path


# What is written

def test_library_reads_what_nnfmt_writes(nnfmt, sample, model):
    said = json.loads(nnfmt("inspect", sample[1], "--cfg", sample[0], "--json", "--hash").out)
    arrays = load_file(model)
    wanted = {f"{layer['name']}.{array['name']}": array for layer in said["layers"] for array in layer["parameters"]}
    assert set(arrays) == set(wanted)
    for name, array in arrays.items():
        assert list(array.shape) == wanted[name]["shape"] and array.dtype == np.float32
        assert hashlib.sha256(array.tobytes()).hexdigest() == wanted[name]["sha256"]
    with safetensors.safe_open(model, "np") as opened:
        assert opened.metadata()["darknet.dialect"] == "alexeyab"


@pytest.mark.parametrize("kind", ["h5", "keras", "weights.h5"])
@pytest.mark.parametrize("framework", ["Keras 2", "Keras 3"])
def test_variables_of_keras(nnfmt, tmp_path, framework, kind):
    k = module(framework)
    i = k.Input((6, 5))
    inner = k.Sequential([k.Input((4,)), k.layers.Dense(3, name="d"), k.layers.BatchNormalization(name="b")], name="inner")
    model = k.Model(i, inner(k.layers.Bidirectional(k.layers.LSTM(2), name="lstm")(i)), name="m")
    path, architecture, out = tmp_path / f"m.{kind}", tmp_path / "model.json", tmp_path / "m.safetensors"
    (model.save_weights if kind == "weights.h5" else model.save)(str(path))
    architecture.write_text(model.to_json())
    nnfmt("convert", path, out, "--cfg", architecture)
    arrays = load_file(out)
    variables = [variable.numpy() for variable in model.weights]
    assert sorted((v.shape, v.tobytes()) for v in variables) == sorted((a.shape, a.tobytes()) for a in arrays.values())
    assert "lstm.forward_lstm/lstm_cell/kernel" in arrays or any(name.startswith("lstm.") for name in arrays)
    if kind != "weights.h5":
        nnfmt("validate", path, out)
        nnfmt("validate", out, path)
    said = json.loads(nnfmt("inspect", out, "--cfg", architecture, "--json").out)
    assert said["status"] == "complete" and said["parameter_count"] == model.count_params()
    x = np.random.default_rng(1).normal(size=(2, 6, 5)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    nnfmt("run", out, "--cfg", architecture, "--input", tmp_path / "x.npy", "--output", tmp_path / "y")
    np.testing.assert_allclose(np.load(tmp_path / "y/output_0.npy"), model(x), rtol=1e-5, atol=1e-6)


# There and back

def test_way_back_is_the_same_to_the_byte(nnfmt, sample, model, tmp_path):
    nnfmt("convert", model, tmp_path / "back.weights", "--cfg", sample[0])
    assert (tmp_path / "back.weights").read_bytes() == sample[1].read_bytes()
    nnfmt("convert", model, tmp_path / "back.h5", "--cfg", sample[0])
    nnfmt("convert", sample[1], tmp_path / "direct.h5", "--cfg", sample[0])
    nnfmt("validate", tmp_path / "direct.h5", tmp_path / "back.h5")
    nnfmt("convert", tmp_path / "back.h5", tmp_path / "again.weights")
    assert (tmp_path / "again.weights").read_bytes() == sample[1].read_bytes()
    nnfmt("convert", model, tmp_path / "copy.safetensors")
    assert (tmp_path / "copy.safetensors").read_bytes() == model.read_bytes()


def test_header_of_pjreddie_comes_back(nnfmt, sample, tmp_path):
    old = tmp_path / "old.weights"
    nnfmt("convert", sample[1], old, "--cfg", sample[0], "--header", "0.1")
    nnfmt("convert", old, tmp_path / "t.safetensors", "--cfg", sample[0])
    nnfmt("convert", tmp_path / "t.safetensors", tmp_path / "back.weights", "--cfg", sample[0])
    assert (tmp_path / "back.weights").read_bytes() == old.read_bytes()


def test_changed_weight_arrives_and_is_found(nnfmt, sample, model, tmp_path):
    arrays = load_file(model)
    arrays["convolutional_4.weights"][3, 2, 1, 0] += 1
    changed = tmp_path / "changed.safetensors"
    save_file(arrays, changed)
    report = json.loads(nnfmt("validate", sample[1], changed, "--cfg", sample[0], "--json", code=1).out)
    assert report["first_difference"].startswith("convolutional_4")
    report = json.loads(nnfmt("validate", model, changed, "--json", code=1).out)
    assert report["first_difference"] == "convolutional_4.weights" and report["evidence"]["forward"] is False
    nnfmt("convert", changed, tmp_path / "changed.weights", "--cfg", sample[0])
    first, second = (np.frombuffer(path.read_bytes(), np.float32) for path in (sample[1], tmp_path / "changed.weights"))
    assert np.count_nonzero(first[5:] != second[5:]) == 1


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float64])
def test_other_types_of_numbers(nnfmt, sample, model, tmp_path, dtype):
    other, plain = tmp_path / "other.safetensors", tmp_path / "plain.safetensors"
    arrays = {name: array.astype(dtype) for name, array in load_file(model).items()}
    save_file(arrays, other)
    save_file({name: array.astype(np.float32) for name, array in arrays.items()}, plain)
    nnfmt("convert", other, tmp_path / "a.weights", "--cfg", sample[0])
    nnfmt("convert", plain, tmp_path / "b.weights", "--cfg", sample[0])
    assert (tmp_path / "a.weights").read_bytes() == (tmp_path / "b.weights").read_bytes()


# What does not fit

@pytest.mark.parametrize(("change", "word"), [
    (lambda a: a.pop("convolutional_0.biases"), "convolutional_0.biases"),
    (lambda a: a.update({"convolutional_0.scale": a["convolutional_0.biases"]}), "convolutional_0.scale"),
    (lambda a: a.update({"convolutional_0.biases": a["convolutional_0.biases"][:-1]}), "another shape"),
    (lambda a: a.clear(), "convolutional_0")])
def test_tensors_of_another_network(nnfmt, sample, model, tmp_path, change, word):
    arrays = load_file(model)
    change(arrays)
    other = tmp_path / "other.safetensors"
    save_file(arrays, other)
    for command in (("convert", other, tmp_path / "o.weights"), ("convert", other, tmp_path / "o.h5"), ("validate", sample[1], other)):
        assert word in nnfmt(*command, "--cfg", sample[0], code=65).err
    answer = nnfmt("inspect", other, "--cfg", sample[0], "--json", code=65 if arrays else None)
    assert json.loads(answer.out)["status"] == "mismatch" if arrays else "partial"


def test_last_layers_may_be_missing(nnfmt, sample, model, tmp_path):
    arrays = {name: array for name, array in load_file(model).items() if not name.startswith("convolutional_28.")}
    part = tmp_path / "part.safetensors"
    save_file(arrays, part)
    said = json.loads(nnfmt("inspect", part, "--cfg", sample[0], "--json").out)
    assert (said["status"], said["layers_loaded"]) == ("partial", 28)
    assert "convolutional_28" in nnfmt("convert", part, tmp_path / "p.weights", "--cfg", sample[0], code=65).err
    nnfmt("convert", part, tmp_path / "p.weights", "--cfg", sample[0], "--allow-partial")
    # The library keeps no metadata that it is not given: nothing tells the images seen.
    assert sample[1].read_bytes()[20:].startswith((tmp_path / "p.weights").read_bytes()[20:])


def test_without_an_architecture(nnfmt, model, tmp_path):
    for command in (("convert", model, tmp_path / "o.weights"), ("convert", model, tmp_path / "o.h5")):
        assert "--cfg" in nnfmt(*command, code=64).err
    np.save(tmp_path / "x.npy", np.zeros((3, 96, 96), np.float32))
    assert "--cfg" in nnfmt("run", model, "--input", tmp_path / "x.npy", "--output", tmp_path / "y", code=64).err
    assert "--compress" in nnfmt("convert", model, tmp_path / "c.safetensors", "--compress", "3", code=64).err


def test_architecture_beside(nnfmt, sample, model):
    (model.parent / "model.cfg").write_bytes(sample[0].read_bytes())
    assert json.loads(nnfmt("inspect", model, "--json").out)["status"] == "complete"
    nnfmt("convert", model, model.parent / "o.weights")
    nnfmt("validate", model, sample[1])


# The rules of the format

def inspected(nnfmt, path):
    """Whether it is taken; anything but that and a refusal is an error."""
    code = nnfmt("inspect", path, "--json", code=None).code
    assert code in (0, 65), code
    return code == 0


@pytest.mark.parametrize("name", HAND_MADE)
def test_hand_made(nnfmt, tmp_path, name):
    path = tmp_path / "x.safetensors"
    path.write_bytes(HAND_MADE[name])
    assert inspected(nnfmt, path) == library_takes(HAND_MADE[name])


@pytest.mark.parametrize("name", STRICTER)
def test_what_the_description_forbids(nnfmt, tmp_path, name):
    path = tmp_path / "x.safetensors"
    path.write_bytes(STRICTER[name])
    assert library_takes(STRICTER[name]) or name in ("member", "metadata")
    assert ("object" if name == "blank_before" else "twice") in nnfmt("inspect", path, code=65).err


def test_names_with_and_without_a_layer(nnfmt, tmp_path):
    path = tmp_path / "x.safetensors"
    arrays = {"x": np.float32([1]), "x.x": np.float32([2, 3]), "x.y.z": np.float32([4])}
    save_file(arrays, path)
    said = json.loads(nnfmt("inspect", path, "--json", "--hash").out)
    found = {(layer["name"], row["name"], row["sha256"]) for layer in said["layers"] for row in layer["parameters"]}
    digest = {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()}
    assert found == {("x", "x", digest["x"]), ("x", "x", digest["x.x"]), ("x.y", "z", digest["x.y.z"])}


def test_hashes_of_all_types(nnfmt, tmp_path):
    random, header, data = np.random.default_rng(3), {}, b""
    for name, bits in WIDTHS.items():
        bytes_ = random.bytes(bits * 3)
        header[name.lower()] = tensor(name, (8, 3), (len(data), len(data) + len(bytes_)))
        data += bytes_
    path = tmp_path / "x.safetensors"
    path.write_bytes(file(header, data))
    said = json.loads(nnfmt("inspect", path, "--json", "--hash", "--stats").out)
    rows = {row["path"]: row for row in said["datasets"]}
    for name, about in header.items():
        begin, end = about["data_offsets"]
        assert rows[name]["sha256"] == hashlib.sha256(data[begin:end]).hexdigest() and rows[name]["shape"] == [8, 3]
        assert ("stats" in rows[name]) == (about["dtype"] in COMPUTED), name


def test_mutants(nnfmt, tmp_path, note):
    """The library and nnfmt take and refuse the same, but for what the description forbids."""
    sources = [HAND_MADE["odd_names"], HAND_MADE["metadata_last"], HAND_MADE["no_elements_between"], file(
        {"__metadata__": {"k": "v"}, "a": tensor(shape=(1, 2)), "b": tensor("BF16", (3,), (8, 14))}, bytes(14))]
    random, taken = np.random.default_rng(20), 0
    paths = [tmp_path / f"{number}.safetensors" for number in range(2)]
    for number in range(0, MUTANTS, len(paths)):
        bytes_ = [mutant(sources[random.integers(len(sources))], random) for _ in paths]
        for path, text in zip(paths, bytes_):
            path.write_bytes(text)
        running = [subprocess.Popen([str(nnfmt.binary), "inspect", str(path)], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL) for path in paths]
        for text, process in zip(bytes_, running):
            code = process.wait(60)
            assert code in (0, 65), (code, text)
            taken += code == 0
            if (code == 0) != library_takes(text):
                assert code == 65 and breaks_the_description(text[8:8 + int.from_bytes(text[:8], "little")]), (code, text)
    note(f"safetensors: {MUTANTS} mutants, {taken} taken, as by its library")
    assert 0 < taken < MUTANTS
