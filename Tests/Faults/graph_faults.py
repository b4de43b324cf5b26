"""Faults of what layers a Keras model has, and of what they take; and of variables that a layer does without."""

import copy

from config_faults import GLOBAL_POOLINGS, POOLINGS
from keras_config import inbound, is_functional, layer_list, outputs_of
from kinds import Change, keras, pick

MERGES = ("Add", "Multiply", "Average", "Maximum", "Minimum")


def entries(layer):
    """The values that a layer takes in one call, as its configuration has them: [name, node, tensor, …] each. A list to
    change in place; None if there are several calls."""
    nodes = layer.get("inbound_nodes") or []
    if len(nodes) != 1:
        return None
    if isinstance(nodes[0], dict):  # Keras 3
        arguments = nodes[0].get("args") or []
        return arguments[0] if arguments and isinstance(arguments[0], list) else arguments
    return nodes[0]


def layers_with(model, *classes):
    return [layer for layer in layer_list(model.config) if layer["class_name"] in classes] if model.config else []


def names(layer):
    return inbound(layer)


def name_of(layer):
    return Change({layer["config"]["name"]})


def order(*classes):
    def apply(model, random):
        layer = pick(random, [layer for layer in layers_with(model, *classes)
                              if len(set(names(layer))) > 1 and len(entries(layer) or []) > 1])
        if layer:
            taken = entries(layer)
            i, j = random.choice([(i, j) for i in range(len(taken)) for j in range(i) if taken[i] != taken[j]])
            taken[i], taken[j] = taken[j], taken[i]
            return name_of(layer)
    return apply


keras("the order of a concatenation", cause="order of inputs")(order("Concatenate"))
keras("the order of a subtraction", cause="order of inputs")(order("Subtract"))


def other_class(change, *classes):
    def apply(model, random):
        if not model.config:
            return None
        found = pick(random, [(name, layer) for name, layer, config in model.every_layer() if layer["class_name"] in classes
                              and any(n > 1 for n in as_list(config.get("pool_size", 2)))])
        if found:
            name, layer = found
            layer["class_name"] = change(layer["class_name"], random)
            layer.pop("registered_name", None)
            return Change({name})
    return apply


def as_list(value):
    return value if isinstance(value, list) else [value]


def max_or_average(name, random):
    return name.replace("Max", "@").replace("Average", "Max").replace("@", "Average")


keras("max for average pooling", cause="pooling")(other_class(max_or_average, *POOLINGS))
keras("max for average global pooling", cause="pooling")(other_class(max_or_average, *GLOBAL_POOLINGS))
keras("a merge's operation")(other_class(lambda name, random: random.choice([m for m in MERGES if m != name]), *MERGES))


@keras("another layer taken")
def other_source(model, random):
    """A layer that takes another value of the same shape."""
    if not model.config or not is_functional(model.config):
        return None
    layers = layer_list(model.config)
    choices = []
    for position, layer in enumerate(layers):
        for entry in entries(layer) or []:
            source = (inbound({"inbound_nodes": [entry]}) or [None])[0]
            shape = model.output_shape(source)
            choices += [(layer, entry, source, other["config"]["name"]) for other in layers[:position]
                        if other["config"]["name"] != source and shape and model.output_shape(other["config"]["name"]) == shape
                        and "Dropout" not in other["class_name"] + model.class_of(source) and other["class_name"] != "InputLayer"
                        and not isinstance(shape[0], list) and len(other.get("inbound_nodes", [])) == 1]
    if choices:
        layer, entry, source, other = random.choice(choices)
        rename(entry, source, other)
        return name_of(layer)


def rename(value, old, new):
    """Replaces the name of a layer in what another one takes."""
    if isinstance(value, dict):
        if "keras_history" in value:
            if value["keras_history"][0] == old:
                value["keras_history"][0] = new
            return
        for item in value.values():
            rename(item, old, new)
    elif isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int):
            if value[0] == old:
                value[0] = new
            return
        for item in value:
            rename(item, old, new)


@keras("the order of the outputs")
def output_order(model, random):
    outputs = outputs_of(model.config) if model.config and is_functional(model.config) else None
    if outputs and len(outputs) > 1 and outputs[0] != outputs[1]:
        outputs[0], outputs[1] = outputs[1], outputs[0]
        return Change({outputs[0][0], outputs[1][0]}, "output")


@keras("an output dropped")
def output_dropped(model, random):
    outputs = outputs_of(model.config) if model.config and is_functional(model.config) else None
    if outputs and len(outputs) > 1:
        gone = outputs.pop(random.randrange(len(outputs)))
        return Change({gone[0]}, "output")


@keras("a layer left out")
def layer_removed(model, random):
    """One without variables, of a Sequential model."""
    if not model.config or is_functional(model.config):
        return None
    layers = layer_list(model.config)
    weighted = {array.layer for array in model.arrays}
    index = pick(random, [i for i, layer in enumerate(layers) if i and layer["class_name"] not in ("InputLayer", "Masking")
                          and "Dropout" not in layer["class_name"] and "Noise" not in layer["class_name"]
                          and layer["class_name"] != "ActivityRegularization"
                          and layer["config"].get("activation") != "linear" and layer["config"]["name"] not in weighted])
    if index is not None:
        following = {layer["config"]["name"] for layer in layers[index:]}
        del layers[index]
        return Change(following, "output")


@keras("a layer added")
def layer_added(model, random):
    """An activation behind one of a Sequential model's layers."""
    if not model.config or is_functional(model.config):
        return None
    layers = layer_list(model.config)
    index = random.randrange(1, len(layers) + 1)
    added = {"class_name": "Activation", "config": {"name": "added", "trainable": True, "dtype": "float32", "activation": "tanh"}}
    if "module" in layers[0]:
        added |= {"module": "keras.layers", "registered_name": None}
    layers.insert(index, copy.deepcopy(added))
    return Change({"added"} | {layer["config"]["name"] for layer in layers[index - 1:]}, "output")


@keras("two layers in the other order")
def layers_swapped(model, random):
    """Of a Sequential model: an activation in front of what it came after, a normalization likewise."""
    if not model.config or is_functional(model.config):
        return None
    layers = layer_list(model.config)
    special = ("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "BatchNormalization", "LayerNormalization")
    choices = [i for i in range(2, len(layers)) if layers[i]["class_name"] in special
               and layers[i]["class_name"] != layers[i - 1]["class_name"]
               and layers[i - 1]["class_name"] in ("Conv2D", "Conv1D", "Dense", "BatchNormalization", "LayerNormalization")]
    index = pick(random, choices)
    if index is not None:
        layers[index - 1], layers[index] = layers[index], layers[index - 1]
        return Change({layer["config"]["name"] for layer in layers[index - 1:]}, "output")


def variable_dropped(key, role, default=True):
    def apply(model, random):
        if not model.config:
            return None
        choices = []
        for name, layer, config in model.every_layer():
            arrays = [a for a in model.arrays if a.layer == name and a.role == role and a.values.any()]
            if config.get(key) is True and layer["class_name"] == model.class_of(name) and len(arrays) == 1:
                choices.append((name, config, arrays[0]))
        found = pick(random, choices)
        if found:
            name, config, array = found
            config[key] = False
            model.dropped.add(array.place)
            return Change({name})
    return apply


keras("a bias left out")(variable_dropped("use_bias", "bias"))
keras("a normalization's offset left out")(variable_dropped("center", "beta"))
keras("a normalization's scale left out")(variable_dropped("scale", "gamma"))
