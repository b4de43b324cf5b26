"""`nnfmt validate` of what real Keras 2 and Keras 3 saved, container against container."""

import json
import shutil
import zipfile

import h5py
import numpy as np
import pytest

from changed_h5 import h5_changed, setting
from frameworks import FRAMEWORKS, module


def build(framework):
    """Two inputs, one of words; open extents; a batch normalization and a recurrent layer."""
    keras = module(framework)
    layers = keras.layers
    keras.backend.clear_session()
    image = layers.Input((None, None, 3), name="image")
    words = layers.Input((None,), name="words")
    x = layers.Conv2D(6, 3, padding="same", use_bias=False, name="conv")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.Activation("relu", name="act")(x)
    x = layers.DepthwiseConv2D(3, name="depthwise")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    y = layers.Embedding(20, 4, name="table")(words)
    y = layers.Bidirectional(layers.LSTM(5), name="both")(y)
    z = layers.Concatenate(name="joined")([x, y])
    z = layers.Dense(4, name="classes")(z)
    model = keras.Model([image, words], z)
    random = np.random.default_rng(7)
    # Also right as variances.
    model.set_weights([random.uniform(0.1, 1, w.shape).astype(np.float32) for w in model.get_weights()])
    return model


def containers(folder, framework, model):
    """The same model in every container of its Keras."""
    paths = {"full": folder / "m.h5", "archive": folder / "m.keras"}
    model.save(str(paths["full"]))
    if framework == "Keras 2":
        model.save(str(paths["archive"]), save_format="keras")
        paths["weights"] = folder / "w.h5"
    else:
        model.save(str(paths["archive"]))
        paths["weights"] = folder / "w.weights.h5"
    model.save_weights(str(paths["weights"]))
    return paths


