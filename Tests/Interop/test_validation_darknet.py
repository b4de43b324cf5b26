"""`nnfmt validate` of a darknet network and the Keras model that nnfmt made of it."""

import json
import struct

import h5py
import numpy as np
import pytest

from changed_h5 import h5_changed, setting
from frameworks import module
from networks import conv, section


@pytest.fixture
def converted(nnfmt, workplace):
    nnfmt("convert", workplace.weights, workplace.out / "m.h5")
    return workplace.out / "m.h5"


def test_darknet(nnfmt, workplace, converted):
    """Keras's own layers are computed, but for the head, which Keras does not have."""
    for pair in ((workplace.weights, converted), (converted, workplace.weights), (converted, converted)):
        answer = nnfmt("validate", *pair, "--json").json
        assert [layer["name"] for layer in answer["layers"]] == [
            "convolutional_0", "convolutional_1", "convolutional_2"]


@pytest.mark.parametrize("layer, key, value, first", [
    ("convolutional_0_bn", "epsilon", 0.1, "convolutional_0"),
    ("convolutional_1", "padding", "valid", None),
    ("convolutional_1_act", "negative_slope", 0.5, "convolutional_1"),
])
def test_darknet_against_changed_config(nnfmt, workplace, converted, layer, key, value, first):
    with h5py.File(converted, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for entry in config["config"]["layers"]:
            if entry["config"]["name"] == layer:
                entry["config"].pop("alpha", None) if key == "negative_slope" else None
                entry["config"][key] = value
        file.attrs["model_config"] = json.dumps(config)
    answer = nnfmt("validate", workplace.weights, converted, "--json", code=None)
    assert answer.code in (1, 65), answer.err
    if answer.code == 1:
        assert first is None or answer.json["first_difference"] == first
        assert "configured otherwise" in answer.err


def test_darknet_saved_again(nnfmt, workplace, converted):
    """What Keras saves lost the darknet network; the numbers of a `.keras` are found by its configuration."""
    model = module("Keras 3").models.load_model(str(converted), compile=False)
    model.save(str(workplace.out / "again.h5"))
    model.save(str(workplace.out / "again.keras"))
    nnfmt("validate", workplace.weights, workplace.out / "again.h5", "--cfg", workplace.cfg)
    nnfmt("validate", converted, workplace.out / "again.keras")
    for pair in ((workplace.weights, workplace.out / "again.keras"), (workplace.out / "again.keras", workplace.weights)):
        answer = nnfmt("validate", *pair, "--json").json
        assert answer["parameters"]["compared"] > 0 and len(answer["layers"]) == 3
    nnfmt("convert", workplace.out / "again.keras", workplace.out / "back.weights", "--cfg", workplace.cfg)
    assert (workplace.out / "back.weights").read_bytes()[20:] == workplace.bytes[20:]
    # Weights alone have numbers in place of names.
    model.save_weights(str(workplace.out / "again.weights.h5"))
    answer = nnfmt("validate", workplace.weights, workplace.out / "again.weights.h5", "--cfg", workplace.cfg)
    assert "by class and number" in answer.err


def test_darknet_weights_alone(nnfmt, workplace, converted):
    """Without Keras's layers the cfg's are computed, and the user is told."""
    alone = workplace.out / "alone.h5"
    with h5py.File(converted) as source, h5py.File(alone, "w") as target:
        for key, value in source["model_weights"].attrs.items():
            target.attrs[key] = value
        for name in source["model_weights"]:
            source.copy(f"model_weights/{name}", target)
    for pair in ((workplace.weights, alone), (alone, workplace.weights)):
        answer = nnfmt("validate", *pair, "--cfg", workplace.cfg, "--json")
        assert len(answer.json["layers"]) == 4
        assert "the cfg's layers are computed" in answer.err


def test_darknet_layer_that_cannot_be_computed(nnfmt, workplace, converted):
    """Then nothing but the configuration itself tells that it is not the cfg's."""
    with h5py.File(converted, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for entry in config["config"]["layers"]:
            if entry["config"]["name"] == "convolutional_0_act":
                entry["class_name"] = "Lambda"
        file.attrs["model_config"] = json.dumps(config)
    answer = nnfmt("validate", workplace.weights, converted, code=65)
    assert "convolutional_0_act" in answer.err


def appended(config):
    # One output stands alone, several in a list.
    first = config["output_layers"][0]
    last = first if isinstance(first, str) else first[0]
    config["layers"].append({
        "class_name": "ReLU", "name": "more", "config": {"name": "more"}, "inbound_nodes": [[[last, 0, 0, {}]]]})


def appended_as_output(config):
    appended(config)
    config["output_layers"] = [["more", 0, 0]]


def earlier_output(config):
    config["output_layers"] = [["convolutional_0_act", 0, 0]]


@pytest.mark.parametrize("change, layer", [
    (appended, "more"), (appended_as_output, "more"), (earlier_output, None),
    (setting("convolutional_0_bn", "epsilon", 1.1e-5), "convolutional_0"),
])
def test_changed_interface_or_layer(nnfmt, workplace, converted, change, layer):
    """Of a converted network, in either order, and against the Keras model that it was."""
    changed = h5_changed(converted, workplace.out / "changed.h5", change)
    for pair in ((workplace.weights, changed), (changed, workplace.weights), (converted, changed)):
        answer = nnfmt("validate", *pair, "--json", code=1).json
        assert answer["match"] is False and answer["differences"]
        assert layer is None or layer in [row["layer"] for row in answer["differences"]]


def test_one_unreadable_cfg_does_not_change_the_dialect(nnfmt, tmp_path):
    """Read as pjreddie's, both networks would be computed without what only AlexeyAB's darknet knows."""
    def network(name, **options):
        (tmp_path / f"{name}.cfg").write_text("\n".join((
            section("net", width=16, height=16, channels=2), conv(4, 3, stride=2, **options), conv(4, 3),
            section("route", layers="-1,-2"), conv(3, 3, dilation=2))))
        numbers = np.random.default_rng(1).normal(size=76 + 148 + 219).astype("<f4")
        (tmp_path / f"{name}.weights").write_bytes(struct.pack("<iiiq", 0, 2, 5, 0) + numbers.tobytes())
        return tmp_path / f"{name}.weights"

    good, bad = network("good"), network("bad", antialiasing=1)
    assert nnfmt("validate", good, good, "--json").json["match"]
    error = nnfmt("validate", good, bad, code=65).err
    assert "bad.cfg" in error and "--dialect pjreddie" in error
