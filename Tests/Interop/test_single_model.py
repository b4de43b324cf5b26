"""`nnfmt validate` of one model: its health, and what it computes against what was recorded of it."""

import json
import shutil

import h5py
import numpy as np
import pytest

from frameworks import FRAMEWORKS, module
from test_causes import tensor


def build(keras):
    layers = keras.layers
    keras.backend.clear_session()
    image = layers.Input((8, 8, 3), name="image")
    words = layers.Input((None,), dtype="int32", name="words")
    x = layers.Conv2D(6, 3, padding="same", name="block/conv" if keras.__version__[0] == "2" else "conv")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(name="act")(x)
    x = layers.Flatten(name="flat")(x)
    y = layers.LSTM(4, name="lstm")(layers.Embedding(9, 5, name="table")(words))
    return keras.Model([image, words], layers.Dense(3, name="classes")(layers.Concatenate(name="joined")([x, y])))


@pytest.fixture(scope="module", params=FRAMEWORKS)
def fresh(request, tmp_path_factory):
    """A model as Keras initializes it, with its path in each container."""
    keras = module(request.param)
    model = build(keras)
    folder = tmp_path_factory.mktemp("fresh")
    paths = [folder / "m.h5", folder / "m.keras"]
    for path in paths:
        if request.param == "Keras 2" and path.suffix == ".keras":
            model.save(str(path), save_format="keras")
        else:
            model.save(str(path))
    return model, keras, paths


def test_fresh_model_is_healthy(nnfmt, fresh):
    for path in fresh[2]:
        answer = nnfmt("validate", path, "--json").json
        assert answer["healthy"] and answer["findings"] == [] and answer["tensors"] == 12
    assert nnfmt("validate", fresh[2][0]).out == "healthy: 12 tensors looked at\n"
    assert nnfmt("validate", fresh[2][0], "--quiet").out == ""


def test_corpus_is_healthy(nnfmt, corpus, tmp_path):
    """Real models, and what is made of them: no false alarm."""
    files = sorted(corpus.glob("darknet/real/**/*.weights")) + sorted(corpus.glob("keras/real/**/*.h5"))
    looked = 0
    for path in files:
        if path.suffix == ".weights" and not path.with_suffix(".cfg").exists():
            continue
        answer = nnfmt("validate", path, "--json", code=None)
        if answer.code in (0, 1):
            assert answer.json["healthy"], (path, answer.json["findings"])
            looked += 1
    assert looked > 0


def number(place, value):
    def change(data):
        values = data[...]
        values.flat[place] = value
        data[...] = values
    return change


def all_of(value):
    return lambda data: data.__setitem__(..., np.full(data.shape, value, data.dtype))


def random_bytes(data):
    data[...] = np.frombuffer(np.random.default_rng(1).bytes(data.size * 4), "<f4").reshape(data.shape)


@pytest.mark.parametrize("layer, name, change, kind", [
    ("classes", "kernel", number(3, np.nan), "NaN"), ("classes", "bias", number(1, np.inf), "infinite"),
    ("norm", "moving_variance", number(2, -0.5), "negative variance"),
    ("classes", "kernel", all_of(0), "zeros"), ("classes", "kernel", all_of(0.5), "constant"),
    ("classes", "kernel", random_bytes, "random-looking"), ("classes", "kernel", number(0, 1e9), "huge"),
    ("classes", "kernel", all_of(1e-41), "denormal"),
])
def test_findings(nnfmt, fresh, tmp_path, layer, name, change, kind):
    shutil.copy(fresh[2][0], tmp_path / "bad.h5")
    with h5py.File(tmp_path / "bad.h5", "r+") as file:
        change(tensor(file, layer, name))
    answer = nnfmt("validate", tmp_path / "bad.h5", "--json", code=1).json
    found = [(finding["layer"], finding["kind"]) for finding in answer["findings"]]
    assert (layer, kind) in found and all(row[0] == layer for row in found)


