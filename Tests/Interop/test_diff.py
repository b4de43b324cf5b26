"""`nnfmt diff` against numpy: what it says of random tensors, of Keras's own files and of conversions; its documents fit their
schema."""

import json
import re
import shutil
from html.parser import HTMLParser

import h5py
import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from frameworks import module
from schemas import check
from seed import SEED

TYPES = [np.float32, np.float64, np.float16, ml_dtypes.bfloat16, np.int8, np.uint8, np.int32, np.int64]


@pytest.fixture
def diff(nnfmt):
    """The document of `nnfmt diff`, held against its schema and the exit code."""
    def run(*arguments, code=None):
        answer = nnfmt("diff", *arguments, "--json", code=None)
        assert answer.code in (0, 1), answer.err
        document = answer.json
        check("diff", document)
        assert document["match"] == (answer.code == 0)
        assert code in (None, answer.code), document
        return document
    return run


def changed(document, state="changed"):
    return {(entry["a"] or entry["b"])["name"]: entry for entry in document["tensors"] if entry["state"] == state}


# Numbers

def ordered(values):
    """Whole numbers in the order of the values, steps of one from one value to the next; both zeros are 0."""
    bits = values.view(f"u{values.dtype.itemsize}").astype(object)
    if values.dtype.kind in "iu":
        return values.astype(object)
    sign = 1 << (8 * values.dtype.itemsize - 1)
    return np.array([-(b & ~sign) if b & sign else b for b in bits.ravel()], object).reshape(bits.shape)


def expected(a, b):
    raw = f"u{a.dtype.itemsize}"
    differing = a.view(raw) != b.view(raw)
    with np.errstate(invalid="ignore"):
        x, y = a.astype(np.float64), b.astype(np.float64)
    finite = np.isfinite(x) & np.isfinite(y)
    counted = differing & finite
    with np.errstate(invalid="ignore"):
        gaps = np.where(counted, np.abs(x - y), 0)
    units = np.abs(ordered(a) - ordered(b))[counted]
    lost = int((differing & ~finite).sum())
    return {"count": a.size, "differing": int(differing.sum()), "not_finite": lost, "rounded": 0,
            "max_abs": gaps.max(initial=0), "mean_abs": gaps.sum() / max(a.size - lost, 1), "max_ulp": int(max(units, default=0))}


def random_tensor(draw, dtype, shape):
    """Numbers of all sizes, with zeros of both signs, NaN and infinities among them."""
    if np.dtype(dtype).kind in "iu":
        info = np.iinfo(dtype)
        # Differences of doubles are exact as far as 2⁵³.
        limit = min(info.max, 1 << 51)
        return np.asarray(draw.integers(max(info.min, -limit), limit, shape, dtype=np.int64)).astype(dtype)
    values = np.asarray(draw.standard_normal(shape) * 10.0 ** draw.integers(-6, 5, shape)).astype(dtype)
    for odd in (0.0, -0.0, np.nan, np.inf, -np.inf):
        values[draw.random(shape) < 0.02] = odd
    return values


def tampered(draw, values):
    other = values.copy()
    where = np.asarray(draw.random(values.shape)) < draw.choice([0, 0.001, 0.1, 1])
    bits = other.view(f"u{values.dtype.itemsize}")
    if values.dtype.kind in "iu":
        other[where] = random_tensor(draw, values.dtype, values.shape)[where]
    else:
        places = np.asarray(draw.integers(0, 8 * values.dtype.itemsize, values.shape)).astype(bits.dtype)
        bits ^= np.where(where, np.left_shift(bits.dtype.type(1), places), bits.dtype.type(0))
    return other


@pytest.mark.parametrize("round_", range(5))
def test_numbers_are_those_of_numpy(diff, tmp_path, round_):
    draw = np.random.default_rng([SEED, round_])
    first, second = {}, {}
    for number in range(24):
        dtype = TYPES[number % len(TYPES)]
        shape = tuple(draw.integers(1, 14, draw.integers(0, 4)))
        name = f"layer{number}.tensor"
        first[name] = random_tensor(draw, dtype, shape)
        second[name] = tampered(draw, first[name])
    save_file(first, tmp_path / "a.safetensors")
    save_file(second, tmp_path / "b.safetensors")
    document = diff(tmp_path / "a.safetensors", tmp_path / "b.safetensors", "--values", 3)
    assert len(document["tensors"]) == 24
    for entry in document["tensors"]:
        name = entry["a"]["name"]
        a, b = first[name], second[name]
        wanted = expected(a, b)
        numbers = entry["numbers"]
        assert numbers["mean_abs"] == pytest.approx(wanted.pop("mean_abs"), rel=1e-12), name
        assert {key: numbers[key] for key in wanted} == wanted, name
        # Equal contents may have changed places.
        assert entry["b"]["name"] == name
        assert entry["state"] == ("changed" if wanted["differing"] else "equal")
        raw = f"u{a.dtype.itemsize}"
        places = np.argwhere(a.view(raw) != b.view(raw))[:3].tolist()
        assert [value["index"] for value in entry.get("values", [])] == places


