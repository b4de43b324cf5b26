"""Changes to a Keras configuration that `nnfmt validate` must find: of the interface, of layers and their options.

Each is a function of a configuration that yields changed copies; what does not apply yields nothing.
"""

import copy


def layer_list(model):
    """The layers of a model's configuration; Keras 1 has a bare list."""
    config = model["config"]
    return config if isinstance(config, list) else config["layers"]


def all_layers(model):
    """The layers, those of nested models too."""
    for layer in layer_list(model):
        yield layer
        if isinstance(layer["config"], dict) and "layers" in layer["config"]:
            yield from all_layers(layer)


def is_functional(model):
    return isinstance(model["config"], dict) and "output_layers" in model["config"]


def outputs_of(model):
    """The output tensors, each a list [layer, node, tensor]; `None` if there is another structure than a list."""
    outputs = model["config"]["output_layers"]
    if isinstance(outputs, list) and len(outputs) == 3 and isinstance(outputs[0], str):
        return [outputs]
    if isinstance(outputs, list) and all(isinstance(o, list) and isinstance(o[0], str) for o in outputs):
        return outputs
    return None


def with_outputs(model, outputs):
    changed = copy.deepcopy(model)
    changed["config"]["output_layers"] = outputs
    return changed


def inbound(layer):
    """The names of the layers that a layer of a functional model takes, by any Keras's notation."""
    names = []

    def walk(value):
        if isinstance(value, dict):
            if "keras_history" in value:
                names.append(value["keras_history"][0])
            else:
                for item in value.values():
                    walk(item)
        elif isinstance(value, list):
            if len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int):
                names.append(value[0])
            else:
                for item in value:
                    walk(item)

    walk(layer.get("inbound_nodes", []))
    return names


def output_order(model):
    if is_functional(model) and len(outputs_of(model) or []) > 1:
        yield with_outputs(model, outputs_of(model)[::-1])


def dropped_output(model):
    if is_functional(model) and len(outputs_of(model) or []) > 1:
        yield with_outputs(model, outputs_of(model)[:-1])
        yield with_outputs(model, outputs_of(model)[1:])


def early_output(model):
    if not is_functional(model) or not outputs_of(model):
        return
    by_name = {layer["config"]["name"]: layer for layer in layer_list(model)}
    outputs = outputs_of(model)
    name, is_same = outputs[-1][0], True
    while True:
        before = [n for n in inbound(by_name[name]) if n in by_name]
        if not before or by_name[before[0]]["class_name"] == "InputLayer":
            return
        # What drops out in training only puts out what it takes.
        is_same = is_same and by_name[name]["class_name"] == "Dropout"
        name = before[0]
        if not is_same:
            yield with_outputs(model, outputs[:-1] + [[name, 0, 0]])


def ends_in_pooling(model):
    """Whether an output is that of a global pooling: darknet does not tell K numbers from an image of one pixel."""
    if not is_functional(model):
        return layer_list(model)[-1]["class_name"] in GLOBAL_POOLINGS
    names = [output[0] for output in outputs_of(model) or []]
    return any(layer["config"].get("name") in names and layer["class_name"] in GLOBAL_POOLINGS for layer in layer_list(model))


def appended_layer(model):
    layer = {"class_name": "Activation",
             "config": {"name": "appended", "trainable": True, "dtype": "float32", "activation": "relu"}}
    changed = copy.deepcopy(model)
    if not is_functional(model):
        layer_list(changed).append(layer)
        yield changed
    elif outputs_of(model):
        name, node, tensor = outputs_of(model)[-1]
        if any(isinstance(node, dict) for other in layer_list(model) for node in other.get("inbound_nodes", [])):
            keras_tensor = {"class_name": "__keras_tensor__", "config": {
                "shape": None, "dtype": "float32", "keras_history": [name, node, tensor]}}
            nodes = [{"args": [keras_tensor], "kwargs": {}}]
        else:
            nodes = [[[name, node, tensor, {}]]]
        layer_list(changed).append(layer | {"name": "appended", "inbound_nodes": nodes})
        changed["config"]["output_layers"] = outputs_of(model)[:-1] + [["appended", 0, 0]]
        yield changed


def each(model, condition, change):
    """A copy for each layer that meets a condition, with that layer's configuration changed."""
    count = sum(1 for layer in all_layers(model) if condition(layer["class_name"], layer["config"]))
    for index in range(count):
        changed = copy.deepcopy(model)
        matching = [layer for layer in all_layers(changed) if condition(layer["class_name"], layer["config"])]
        change(matching[index])
        yield changed


def option(key, of, value):
    """Changes of one option of layers of some classes."""
    def apply(model):
        def change(layer):
            layer["config"][key] = value(layer["config"][key])
        yield from each(model, lambda name, config: name in of and key in config, change)
    return apply


def last_activation(model):
    every = list(each(model, lambda name, config: isinstance(config, dict) and config.get("activation") in (
        "linear", "relu", "sigmoid", "softmax", "tanh") and "recurrent_activation" not in config,
        lambda layer: layer["config"].update(activation="relu" if layer["config"]["activation"] != "relu" else "tanh")))
    yield from every[-1:]


def relu6(model):
    yield from each(model, lambda name, config: isinstance(config, dict) and config.get("activation") == "relu",
                    lambda layer: layer["config"].update(activation="relu6"))


def concat_order(model):
    def reverse(node):
        if isinstance(node, dict):  # Keras 3
            return {"args": [node["args"][0][::-1], *node["args"][1:]], "kwargs": node["kwargs"]}
        return node[::-1]

    for index, layer in enumerate(layer_list(model)):
        if layer["class_name"] != "Concatenate" or len(set(inbound(layer))) < 2:
            continue
        changed = copy.deepcopy(model)
        target = layer_list(changed)[index]
        target["inbound_nodes"] = [reverse(node) for node in target["inbound_nodes"]]
        yield changed


def pooling_kind(model):
    def swap(layer):
        layer["class_name"] = (layer["class_name"].replace("Max", "@").replace("Average", "Max")
                               .replace("@", "Average"))
        layer.pop("registered_name", None)

    def pools(name, config):
        if name not in [f"{kind}Pooling{axes}D" for kind in ("Max", "Average") for axes in "123"]:
            return False
        # Keras 1 names it otherwise, and a configuration of few words leaves it out.
        size = config.get("pool_size", config.get("pool_length", 2))
        return any(extent > 1 for extent in (size if isinstance(size, list) else [size]))

    yield from each(model, pools, swap)


NORMALIZATIONS = ("BatchNormalization", "BatchNormalizationV1", "LayerNormalization")
GLOBAL_POOLINGS = [f"Global{kind}Pooling{axes}D" for kind in ("Max", "Average") for axes in "123"]
KERAS_CHANGES = {
    "output order": output_order,
    "dropped output": dropped_output,
    "early output": early_output,
    "appended layer": appended_layer,
    "last activation": last_activation,
    "keepdims": option("keepdims", GLOBAL_POOLINGS, lambda value: not value),
    "max_value": option("max_value", ["ReLU"], lambda value: 100.0 if value is None else value + 1),
    "relu6": relu6,
    "ELU's alpha": option("alpha", ["ELU"], lambda value: value + 0.125),
    "mask_value": option("mask_value", ["Masking"], lambda value: value + 1.5),
    "epsilon": option("epsilon", NORMALIZATIONS, lambda value: value * 1.5),
    "concat order": concat_order,
    "pooling kind": pooling_kind,
}