def test_what_is_not_complete(nnfmt, sample, tmp_path):
    cfg, weights = sample
    nnfmt("validate", weights)
    content = weights.read_bytes()
    (tmp_path / "cut.weights").write_bytes(content[:len(content) // 2 + 1])
    nnfmt("validate", tmp_path / "cut.weights", "--cfg", cfg, code=65)
    nnfmt("validate", tmp_path / "cut.weights", code=64)
    nnfmt("validate", cfg, code=65)
    nnfmt("validate", weights, "--seed", "1", code=64)
    # A header of another size: the numbers of one array are taken for those of the next.
    (tmp_path / "moved.weights").write_bytes(content[:20] + np.frombuffer(
        np.random.default_rng(2).bytes(len(content) - 20), "<f4").tobytes())
    answer = nnfmt("validate", tmp_path / "moved.weights", "--cfg", cfg, "--json", code=None)
    assert answer.code in (1, 65)


# What was recorded

def inputs(folder):
    random = np.random.default_rng(3)
    np.save(folder / "image.npy", random.normal(size=(2, 8, 8, 3)).astype(np.float32))
    np.save(folder / "words.npy", random.integers(0, 9, (2, 5)).astype(np.int32))
    return ["--input", f"image={folder / 'image.npy'}", "--input", f"words={folder / 'words.npy'}"]


def test_record_and_expect(nnfmt, fresh, tmp_path):
    model, _, (h5, archive) = fresh
    out = nnfmt("validate", h5, "--record", tmp_path / "seeded", "--json").json
    assert out["arrays"] == len(list((tmp_path / "seeded").glob("*.npy")))
    for path in (h5, archive):
        answer = nnfmt("validate", path, "--expect", tmp_path / "seeded", "--json").json
        assert answer["match"] and len(answer["layers"]) >= 8
    nnfmt("validate", h5, "--record", tmp_path / "seeded", code=73)
    nnfmt("validate", h5, "--record", tmp_path / "seeded", "--force")
    nnfmt("validate", h5, "--record", tmp_path / "given", *inputs(tmp_path))
    assert np.load(tmp_path / "given/input_0.npy").shape == (2, 8, 8, 3)
    shutil.copy(h5, tmp_path / "bad.h5")
    with h5py.File(tmp_path / "bad.h5", "r+") as file:
        number(0, 7)(tensor(file, "norm", "beta"))
    for folder in ("seeded", "given"):
        answer = nnfmt("validate", tmp_path / "bad.h5", "--expect", tmp_path / folder, "--json", code=1).json
        assert answer["first_difference"] == "norm" and answer["cause"] is None
        assert not answer["evidence"]["parameters"] and answer["evidence"]["forward"]


def test_what_keras_saved(nnfmt, fresh, tmp_path):
    """By its users, with their own script: layers by name, inputs and outputs, channels last or first."""
    model, keras, (h5, archive) = fresh
    inputs(tmp_path)
    given = [np.load(tmp_path / "image.npy"), np.load(tmp_path / "words.npy")]
    names = [layer.name for layer in model.layers if layer.name not in ("image", "words")]
    values = keras.Model(model.inputs, [model.get_layer(name).output for name in names]).predict(given, verbose=0)
    for layout in ("last", "first"):
        folder = tmp_path / layout
        folder.mkdir()
        turned = lambda array: array.transpose(0, 3, 1, 2) if layout == "first" and array.ndim == 4 else array
        np.save(folder / "input_0.npy", turned(given[0]))
        np.save(folder / "words.npy", given[1])
        for name, value in zip(names, values):
            np.save(folder / f"{name.replace('/', '_')}.npy", turned(np.asarray(value)))
        np.save(folder / "output.npy", np.asarray(values[-1], np.float64))
        for path in (h5, archive):
            answer = nnfmt("validate", path, "--expect", folder, "--json").json
            assert len(answer["layers"]) == len(names) + 1
            assert sorted(row["name"] for row in answer["layers"])[:2] == sorted(names + ["classes"])[:2]
        np.save(folder / "norm.npy", turned(np.asarray(values[names.index("norm")]) + 0.01))
        answer = nnfmt("validate", h5, "--expect", folder, "--json", code=1).json
        assert answer["first_difference"] == "norm"


def test_recording_of_the_other_format(nnfmt, sample, tmp_path):
    """A darknet network and the .h5 that it became, each against the other's recording."""
    cfg, weights = sample
    nnfmt("convert", weights, tmp_path / "m.h5")
    nnfmt("validate", weights, "--record", tmp_path / "darknet")
    nnfmt("validate", tmp_path / "m.h5", "--record", tmp_path / "keras")
    assert (tmp_path / "darknet/000.npy").exists() and (tmp_path / "keras/convolutional_0_bn.npy").exists()
    for path in (weights, tmp_path / "m.h5"):
        for folder in ("darknet", "keras"):
            answer = nnfmt("validate", path, "--expect", tmp_path / folder, "--json").json
            assert answer["match"] and answer["layers"], (path, folder)
    # Without the index the layers are told by their indices.
    (tmp_path / "darknet/index.json").unlink()
    nnfmt("validate", weights, "--expect", tmp_path / "darknet")
    flat = np.load(tmp_path / "darknet/003.npy").reshape(-1)
    np.save(tmp_path / "darknet/003.npy", flat)
    nnfmt("validate", weights, "--expect", tmp_path / "darknet")


def test_broken_recordings(nnfmt, fresh, tmp_path):
    _, _, (h5, _) = fresh
    nnfmt("validate", h5, "--expect", tmp_path / "none", code=66)
    (tmp_path / "empty").mkdir()
    nnfmt("validate", h5, "--expect", tmp_path / "empty", code=65)
    nnfmt("validate", h5, "--record", tmp_path / "good")

    def broken(name, change, code):
        folder = tmp_path / name
        shutil.copytree(tmp_path / "good", folder)
        change(folder)
        answer = nnfmt("validate", h5, "--expect", folder, code=code)
        assert answer.err.startswith("error:") and name in answer.err

    def listed(folder, change):
        path = folder / "index.json"
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    broken("cut", lambda f: (f / "act.npy").write_bytes((f / "act.npy").read_bytes()[:-9]), 65)
    broken("gone", lambda f: (f / "act.npy").unlink(), 65)
    broken("no_json", lambda f: (f / "index.json").write_text("{"), 65)
    broken("other_json", lambda f: (f / "index.json").write_text("{}"), 65)
    broken("outside", lambda f: listed(f, lambda d: d["layers"][3].update(file="../x.npy")), 65)
    broken("no_input", lambda f: listed(f, lambda d: d["inputs"].pop()), 64)
    broken("other_shape", lambda f: np.save(f / "act.npy", np.ones((3, 3), np.float32)), 65)
    broken("samples", lambda f: np.save(f / "act.npy", np.ones((77, 8, 8, 6), np.float32)), 65)
    # Without an index every file counts.
    broken("stray", lambda f: [(f / "index.json").unlink(), np.save(f / "whatever.npy", np.ones(3))], 65)