def test_types_and_shapes(diff, tmp_path):
    draw = np.random.default_rng(SEED)
    a = draw.standard_normal((6, 5)).astype(np.float32)
    save_file({"half": a, "flat": a + 1, "more": a + 2}, tmp_path / "a.safetensors")
    save_file({"half": a.astype(np.float16), "flat": (a + 1).reshape(30), "more": np.zeros((7, 5), np.float32)},
              tmp_path / "b.safetensors")
    found = changed(diff(tmp_path / "a.safetensors", tmp_path / "b.safetensors", code=1))
    assert set(found) == {"half", "flat", "more"}
    gaps = np.abs(a.astype(np.float64) - a.astype(np.float16).astype(np.float64))
    assert found["half"]["numbers"]["max_abs"] == gaps.max()
    # Rounding costs less than a unit of the shorter type.
    assert found["half"]["numbers"]["max_ulp"] == 0
    assert found["flat"]["numbers"]["differing"] == 0
    assert "numbers" not in found["more"]


def test_moved_and_renamed(diff, tmp_path):
    draw = np.random.default_rng(SEED)
    tensors = {f"t{number}": draw.standard_normal(9).astype(np.float32) for number in range(6)}
    save_file(tensors, tmp_path / "a.safetensors")
    others = dict(tensors, t1=tensors["t2"], t2=tensors["t1"])
    others["new"] = others.pop("t5")
    save_file(others, tmp_path / "b.safetensors")
    document = diff(tmp_path / "a.safetensors", tmp_path / "b.safetensors", code=1)
    names = {(entry["a"]["name"], entry["b"]["name"]): entry["state"] for entry in document["tensors"] if entry["state"] != "equal"}
    assert names[("t1", "t2")] == names[("t2", "t1")] == "moved"
    assert names[("t5", "new")] == "renamed"


# Files of darknet

def test_conversions_are_equal(nnfmt, diff, workplace):
    weights = workplace.weights
    for ending in (".h5", ".keras", ".weights.h5", ".safetensors"):
        out = workplace.out / f"m{ending}"
        nnfmt("convert", weights, out)
        document = diff(weights, out, "--cfg", workplace.cfg, code=0)
        assert document["summary"]["equal"] == document["summary"]["tensors"] == 9
        assert not document["options"]


