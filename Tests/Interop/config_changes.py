"""Changes of a saved model's configuration, as files have them that were edited, damaged or written by others.

Each takes the configuration and a generator of random numbers, changes it in place, and says whether it found
something to change.
"""

import json
import zipfile

import h5py

CHANGES = []


def change(function):
    CHANGES.append(function)
    return function


def layers(config):
    """All layers, those of nested models too."""
    inner = config["config"]["layers"] if isinstance(config["config"], dict) else config["config"]
    for layer in inner:
        yield layer
        if isinstance(layer.get("config"), dict) and "layers" in layer["config"]:
            yield from layers(layer)


def one(config, random, *, holding=None, named=None):
    found = [layer for layer in layers(config) if isinstance(layer.get("config"), dict)
             and layer["class_name"] != "InputLayer" and (holding is None or holding in layer["config"])
             and (named is None or layer["class_name"] in named)]
    return found[random.integers(len(found))] if found else None


@change
def unknown_key(config, random):
    layer = one(config, random)
    if layer:
        layer["config"][str(random.choice(["foo_bar", "time_major", "groups", "quantization_config", "input_dtype",
                                           "batch_input_shape", "axis", "seed"]))] = None
    return layer


@change
def unknown_class(config, random):
    layer = one(config, random)
    if layer:
        layer["class_name"] = str(random.choice(["FancyLayer", "Custom>Dense", "my_package>Scale", "GetItem", "dense"]))
    return layer


@change
def module(config, random):
    layer = one(config, random)
    if layer:
        layer["module"] = [None, "os", "builtins", "my_package.layers", "keras.layers", "keras"][random.integers(6)]
        layer.setdefault("registered_name", None)
    return layer


@change
def registered(config, random):
    layer = one(config, random)
    if layer:
        layer["registered_name"] = str(random.choice(["my>Layer", layer["class_name"], ""]))
    return layer


@change
def activation(config, random):
    layer = one(config, random, holding="activation")
    if layer:
        layer["config"]["activation"] = [
            "zing", "mish", "sparsemax", "hard_swish", "relu", None, "LeakyReLU",
            {"class_name": "function", "module": "builtins", "config": "zing", "registered_name": "zing"},
            {"class_name": "LeakyReLU", "module": "keras.layers", "config": {"name": "x"}, "registered_name": None},
            {"class_name": "Mine", "module": None, "config": {}, "registered_name": "my>Mine"}][random.integers(10)]
    return layer


@change
def both_slopes(config, random):
    layer = one(config, random, named=("LeakyReLU", "ReLU", "ELU", "Activation", "Dropout"))
    if layer:
        name = layer["config"]["name"]
        slopes = [{"alpha": 0.1}, {"negative_slope": 0.1}, {"alpha": 0.1, "negative_slope": 0.2}]
        layer["class_name"], layer["config"] = "LeakyReLU", {"name": name, **slopes[random.integers(3)]}
    return layer


@change
def initializer(config, random):
    layer = one(config, random, holding="kernel_initializer")
    if layer:
        layer["config"]["kernel_initializer"] = [
            "glorot_uniform", "Mine", "zeros", None, {"class_name": "Zeros", "config": {}},
            {"class_name": "GlorotUniform", "config": {"seed": None, "dtype": "float32"}},
            {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform",
                                                         "seed": None}},
            {"class_name": "Mine", "config": {}, "module": None},
            {"class_name": "GlorotUniform", "config": {"seed": None, "input_axes": None}}][random.integers(9)]
    return layer


@change
def regularizer(config, random):
    layer = one(config, random, holding="kernel_regularizer")
    if layer:
        layer["config"]["kernel_regularizer"] = [
            "l2", {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.1}}, {"class_name": "Mine", "config": {}},
            {"class_name": "L2", "config": {"l2": 0.1}, "module": "keras.regularizers", "registered_name": None},
            {"name": "WeightRegularizer", "l1": 0.0}][random.integers(5)]
        layer["config"]["kernel_constraint"] = [None, "non_neg", "mine", {"class_name": "MaxNorm", "config": {
            "max_value": 2, "axis": 0}}][random.integers(4)]
    return layer


