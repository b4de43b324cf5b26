"""`loads_in` of `inspect` is what real Kerases do: models of `keras_models` in every full container, as saved and with
changes of their configurations, are loaded by both.

The models and changes are drawn by `seed.py`. NNFMT_LOADS_IN=1000 draws as
many, and NNFMT_LOADS_IN=all tries every model; with either all rows of the tables are made anew.
"""

import json
import os
import re
import shutil
import warnings
import zipfile
from collections import Counter

import h5py
import numpy as np
import pytest

import constructor_keys
from config_changes import CHANGES, read, write
from conftest import ROOT
from frameworks import FRAMEWORKS, loads, module
from keras_models.collection import all_files
from keras_models.making import make, save
from seed import SEED

WISH = os.environ.get("NNFMT_LOADS_IN")
COUNT = 30
ROWS = 12
KERASES = {"keras-2": "Keras 2", "keras-3": "Keras 3"}


def judge(nnfmt, path, counts, wrong, about):
    """Holds one file's claim against both Kerases."""
    answer = nnfmt("inspect", path, "--json", code=None)
    if answer.code != 0:
        counts["refused by inspect"] += 1
        return
    said = json.loads(answer.out)
    if "loads_in" not in said:
        assert any("is not known" in warning for warning in said["warnings"]), f"{about}: neither claim nor warning"
        counts["not claimed"] += 1
        return
    for keras in KERASES:
        real = loads(KERASES[keras], path)
        claim = keras in said["loads_in"]
        counts[f"{keras} {'loads' if real is True else 'does not load'}"] += 1
        assert claim == (keras not in said.get("does_not_load", {})), "a refusal has its reason"
        if claim != (real is True):
            reason = said.get("does_not_load", {}).get(keras)
            wrong.append(f"{about}: said of {keras}: {'loads' if claim else reason}; it says: {real}")


def drawn(random):
    files = [(case, container) for case, container in all_files() if container in ("h5", "keras")]
    if WISH == "all":
        return files
    return [files[index] for index in random.permutation(len(files))[:int(WISH or COUNT)]]


def changed(path, folder, random):
    """A copy of the file with a change, and what was changed."""
    for number in random.permutation(len(CHANGES)):
        config = read(path)
        if CHANGES[number](config, random):
            target = folder / f"changed_{path.name}"
            write(path, target, json.dumps(config))
            return target, CHANGES[number].__name__
    return None


def test_claims(nnfmt, tmp_path, note):
    random = np.random.default_rng(SEED)
    counts, wrong = Counter(), []
    for case, container in drawn(random):
        folder = tmp_path / "case"
        folder.mkdir()
        try:
            path, _ = save(make(case), container, folder)
        except Exception:  # noqa: BLE001 - what Keras itself can't make or save
            counts["not saved"] += 1
            shutil.rmtree(folder)
            continue
        judge(nnfmt, path, counts, wrong, f"{case.id}-{container}")
        if change := changed(path, folder, random):
            judge(nnfmt, change[0], counts, wrong, f"{case.id}-{container} with {change[1]}")
        shutil.rmtree(folder)
    note(f"loads_in, seed {SEED}: {dict(sorted(counts.items()))}")
    assert not wrong, f"NNFMT_SEED={SEED}: " + "\n".join(wrong)


def rows(text):
    """{table: {name: row}} of a Swift file."""
    tables = re.findall(r'static let (\w+) = """\n(.*?)\n    """', text, re.S)
    return {table: dict(re.findall(r"(\S+?)\(([^)]*)\)", " ".join(body.split()))) or set(body.split())
            for table, body in tables}


def test_tables():
    """What stands in the tables is what the installed Kerases take."""
    only = None
    if not WISH:
        names = set().union(*(constructor_keys.classes(module(name)) for name in KERASES.values()))
        only = {"Add", *np.random.default_rng(SEED).permutation(sorted(names))[:ROWS]}
    for name, text in constructor_keys.files(only).items():
        held = rows((ROOT / "Sources/Keras/Loading" / name).read_text())
        for table, made in rows(text).items():
            if table == "layers" and only:
                assert made == {row: held[table].get(row) for row in made}, f"{name}, seed {SEED}"
            else:
                assert made == held[table], f"{name}: make it anew with constructor_keys.py"


# Models that people make, of which claims were wrong

