"""Networks as plain lists of ONNX operations: made from a cfg, stored, and written as ONNX for the peers.

Only what the nets of forward.py need. NCHW; batch norm stays a node of its own, which every peer folds; a detection
head becomes an output, the tensor that enters it, so that all engines compute the same. "Mish" is one operation here and
in Torch, and written as the three that exporters write.
"""

import json
from pathlib import Path

import numpy as np

OPSET = 13
EPSILON = 1e-5
HEADS = ("yolo", "region", "detection")
ACTIVATIONS = {
    "leaky": ("LeakyRelu", {"alpha": 0.1}), "relu": ("Relu", {}), "logistic": ("Sigmoid", {}), "mish": ("Mish", {})}


class Network:
    """Operations in order. An input of one is "x", another's output, the name of an array, or "" for none."""

    def __init__(self, shape):
        self.shape = list(shape)
        self.nodes, self.outputs, self.arrays = [], [], {}

    def add(self, operation, inputs, output, **attributes):
        self.nodes.append({"op": operation, "inputs": list(inputs), "output": output, "attributes": attributes})
        return output

    def array(self, name, values, kind=np.float32):
        self.arrays[name] = np.ascontiguousarray(values, kind)
        return name

    def save(self, folder):
        text = {"shape": self.shape, "nodes": self.nodes, "outputs": self.outputs}
        (Path(folder) / "nodes.json").write_text(json.dumps(text))
        np.savez(Path(folder) / "nodes.npz", **self.arrays)

    @classmethod
    def load(cls, folder):
        text = json.loads((Path(folder) / "nodes.json").read_text())
        network = cls(text["shape"])
        network.nodes, network.outputs = text["nodes"], text["outputs"]
        with np.load(Path(folder) / "nodes.npz") as arrays:
            network.arrays = dict(arrays)
        return network

    def onnx(self, batch):
        """As an ONNX model for this batch; input "x", outputs by their names here, in order."""
        import onnx
        from onnx import TensorProto, helper, numpy_helper

        nodes = []
        for node in self.nodes:
            made = helper.make_node(node["op"], node["inputs"], [node["output"]], **node["attributes"])
            nodes += _mish(helper, made) if node["op"] == "Mish" else [made]
        graph = helper.make_graph(
            nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, *self.shape])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in self.outputs],
            [numpy_helper.from_array(values, name) for name, values in self.arrays.items()])
        # Without the shapes of the outputs a model is not valid; the tensors between them are left to the reader.
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        inferred = {value.name: value for value in onnx.shape_inference.infer_shapes(model).graph.output}
        for value in model.graph.output:
            value.CopyFrom(inferred[value.name])
        onnx.checker.check_model(model)
        return model


def _mish(helper, node):
    (x,), (y,) = node.input, node.output
    return [
        helper.make_node("Softplus", [x], [y + "_softplus"]), helper.make_node("Tanh", [y + "_softplus"], [y + "_tanh"]),
        helper.make_node("Mul", [x, y + "_tanh"], [y])]


def sections(text):
    """A cfg as pairs of type and options."""
    found = []
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            found.append((line[1:-1], {}))
        elif line:
            key, value = line.split("=", 1)
            found[-1][1][key.strip()] = value.strip()
    return found