@change
def dtype(config, random):
    layer = one(config, random)
    if layer:
        layer["config"]["dtype"] = [
            "float32", "float16", "mixed_float16", "float33", "bfloat16", None,
            {"class_name": "Policy", "config": {"name": "mixed_float16"}},
            {"class_name": "DTypePolicy", "config": {"name": "float32"}},
            {"class_name": "DTypePolicy", "config": {"name": "mixed_bfloat16"}, "module": "keras",
             "registered_name": None},
            {"class_name": "DTypePolicy", "config": {"name": "float32"}, "module": None}][random.integers(10)]
    return layer


@change
def lacks_key(config, random):
    layer = one(config, random)
    if layer:
        keys = [key for key in layer["config"] if key != "name"]
        if not keys:
            return None
        del layer["config"][keys[random.integers(len(keys))]]
    return layer


@change
def odd_value(config, random):
    layer = one(config, random)
    if layer:
        keys = [key for key in layer["config"] if key != "name"]
        if not keys:
            return None
        layer["config"][keys[random.integers(len(keys))]] = [None, 1, 1.0, 0, "SAME", True, [1], "x", {}][random.integers(9)]
    return layer


@change
def trainable(config, random):
    layer = one(config, random)
    if layer:
        layer["config"]["trainable"] = [0, 1, None, "yes", False][random.integers(5)]
    return layer


@change
def gru_without_reset_after(config, random):
    layer = one(config, random, holding="reset_after")
    if layer:
        del layer["config"]["reset_after"]
    return layer


@change
def listed_axis(config, random):
    layer = one(config, random, holding="axis")
    if layer:
        axis = layer["config"]["axis"]
        layer["config"]["axis"] = axis[0] if isinstance(axis, list) and axis else [axis] if random.integers(2) else None
    return layer


@change
def layer_name(config, random):
    layer = one(config, random)
    if layer and config["class_name"] == "Sequential":
        layer["config"]["name"] = str(random.choice(["a/b", "a b", "_a", "слой", "a>b", "a:b", "add"]))
        return layer


@change
def input_gone(config, random):
    if config["class_name"] == "Sequential" and isinstance(config["config"], dict):
        first = config["config"]["layers"].pop(0)
        shape = first["config"].get("batch_shape", first["config"].get("batch_input_shape"))
        if random.integers(2) and config["config"]["layers"]:
            config["config"]["layers"][0]["config"]["batch_input_shape"] = shape
        elif random.integers(2):
            config["config"].pop("build_input_shape", None)
        else:
            config["config"]["build_input_shape"] = shape
        return first


@change
def mere_list(config, random):
    if config["class_name"] == "Sequential" and isinstance(config["config"], dict):
        config["config"] = config["config"]["layers"]
        return config


@change
def model_keys(config, random):
    if isinstance(config["config"], dict):
        config["config"][str(random.choice(["foo", "trainable", "dtype"]))] = True
        if random.integers(3) == 0:
            config["config"].pop("name", None)
        return config


@change
def input_shape_key(config, random):
    for layer in layers(config):
        if layer["class_name"] == "InputLayer":
            shape = layer["config"].pop("batch_shape", None) or layer["config"].pop("batch_input_shape", None)
            layer["config"]["batch_input_shape" if random.integers(2) else "batch_shape"] = shape
            for key in ("optional", "ragged", "sparse"):
                if random.integers(2):
                    layer["config"].pop(key, None)
            if random.integers(3) == 0:
                layer["config"]["foo"] = 1
    return config


@change
def call_numbers(config, random):
    layer = one(config, random)
    nodes = layer and layer.get("inbound_nodes")
    if nodes and isinstance(nodes[0], list) and nodes[0] and isinstance(nodes[0][0], list):
        entry = nodes[0][0]
        if random.integers(2):
            entry[3:] = [{str(random.choice(["training", "mask", "foo"])): None}]
        elif layer["class_name"] != "Functional":
            entry[1] += 1
        return layer


def read(path):
    if zipfile.is_zipfile(path):
        return json.loads(zipfile.ZipFile(path).read("config.json"))
    with h5py.File(path) as file:
        return json.loads(file.attrs["model_config"])


def write(source, target, text):
    """A copy of a saved model with another text as its configuration."""
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
            for member in old.namelist():
                new.writestr(member, text if member == "config.json" else old.read(member))
        return
    target.write_bytes(source.read_bytes())
    with h5py.File(target, "r+") as file:
        file.attrs["model_config"] = text