@pytest.fixture(scope="module", params=FRAMEWORKS)
def saved(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    return containers(folder, request.param, build(request.param))


def weights_of(path):
    """Opens the group of the weights of a legacy file, full or not."""
    file = h5py.File(path, "r+")
    return file, file["model_weights"] if "model_weights" in file else file


@pytest.mark.parametrize("reference, candidate", [
    ("full", "archive"), ("archive", "full"), ("full", "weights"), ("weights", "archive"),
])
def test_match(nnfmt, saved, reference, candidate):
    answer = nnfmt("validate", saved[reference], saved[candidate], "--json").json
    assert answer["match"] and answer["first_difference"] is None
    assert answer["parameters"] == {"compared": 16, "differing": 0}
    names = [layer["name"] for layer in answer["layers"]]
    assert sorted(names) == sorted(
        ["conv", "norm", "act", "depthwise", "mean", "table", "both", "joined", "classes"])
    assert answer["warnings"] == []


def test_other_keras(nnfmt, tmp_path):
    """The same numbers in Keras 2 and Keras 3, whose containers order variables each in its own way."""
    paths = []
    for framework, name in (("Keras 2", "two"), ("Keras 3", "three")):
        (tmp_path / name).mkdir()
        paths.append(containers(tmp_path / name, framework, build(framework)))
    for kind in ("full", "archive"):
        nnfmt("validate", paths[0][kind], paths[1]["archive"])


def test_config_beside(nnfmt, saved, tmp_path):
    nnfmt("validate", saved["weights"], saved["weights"], code=64)
    nnfmt("validate", saved["weights"], saved["weights"], "--cfg", saved["full"])


def test_inputs(nnfmt, saved, tmp_path):
    np.save(tmp_path / "image.npy", np.random.default_rng(1).random((2, 9, 7, 3), np.float32))
    np.save(tmp_path / "words.npy", np.arange(10).reshape(2, 5))
    given = ["--input", f"words={tmp_path / 'words.npy'}", "--input", f"image={tmp_path / 'image.npy'}"]
    nnfmt("validate", saved["full"], saved["archive"], *given)
    nnfmt("validate", saved["full"], saved["archive"], *given[:2], code=64)


@pytest.mark.parametrize("layer, weight, owner", [
    ("conv", 0, "conv"), ("norm", 3, "norm"), ("both", 1, "both"), ("classes", 1, "classes"),
])
def test_changed_weight(nnfmt, saved, tmp_path, layer, weight, owner):
    shutil.copy(saved["full"], tmp_path / "changed.h5")
    file, groups = weights_of(tmp_path / "changed.h5")
    with file:
        group = groups[layer]
        values = group[group.attrs["weight_names"][weight]]
        # The last one: in a recurrent kernel, that of the output gate, which no function saturates behind.
        values[(-1,) * values.ndim] *= 1.25
    answer = nnfmt("validate", saved["archive"], tmp_path / "changed.h5", "--json", code=1).json
    assert answer["first_difference"] == owner
    assert answer["parameters"]["differing"] == 1
    assert answer["differing_parameters"][0]["name"].startswith(f"{owner}.")
    assert answer["differing_parameters"][0]["differing"] == 1
    assert not [row for row in answer["layers"] if row["name"] == owner][0]["match"]


def test_changed_epsilon(nnfmt, saved, tmp_path):
    """Numbers are the same; what is computed with them is not."""
    def change(config):
        for layer in config["config"]["layers"]:
            if layer["config"]["name"] == "norm":
                layer["config"]["epsilon"] = 0.02
        return json.dumps(config)

    shutil.copy(saved["full"], tmp_path / "changed.h5")
    with h5py.File(tmp_path / "changed.h5", "r+") as file:
        file.attrs["model_config"] = change(json.loads(file.attrs["model_config"]))
    with zipfile.ZipFile(saved["archive"]) as old, zipfile.ZipFile(tmp_path / "changed.keras", "w") as new:
        for item in old.namelist():
            content = old.read(item)
            new.writestr(item, change(json.loads(content)) if item == "config.json" else content)
    for candidate in ("changed.h5", "changed.keras"):
        answer = nnfmt("validate", saved["full"], tmp_path / candidate, "--json", code=1).json
        assert answer["parameters"]["differing"] == 0
        assert answer["first_difference"] == "norm"


def test_other_names_and_types(nnfmt, saved, tmp_path):
    """Layers of other names are paired by order; numbers of another type by what that can hold."""
    keras = module("Keras 3")

    def dense(names, dtype="float32"):
        model = keras.Sequential([
            keras.layers.Input((6,)),
            keras.layers.Dense(5, activation="tanh", name=names[0], dtype=dtype),
            keras.layers.Dense(3, name=names[1], dtype=dtype),
        ])
        random = np.random.default_rng(3)
        model.set_weights([random.normal(size=w.shape).astype(np.float32) for w in model.get_weights()])
        return model

    for name, model in (("a", dense(["one", "two"])), ("b", dense(["x", "y"])),
                        ("double", dense(["one", "two"], "float64")),
                        ("half", dense(["one", "two"], "float16"))):
        model.save(str(tmp_path / f"{name}.keras"))
    answer = nnfmt("validate", tmp_path / "a.keras", tmp_path / "b.keras")
    assert "by order" in answer.err
    for other in ("double", "half"):
        nnfmt("validate", tmp_path / "a.keras", tmp_path / f"{other}.keras")
    nnfmt("validate", tmp_path / "a.keras", saved["full"], code=1)


def two_outputs(keras, order):
    """Layers whose options no input reaches."""
    layers = keras.layers
    keras.backend.clear_session()
    image = layers.Input((8, 8, 2), name="image")
    x = layers.Conv2D(3, 3, name="conv")(image)
    x = layers.BatchNormalization(name="norm")(x)
    a = layers.ReLU(max_value=1000.0, name="cut")(x)
    b = layers.ELU(alpha=0.5, name="elu")(layers.ReLU(name="rectified")(x))
    pooled = layers.GlobalAveragePooling2D(name="mean")(layers.Concatenate(name="joined")([a, b]))
    outputs = {"h": layers.Dense(3, name="h")(pooled), "y": layers.Dense(3, name="y")(pooled)}
    model = keras.Model(image, [outputs[name] for name in order])
    random = np.random.default_rng(5)
    by_name = {layer.name: layer for layer in model.layers}
    for name in ("conv", "norm", "h", "y"):
        if name in by_name:
            layer = by_name[name]
            layer.set_weights([random.uniform(50, 60, w.shape).astype(np.float32) for w in layer.get_weights()])
    return model


def keras_2_h5(tmp_path, name, order):
    """Saved by Keras 2, whose configurations are short to change."""
    path = tmp_path / f"{name}.h5"
    two_outputs(module("Keras 2"), order).save(str(path))
    return path


def reversed_inputs(config):
    for entry in config["layers"]:
        if entry["config"]["name"] == "joined":
            entry["inbound_nodes"][0].reverse()


def test_what_no_input_shows(nnfmt, tmp_path):
    base = keras_2_h5(tmp_path, "base", "hy")
    nnfmt("validate", base, base)
    for number, (change, layer, option) in enumerate([
        (setting("cut", "max_value", 1001.0), "cut", "max_value"),
        (setting("elu", "alpha", 0.6), "elu", "alpha"),
        (setting("norm", "epsilon", 0.0011), "norm", "epsilon"),
        (setting("mean", "keepdims", True), None, None),
        (reversed_inputs, "joined", "inputs"),
    ]):
        changed = h5_changed(base, tmp_path / f"{number}.h5", change)
        answer = nnfmt("validate", base, changed, "--json", code=None)
        # An option that makes the file contradict itself is damage.
        assert answer.code == 1 or option is None and answer.code == 65, answer.err
        if option:
            rows = [(row["layer"], row["option"]) for row in answer.json["differences"]]
            assert (layer, option) in rows, rows


def test_outputs(nnfmt, tmp_path):
    """The same layers in another order, or one output fewer."""
    paths = {order: keras_2_h5(tmp_path, order, order) for order in ("hy", "yh", "y")}
    for a, b in (("hy", "yh"), ("yh", "hy"), ("hy", "y"), ("y", "hy")):
        answer = nnfmt("validate", paths[a], paths[b], "--json", code=1).json
        assert answer["differences"][0]["kind"] in ("interface", "architecture")
        assert len(answer["outputs"]) == min(len(a), len(b))


@pytest.mark.parametrize("steps", [4, 3])
def test_open_extent_that_fits_one_number(nnfmt, tmp_path, steps):
    """A model may leave open how many steps come and yet compute on one number of them only."""
    k = module("Keras 3")
    model = k.Sequential([k.Input((None, 2)), k.layers.Reshape((steps * 2,)), k.layers.Dense(3)])
    for name in ("m.keras", "m.h5"):
        model.save(str(tmp_path / name))
    files = tmp_path / "m.keras", tmp_path / "m.h5"
    np.save(tmp_path / "x.npy", np.ones((1, steps, 2), np.float32))
    if steps == 3:
        # None of those that are made up fits.
        assert "--input" in nnfmt("validate", *files, code=64).err
        nnfmt("validate", *files, "--input", tmp_path / "x.npy")
    else:
        nnfmt("validate", *files)


@pytest.mark.parametrize("model", ["nested_functional", "nested_in_sequential", "nested_sequential_in_functional"])
@pytest.mark.parametrize("name", ["k3_full.h5", "tfk2_full.h5", "k3_model.keras"])
def test_a_model_inside_another_matches_its_conversion(nnfmt, corpus, tmp_path, model, name):
    """`convert` may write a call of it twice, since the two Kerases count calls differently."""
    path = corpus / "keras/models" / model / name
    for target in ("m.h5", "m.keras"):
        nnfmt("convert", path, tmp_path / target)
        assert nnfmt("validate", path, tmp_path / target, "--json").json["match"]


def test_a_model_inside_another_costs_as_much_as_in_its_conversion(nnfmt, corpus, tmp_path):
    path = corpus / "keras/models/nested_sequential_in_functional/tfk2_full.h5"
    nnfmt("convert", path, tmp_path / "m.h5")
    flops = [[layer["flops"] for layer in nnfmt("inspect", file, "--json").json["layers"]] for file in (path, tmp_path / "m.h5")]
    assert flops[0] == flops[1] and sum(flops[0]) > 0