def convolutions(cfg):
    """Every convolution's index, options and arrays (name, shape) in file order; the shapes of input and layers."""
    net = cfg[0][1]
    shapes, found = [(int(net["channels"]), int(net["height"]), int(net["width"]))], []
    for index, (kind, options) in enumerate(cfg[1:]):
        channels, height, width = shapes[-1]
        if kind == "convolutional":
            count, size, stride, pad = _geometry(options)
            groups = int(options.get("groups", 1))
            arrays = [("biases", (count,))]
            if int(options.get("batch_normalize", 0)):
                arrays += [(name, (count,)) for name in ("scales", "mean", "variance")]
            arrays.append(("weights", (count, channels // groups, size, size)))
            found.append((index, options, arrays))
            shapes.append((count, *((extent + 2 * pad - size) // stride + 1 for extent in (height, width))))
        elif kind == "maxpool":
            size, stride, padding = _window(options)
            shapes.append((channels, *((extent + padding - size) // stride + 1 for extent in (height, width))))
        elif kind == "upsample":
            factor = int(options.get("stride", 2))
            shapes.append((channels, height * factor, width * factor))
        elif kind == "route":
            sources = [shapes[source + 1] for source in _sources(options["layers"], index)]
            shapes.append((sum(shape[0] for shape in sources) // int(options.get("groups", 1)), *sources[0][1:]))
        elif kind in ("shortcut", "dropout", *HEADS):
            shapes.append(shapes[-1])
        else:
            raise SystemExit(f"layer {index}: [{kind}] is not exported")
    return found, shapes


def from_cfg(cfg, values, calibrated=True):
    """The network of a cfg; `values[index]` are a convolution's arrays by name.

    Without `calibrated` it normalizes by the statistics of what it is given, and these are its outputs: "mean_K" and
    "variance_K" for each batch norm, with which the calibrated network computes the same.
    """
    network = Network(int(cfg[0][1][key]) for key in ("channels", "height", "width"))
    _, shapes = convolutions(cfg)
    names = ["x"]
    for index, (kind, options) in enumerate(cfg[1:]):
        x, y = names[-1], f"layer_{index}"
        if kind == "convolutional":
            y = _convolution(network, x, y, index, options, values[index], calibrated)
        elif kind == "maxpool":
            size, stride, padding = _window(options)
            before = padding // 2
            # What is padded behind counts only as far as a window reaches.
            after = [max(0, (out - 1) * stride + size - extent - before)
                     for extent, out in zip(shapes[index][1:], shapes[index + 1][1:])]
            network.add("MaxPool", [x], y, kernel_shape=[size] * 2, strides=[stride] * 2, pads=[before] * 2 + after)
        elif kind == "upsample":
            scales = network.array(y + "_scales", [1, 1] + [int(options.get("stride", 2))] * 2)
            network.add("Resize", [x, "", scales], y, mode="nearest", coordinate_transformation_mode="asymmetric",
                        nearest_mode="floor")
        elif kind == "route":
            y = _route(network, names, y, index, options, shapes)
        elif kind == "shortcut":
            (source,) = _sources(options["from"], index)
            if shapes[source + 1] != shapes[index]:
                raise SystemExit(f"layer {index}: a shortcut of unequal shapes is not exported")
            y = network.add("Add", [x, names[source + 1]], y)
            y = _activated(network, y, options.get("activation", "linear"))
        elif kind in HEADS:
            network.outputs.append(x)
            y = x
        else:  # dropout
            y = x
        names.append(y)
    if calibrated and not network.outputs:
        network.outputs.append(names[-1])
    return network


def _convolution(network, x, y, index, options, values, calibrated):
    count, size, stride, pad = _geometry(options)
    stored = {name: network.array(f"{name}_{index}", array) for name, array in values.items()}
    attributes = {"kernel_shape": [size] * 2, "strides": [stride] * 2, "pads": [pad] * 4,
                  "group": int(options.get("groups", 1))}
    if "scales" not in values:
        network.add("Conv", [x, stored["weights"], stored["biases"]], y, **attributes)
    else:
        network.add("Conv", [x, stored["weights"]], y, **attributes)
        if calibrated:
            statistics = [stored[name] for name in ("scales", "biases", "mean", "variance")]
            y = network.add("BatchNormalization", [y, *statistics], y + "_bn", epsilon=EPSILON)
        else:
            y = _normalized(network, y, index, count)
    return _activated(network, y, options["activation"])


def _normalized(network, x, index, count):
    """Batch norm as in training, with its statistics as outputs."""
    for name in ("scales", "biases"):
        network.arrays[f"{name}_{index}"] = network.arrays[f"{name}_{index}"].reshape(1, count, 1, 1)
    mean, variance = f"mean_{index}", f"variance_{index}"
    for name in (mean, variance):
        network.arrays.pop(name, None)
    epsilon = network.array("epsilon", EPSILON)
    network.add("ReduceMean", [x], mean, axes=[0, 2, 3])
    centred = network.add("Sub", [x, mean], x + "_centred")
    square = network.add("Mul", [centred, centred], x + "_square")
    network.add("ReduceMean", [square], variance, axes=[0, 2, 3])
    network.add("Add", [variance, epsilon], x + "_sum")
    deviation = network.add("Sqrt", [x + "_sum"], x + "_deviation")
    unit = network.add("Div", [centred, deviation], x + "_unit")
    scaled = network.add("Mul", [unit, f"scales_{index}"], x + "_scaled")
    network.outputs += [mean, variance]
    return network.add("Add", [scaled, f"biases_{index}"], x + "_bn")


def _activated(network, x, name):
    if name == "linear":
        return x
    if name not in ACTIVATIONS:
        raise SystemExit(f"{x}: the activation {name} is not exported")
    operation, attributes = ACTIVATIONS[name]
    return network.add(operation, [x], f"{x}_{name}", **attributes)


def _route(network, names, y, index, options, shapes):
    sources = [names[source + 1] for source in _sources(options["layers"], index)]
    groups, group = int(options.get("groups", 1)), int(options.get("group_id", 0))
    if groups > 1:
        # darknet takes its part of every source.
        for number, source in enumerate(_sources(options["layers"], index)):
            part = shapes[source + 1][0] // groups
            bounds = [network.array(f"{y}_{number}_{what}", [value], np.int64)
                      for what, value in (("from", part * group), ("to", part * (group + 1)), ("axis", 1))]
            sources[number] = network.add("Slice", [sources[number], *bounds], f"{y}_{number}")
    return sources[0] if len(sources) == 1 else network.add("Concat", sources, y, axis=1)


def _geometry(options):
    size, stride = int(options.get("size", 1)), int(options.get("stride", 1))
    pad = size // 2 if int(options.get("pad", 0)) else int(options.get("padding", 0))
    return int(options["filters"]), size, stride, pad


def _window(options):
    stride = int(options.get("stride", 1))
    size = int(options.get("size", stride))
    return size, stride, int(options.get("padding", size - 1))


def _sources(text, index):
    return [source if source >= 0 else index + source for source in map(int, text.split(","))]
