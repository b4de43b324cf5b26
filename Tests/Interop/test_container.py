"""The written .h5, opened with h5py: the form that Keras 2 and Keras 3 both read."""

import json
import re

import h5py
import numpy as np
import pytest

from frameworks import FRAMEWORKS, module


@pytest.fixture
def file(sample, nnfmt, tmp_path):
    nnfmt("convert", sample[1], tmp_path / "sample.h5")
    with h5py.File(tmp_path / "sample.h5", "r") as opened:
        yield opened


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def test_versions(file):
    for holder in (file, file["model_weights"]):
        assert text(holder.attrs["keras_version"]).startswith("2."), "without it tf_keras assumes Keras 1"
        assert text(holder.attrs["backend"]) == "tensorflow"


def test_config(file):
    model = json.loads(text(file.attrs["model_config"]))
    assert model["class_name"] in ("Functional", "Model")
    names = [layer["config"]["name"] for layer in model["config"]["layers"]]
    assert len(names) == len(set(names))
    assert len(model["config"]["output_layers"]) == 2
    for layer in model["config"]["layers"]:
        if layer["class_name"] == "BatchNormalization":
            assert isinstance(layer["config"]["axis"], int), "Keras 3 refuses a list inside a wrapper"
            assert layer["config"]["epsilon"] == pytest.approx(1e-5)


def test_layer_names_lead_to_every_weight(file):
    group = file["model_weights"]
    listed = {text(name) for name in group.attrs["layer_names"]}
    config = json.loads(text(file.attrs["model_config"]))["config"]
    assert listed <= {layer["config"]["name"] for layer in config["layers"]}
    reached = set()
    for layer in listed:
        for name in group[layer].attrs["weight_names"]:
            dataset = group[layer][text(name)]
            assert dataset.dtype == np.dtype("<f4") and dataset.chunks is None
            reached.add(dataset.name)
    stored = set()
    group.visititems(lambda name, item: stored.add(item.name) if isinstance(item, h5py.Dataset) else None)
    assert stored == reached, "a dataset that no weight_names lists"


def test_every_float_is_there_once(file, sample):
    """The parameters of all convolutions, and nothing carried twice."""
    weights = 0
    for layer, group in file["model_weights"].items():
        if re.fullmatch(r"convolutional_\d+(_bn)?", layer):
            weights += sum(group[text(name)].size for name in group.attrs["weight_names"])
    assert 4 * weights + 20 == sample[1].stat().st_size
    assert file.id.get_filesize() <= 1.2 * sample[1].stat().st_size + (512 << 10)


def test_same_bytes_every_time(sample, nnfmt, tmp_path):
    for name in ("a.h5", "b.h5"):
        nnfmt("convert", sample[1], tmp_path / name)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_layers_stand_in_the_order_of_keras(file, framework):
    """Both Kerases pair saved layers with the model's by order alone, and their order is not the config's:
    by depth (the longest way to an output), then as a walk back from the outputs first meets them."""
    listed = [text(name) for name in file["model_weights"].attrs["layer_names"]]
    weighty = [name for name in listed if len(file["model_weights"][name].attrs["weight_names"])]
    config = json.loads(text(file.attrs["model_config"]))["config"]
    model = module(framework).Model.from_config(config)
    assert weighty == [layer.name for layer in model.layers if layer.weights]