def vector(k):
    i = k.Input((4,))
    return k.Model(i, k.layers.Dense(3)(i))


def picture(k):
    i = k.Input((8, 8, 3))
    return k.Model(i, k.layers.Conv2D(4, 3)(i))


def behind(*layers, inner=vector):
    """A `Sequential` of a functional model and layers behind it."""
    return lambda k: k.Sequential([inner(k), *(getattr(k.layers, name)(*options) for name, *options in layers)])


def called_with_names(k):
    a, b, x, y = (k.Input((4,), name=name) for name in "abxy")
    inner = k.Model({"a": a, "b": b}, k.layers.Subtract()([k.layers.Dense(3)(a), k.layers.Dense(3)(b)]))
    return k.Model([x, y], inner({"a": x, "b": y}))


def of_tensorflow(function):
    def made(k):
        import tensorflow as tf
        i = k.Input((4,))
        return k.Model(i, function(tf, k.layers.Dense(3)(i)))
    return made


def quantized(k):
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3)])
    model.quantize("float8")
    return model


PEOPLES = [
    *[(name, framework, build) for framework in FRAMEWORKS for name, build in {
        "transfer": behind(("GlobalAveragePooling2D",), ("Dense", 2), inner=picture), "head": behind(("Dense", 2)),
        "dropout": behind(("Dropout", .5)), "dropout_head": behind(("Dropout", .5), ("Dense", 2)),
        "activation": behind(("Softmax",)), "flattened": behind(("Flatten",), ("Dense", 2), inner=picture),
        "batch": behind(("BatchNormalization",)), "pooled": behind(("GlobalMaxPooling2D",), inner=picture),
        "convolution": behind(("Conv2D", 2, 2), inner=picture), "names": called_with_names}.items()],
    ("einsum", "Keras 2", of_tensorflow(lambda tf, x: tf.einsum("ab,ab->a", x, x))),
    ("equal", "Keras 2", of_tensorflow(lambda tf, x: x == 0.0)),
    ("unequal", "Keras 2", of_tensorflow(lambda tf, x: x != x * 2.0)),
    ("equal_by_name", "Keras 2", of_tensorflow(lambda tf, x: tf.equal(x, 0.0))),
    ("meshgrid", "Keras 2", of_tensorflow(lambda tf, x: tf.meshgrid(x, x))),
    ("experimental", "Keras 2", lambda k: k.experimental.LinearModel()), ("quantized", "Keras 3", quantized)]


@pytest.mark.parametrize(("name", "framework", "build"), PEOPLES, ids=[f"{n}-{f[-1]}" for n, f, _ in PEOPLES])
def test_models_of_people(nnfmt, tmp_path, name, framework, build):
    counts, wrong = Counter(), []
    model = build(module(framework))
    for container in ("h5", "keras")[name == "experimental":]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save(str(tmp_path / f"{name}.{container}"))
        judge(nnfmt, tmp_path / f"{name}.{container}", counts, wrong, f"{name} in .{container}")
    assert not wrong, "\n".join(wrong)
    # Where nothing is claimed nothing is tried.
    assert name in ("meshgrid", "experimental", "quantized", "pooled") or not counts["not claimed"]


# What inspect warns of

@pytest.fixture
def models(tmp_path):
    k = module("Keras 3")
    model = k.Sequential([k.Input((4,)), k.layers.Dense(3, name="first")])
    paths = tmp_path / "m.h5", tmp_path / "m.keras"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in paths:
            model.save(str(path))
    return paths


def inspected(nnfmt, path):
    answer = nnfmt("inspect", path, "--json")
    said = json.loads(answer.out)
    for warning in said["warnings"]:
        assert warning in answer.err
    return said


@pytest.mark.parametrize("kind", [0, 1])
def test_byte_order_mark(nnfmt, models, tmp_path, kind):
    path = tmp_path / f"bom{models[kind].suffix}"
    write(models[kind], path, "\ufeff" + json.dumps(read(models[kind])))
    said = inspected(nnfmt, path)
    assert any("byte order mark" in warning for warning in said["warnings"])
    # Python tells the encoding of bytes, and takes a text as it is.
    assert said["loads_in"] == [keras for keras in KERASES if loads(KERASES[keras], path) is True] == ["keras-3"] * kind


def nodes(config):
    return config["config"]["layers"][1]["inbound_nodes"]


