"""What stands where in the configuration of a Keras model."""


def layer_list(model):
    """The layers of a model's configuration; Keras 1 has a bare list."""
    config = model["config"]
    return config if isinstance(config, list) else config["layers"]


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