@pytest.mark.parametrize("ending", [".h5", ".keras", ".safetensors"])
def test_a_bit_shows_across_formats(nnfmt, diff, workplace, ending):
    """Each number has its counterpart: one bit of any changes the tensor that it belongs to, by one unit."""
    out = workplace.out / f"m{ending}"
    nnfmt("convert", workplace.weights, out)
    draw = np.random.default_rng(SEED)
    for place in draw.integers(0, (len(workplace.bytes) - 20) // 4, 6):
        changed_bytes = bytearray(workplace.bytes)
        changed_bytes[20 + 4 * place] ^= 1
        other = workplace.write("other.weights", changed_bytes)
        found = changed(diff(other, out, "--cfg", workplace.cfg, code=1))
        assert [entry["numbers"]["differing"] for entry in found.values()] == [1]
        assert [entry["numbers"]["max_ulp"] for entry in found.values()] == [1]


def test_header_and_options(diff, workplace):
    seen = bytearray(workplace.bytes)
    before = int.from_bytes(seen[12:20], "little")
    seen[12:20] = (before + 1).to_bytes(8, "little")
    other = workplace.write("other.weights", seen)
    workplace.write("other.cfg", workplace.cfg.read_bytes().replace(b"leaky", b"mish", 1))
    document = diff(workplace.weights, other, code=1)
    assert document["metadata"] == [{"key": "header.seen", "a": str(before), "b": str(before + 1)}]
    assert document["options"] == [{"layer": "convolutional_0", "option": "activation", "a": "leaky", "b": "mish"}]
    assert document["summary"]["changed"] == 0


# Files of Keras

@pytest.fixture(scope="module", params=["Keras 2", "Keras 3"])
def trained(request, tmp_path_factory):
    """A small model, compiled and trained a step, in each container; then changed and saved once more."""
    k = module(request.param)
    folder = tmp_path_factory.mktemp("trained")
    k.utils.set_random_seed(SEED % 1000)
    i = k.Input((6, 6, 3), name="image")
    x = k.layers.Conv2D(4, 3, name="conv")(i)
    x = k.layers.BatchNormalization(name="norm")(x)
    o = k.layers.Dense(5, activation="softmax", name="dense")(k.layers.Flatten(name="flat")(x))
    model = k.Model(i, o, name="m")
    model.compile("adam", "categorical_crossentropy")
    model.fit(np.random.rand(8, 6, 6, 3), np.eye(5)[np.arange(8) % 5], verbose=0)
    for ending in (".h5", ".keras"):
        model.save(folder / f"m{ending}")
    model.save_weights(folder / "m.weights.h5")
    kernel, bias = model.get_layer("dense").get_weights()
    kernel[3, 2] += 0.5
    model.get_layer("dense").set_weights([kernel, bias])
    for ending in (".h5", ".keras"):
        model.save(folder / f"changed{ending}")
    return folder


@pytest.mark.parametrize("pair", [(".h5", ".keras"), (".keras", ".weights.h5"), (".weights.h5", ".h5")], ids="-".join)
def test_containers_hold_the_same(diff, trained, pair):
    document = diff(*(trained / f"m{ending}" for ending in pair), code=0)
    assert document["summary"]["equal"] == document["summary"]["tensors"] > 8


@pytest.mark.parametrize("a", [".h5", ".keras"])
@pytest.mark.parametrize("b", [".h5", ".keras"])
def test_a_changed_number_is_found(diff, trained, a, b):
    found = changed(diff(trained / f"m{a}", trained / f"changed{b}", "--values", 4, code=1))
    assert list(found) == ["dense.kernel"]
    numbers = found["dense.kernel"]["numbers"]
    assert numbers["differing"] == 1 and numbers["max_abs"] == pytest.approx(0.5, abs=1e-6)
    assert [value["index"] for value in found["dense.kernel"]["values"]] == [[3, 2]]


def test_options_metadata_and_storage(diff, trained, tmp_path):
    source, target = trained / "m.h5", tmp_path / "m.h5"
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layer = next(entry for entry in config["config"]["layers"] if entry["config"]["name"] == "norm")
        layer["config"]["epsilon"] = 0.25
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["backend"] = "jax"
        file.attrs["note"] = "mine"
        path = next(path for path in _datasets(file) if path.endswith(("conv/kernel", "conv/kernel:0")))
        values = file[path][()]
        del file[path]
        file.create_dataset(path, data=values, compression="gzip", chunks=values.shape)
    document = diff(source, target, code=1)
    assert [(entry["layer"], entry["option"], entry["b"]) for entry in document["options"]] == [("norm", "epsilon", "0.25")]
    assert {(entry["key"], entry["b"]) for entry in document["metadata"]} == {("backend", "jax"), ("note", "mine")}
    assert [(entry["tensors"], "deflate" in entry["b"]) for entry in document["storage"]] == [(["conv.kernel"], True)]
    assert document["summary"]["changed"] == 0


def _datasets(file):
    paths = []
    file.visititems(lambda path, found: paths.append(path) if isinstance(found, h5py.Dataset) else None)
    return paths


# The page

class Page(HTMLParser):
    """The cells of all tables; tags that are not closed, or that nobody wrote, fail the test."""

    def __init__(self, text):
        super().__init__()
        self.open, self.cells, self.tags = [], [], set()
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "td":
            self.cells.append(data)


def test_page(nnfmt, tmp_path):
    name = 'a<b>&"c'
    save_file({name: np.float32([1, 2, 3]), "same": np.float32([4])}, tmp_path / "a.safetensors")
    save_file({name: np.float32([1, 2, 7]), "same": np.float32([4])}, tmp_path / "b.safetensors", {"note": "<script>"})
    page = tmp_path / "page.html"
    arguments = ("diff", tmp_path / "a.safetensors", tmp_path / "b.safetensors", "--report", page)
    nnfmt(*arguments, "--quiet", "--values", 1, code=1)
    text = page.read_text()
    assert not re.search(r"https?:|src=|<script", text)
    cells = Page(text).cells
    assert name in cells and "1 of 3" in cells and "[2]" in cells and "<script>" in cells
    # Nothing is written over, and what is refused leaves nothing.
    nnfmt(*arguments, code=73)
    nnfmt(*arguments, "--force", "--quiet", code=1)
    nnfmt("diff", tmp_path / "a.safetensors", tmp_path / "none", "--report", tmp_path / "new.html", code=66)
    nnfmt(*arguments[:3], "--report", tmp_path / "new.txt", code=64)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.safetensors", "b.safetensors", "page.html"]


# Errors

@pytest.mark.parametrize("name, code", [("none.h5", 66), ("text", 65)])
def test_errors(nnfmt, workplace, name, code):
    workplace.write("text", b"no model at all")
    answer = nnfmt("diff", workplace.weights, workplace.inputs / name, "--json", code=code)
    assert answer.out == "" and name in answer.err