@pytest.mark.parametrize("change", [
    lambda c: nodes(c).__setitem__(0, None), lambda c: nodes(c)[0].__setitem__(0, "in"), lambda c: nodes(c)[0][0].__setitem__(2, "0"),
    lambda c: nodes(c)[0][0].__setitem__(3, None), lambda c: c["config"].__setitem__("input_layers", ["in", 0])])
def test_form_that_no_keras_writes(nnfmt, tmp_path, change):
    """Nothing is claimed of what a hand has been at."""
    k = module("Keras 2")
    i = k.Input((4,), name="in")
    k.Model(i, k.layers.Dense(3)(i)).save(str(tmp_path / "m.h5"))
    config = read(tmp_path / "m.h5")
    change(config)
    write(tmp_path / "m.h5", tmp_path / "odd.h5", json.dumps(config))
    answer = nnfmt("inspect", tmp_path / "odd.h5", "--json", code=None)
    said = json.loads(answer.out) if answer.code == 0 else {"loads_in": []}
    assert "keras-2" not in said.get("loads_in", [])
    assert loads("Keras 2", tmp_path / "odd.h5") is not True


def test_model_called_with_its_own_output(nnfmt, tmp_path):
    """Of a call that Keras 2 counts as the first, Keras 3 makes the second, which waits for itself."""
    k = module("Keras 2")
    a, b, x = k.Input((2,)), k.Input((2,)), k.Input((2,))
    inner = k.Model([a, b], k.layers.Dense(2)(k.layers.Add()([a, b])))
    model = k.Model(x, inner([x, inner([x, x])]))
    model.save(str(tmp_path / "m.h5"))
    said = inspected(nnfmt, tmp_path / "m.h5")
    assert said["loads_in"] == [keras for keras in KERASES if loads(KERASES[keras], tmp_path / "m.h5") is True] == ["keras-2"]


@pytest.mark.parametrize("count", [250, 950])
def test_very_many_layers(nnfmt, models, tmp_path, count):
    """Keras 3 takes minutes over a long Sequential, and tf_keras more calls than Python has: nothing is claimed."""
    path, config = tmp_path / "long.h5", read(models[0])
    for number in range(count):
        config["config"]["layers"].append({"class_name": "ReLU", "config": {"name": f"r{number}"}})
    write(models[0], path, json.dumps(config))
    said = inspected(nnfmt, path)
    assert "loads_in" not in said and any("is not known" in warning for warning in said["warnings"])


def test_dataset_of_no_layer(nnfmt, models):
    with h5py.File(models[0], "r+") as file:
        file["model_weights/first"]["old_kernel"] = np.zeros(3, np.float32)
    said = inspected(nnfmt, models[0])
    assert any("/model_weights/first/old_kernel" in warning for warning in said["warnings"])
    assert said["loads_in"] == ["keras-3"] and loads("Keras 3", models[0]) is True


def test_configuration_that_inflates(nnfmt, models, tmp_path):
    path = tmp_path / "bomb.keras"
    with zipfile.ZipFile(models[1]) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.namelist():
            bytes = old.read(member)
            if member == "config.json":
                new.writestr(member, bytes + b" " * (len(bytes) * 1000), zipfile.ZIP_DEFLATED)
            else:
                new.writestr(member, bytes)
    said = inspected(nnfmt, path)
    assert any("config.json" in warning and "inflates" in warning for warning in said["warnings"])


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("change", [
    {"class_name": "FancyLayer"}, {"module": "os", "class_name": "FancyLayer"}, {"module": "os"}, {"module": None}])
def test_class_of_no_keras(nnfmt, models, tmp_path, kind, change):
    path, config = tmp_path / f"odd{models[kind].suffix}", read(models[kind])
    config["config"]["layers"][1].update(change)
    write(models[kind], path, json.dumps(config))
    said = inspected(nnfmt, path)
    assert any("first" in warning and ("none of Keras's" in warning or "never run" in warning)
               for warning in said["warnings"])
    assert said["loads_in"] == [] and not any(loads(KERASES[keras], path) is True for keras in KERASES)
    np.save(tmp_path / "x.npy", np.zeros((1, 4), np.float32))
    nnfmt("run", path, "--input", tmp_path / "x.npy", "--output", tmp_path / "y", code=69)
    nnfmt("convert", path, tmp_path / "out.weights", code=69)
