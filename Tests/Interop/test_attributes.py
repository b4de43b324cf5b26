"""`inspect --attributes` lists what h5py finds: every attribute of every group and dataset, with its type, shape and value."""

import json

import h5py
import numpy as np
import pytest

from seed import SEED

TYPES = ["i1", "u1", "<i2", ">i2", "<u4", ">i8", "<u8", "<f2", ">f4", "<f8", "?"]
SHAPES = [(), (1,), (0,), (3,), (2, 3), (101,), (7, 20)]


def random_value(random):
    """A value, and the name that its type has here."""
    shape = SHAPES[random.integers(len(SHAPES))]
    kind = random.integers(len(TYPES) + 2)
    if kind < len(TYPES):
        dtype = np.dtype(TYPES[kind])
        bits = random.integers(0, 256, (int(np.prod(shape)) * dtype.itemsize,), np.uint8).tobytes()
        if dtype.kind == "b":
            return (random.random(shape) > 0.5).astype("?"), "bool"
        return np.frombuffer(bits, dtype).reshape(shape), dtype.newbyteorder("=").name
    texts = np.array([f"größe {n}" * int(random.integers(0, 3)) for n in range(int(np.prod(shape)))], object).reshape(shape)
    if kind == len(TYPES):
        return texts, "string"
    fixed = np.array([text.encode() for text in texts.ravel()], "S40").reshape(shape)
    return fixed, "string40"


def plain(value):
    """A value as JSON has it, elements in a row."""
    elements = []
    for element in np.asarray(value).ravel()[:100]:
        if isinstance(element, bytes):
            element = element.decode()
        elif isinstance(element, np.generic):
            element = element.item()
        if isinstance(element, float) and not np.isfinite(element):
            element = "NaN" if np.isnan(element) else "Infinity" if element > 0 else "-Infinity"
        elements.append(element)
    return elements


def test_random_attributes(nnfmt, tmp_path):
    random = np.random.default_rng(SEED)
    file, wanted = tmp_path / "a.h5", {}
    with h5py.File(file, "w", libver=["earliest", "latest"][SEED % 2]) as made:
        holders = [made, made.create_group("g"), made.create_group("g/deep"), made.create_dataset("g/d", data=[1.0])]
        made["again"] = made["g/deep"]
        for number in range(120):
            holder, name = holders[random.integers(len(holders))], f"a{number}"
            value, dtype = random_value(random)
            if dtype == "string":
                holder.attrs.create(name, value, dtype=h5py.string_dtype())
            else:
                holder.attrs[name] = value
            for path in ["/again", "/g/deep"] if holder.name == "/g/deep" else [holder.name]:
                wanted[path, name] = (dtype, list(value.shape), plain(value), max(0, value.size - 100))
        made["g"].attrs["nothing"] = h5py.Empty("f4")
        wanted["/g", "nothing"] = ("float32", None, [], 0)
        made["g"].attrs["where"] = made["g/d"].ref
        wanted["/g", "where"] = ("reference", [], None, 0)
    rows = nnfmt("inspect", file, "--attributes", "--json").json["attributes"]
    found = {}
    for row in rows:
        value = row.get("value")
        if value is not None and row["shape"] == []:
            value = [value]
        found[row["path"], row["name"]] = (row["dtype"], row["shape"], value, row.get("omitted", 0))
    assert len(rows) == len(found) == len(wanted)
    for key, expected in wanted.items():
        # NaN's text aside, the numbers are those of Python to the bit.
        assert json.dumps(found[key]) == json.dumps(expected), key


def test_long_values_are_cut_and_say_so(nnfmt, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as made:
        made.attrs["text"] = "x" * 5000
    file = tmp_path / "a.h5"
    row, = nnfmt("inspect", file, "--attributes", "--json").json["attributes"]
    assert row["value"] == "x" * 1000 and row["omitted"] == 4000
    assert f"{'x' * 60} … (4,940 more)" in nnfmt("inspect", file, "--attributes").out
    assert nnfmt("inspect", file, "--attributes", "--filter", "/g*", "--json").json["attributes"] == []


def test_where_there_are_none(nnfmt, sample, tmp_path):
    for path in sample:
        assert "without HDF5" in nnfmt("inspect", path, "--attributes", code=64).err
    nnfmt("convert", sample[1], tmp_path / "m.keras")
    assert nnfmt("inspect", tmp_path / "m.keras", "--attributes", "--json").json["attributes"]
    nnfmt("inspect", tmp_path / "m.keras", "--attributes", "--layer", "0", code=64)
    nnfmt("inspect", tmp_path / "m.keras", "--attributes", "--format", "tsv", code=64)
    assert "attributes" not in nnfmt("inspect", tmp_path / "m.keras", "--json").json


@pytest.mark.parametrize("at", [0.3, 0.5, 0.7, 0.9])
def test_damage_does_not_hide_the_rest(nnfmt, sample, tmp_path, at):
    """Whatever bytes stand in the file, it ends with a documented code."""
    nnfmt("convert", sample[1], tmp_path / "m.h5")
    content = bytearray((tmp_path / "m.h5").read_bytes())
    place = int(len(content) * at)
    content[place:place + 64] = bytes(255 for _ in range(64))
    (tmp_path / "m.h5").write_bytes(content)
    assert nnfmt("inspect", tmp_path / "m.h5", "--attributes", code=None).code in (0, 65)
