"""Makes a Keras net of forward.py. Runs in .build-python, which has TensorFlow.

    forward_keras.py NAME FILE FOLDER BATCH…     e.g. MobileNetV2 net.keras

Random weights; every batch norm gets the statistics of what it is given, as a batch in training shows them, and gives
mostly positive values (why: `random_values` in forward_nets.py). The net ends at its logits: after a softmax over a
thousand classes every value is near zero, and no comparison could fail.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from onnx_export import Network

SIDE = 224


def calibrated(name, random):
    model = getattr(keras.applications, name)(weights=None, classifier_activation=None)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in norms]
    for layer in norms:
        layer.gamma.assign(random.uniform(0.35, 0.65, layer.gamma.shape))
        layer.beta.assign(random.normal(1, 0.1, layer.beta.shape))
        layer.momentum = 0.0  # The statistics of one batch, and nothing of what was there before.
    model(random.random((4, SIDE, SIDE, 3), np.float32), training=True)
    for layer, momentum in zip(norms, momenta):
        layer.momentum = momentum
    return model


def network(model):
    """The model as ONNX operations, NCHW. A padding moves into the convolution that it is for."""
    net, names, paddings = Network((3, SIDE, SIDE)), {}, {}
    for layer in model.layers:
        inputs = [names[tensor.name] for tensor in _tensors(layer.input)]
        output = _add(net, layer, inputs, paddings)
        names[layer.output.name] = output
    net.outputs = [output]
    return net


def _tensors(value):
    return value if isinstance(value, list) else [value]


def _add(net, layer, inputs, paddings):
    kind, y = type(layer).__name__, layer.name
    arrays = [net.array(f"{y}_{variable.name}", _stored(kind, variable)) for variable in layer.weights]
    if kind == "InputLayer":
        return "x"
    if kind in ("Conv2D", "DepthwiseConv2D"):
        x, pads = paddings.get(inputs[0], (inputs[0], _same(layer, layer.kernel_size)))
        groups = layer.input.shape[-1] if kind == "DepthwiseConv2D" else layer.groups
        net.add("Conv", [x, *arrays], y, kernel_shape=list(layer.kernel_size), strides=list(layer.strides), pads=pads,
                group=groups)
        return y if _linear(layer) else net.add("Relu", [y], y + "_relu")
    if kind == "BatchNormalization":
        return net.add("BatchNormalization", [inputs[0], *arrays], y, epsilon=layer.epsilon)
    if kind == "ReLU" and layer.max_value == 6:
        bounds = [net.array(f"{y}_{bound}", bound) for bound in (0, 6)]
        return net.add("Clip", [inputs[0], *bounds], y)
    if kind == "Activation" and layer.activation is keras.activations.relu:
        return net.add("Relu", inputs, y)
    if kind == "ZeroPadding2D":
        (top, bottom), (left, right) = layer.padding
        paddings[y] = (inputs[0], [top, left, bottom, right])
        return y
    if kind == "MaxPooling2D" and layer.padding == "valid":
        # Of values that are not negative, so zeros in the border are as good as no border.
        x, pads = paddings.get(inputs[0], (inputs[0], [0] * 4))
        return net.add("MaxPool", [x], y, kernel_shape=list(layer.pool_size), strides=list(layer.strides), pads=pads)
    if kind == "Add":
        return net.add("Add", inputs, y)
    if kind == "GlobalAveragePooling2D":
        return net.add("Flatten", [net.add("GlobalAveragePool", inputs, y + "_mean")], y, axis=1)
    if kind == "Dense" and _linear(layer):
        return net.add("Gemm", [inputs[0], *arrays], y)
    raise SystemExit(f"{y}: {kind} is not exported")


def _linear(layer):
    if layer.activation is keras.activations.linear:
        return True
    if layer.activation is keras.activations.relu:
        return False
    raise SystemExit(f"{layer.name}: this activation is not exported")


def _same(layer, kernel):
    if layer.padding == "valid":
        return [0] * 4
    totals = [max(0, (-(-size // stride) - 1) * stride + extent - size)
              for size, stride, extent in zip(layer.input.shape[1:3], layer.strides, kernel)]
    return [total // 2 for total in totals] + [total - total // 2 for total in totals]


def _stored(kind, variable):
    """The variable as ONNX has it."""
    values = variable.numpy()
    if values.ndim < 4:
        return values
    return values.transpose(2, 3, 0, 1) if kind == "DepthwiseConv2D" else values.transpose(3, 2, 0, 1)


if __name__ == "__main__":
    name, file, folder, *batches = sys.argv[1:]
    folder, random = Path(folder), np.random.default_rng(1)
    keras.utils.set_random_seed(1)
    model = calibrated(name, random)
    model.save(folder / file)
    network(model).save(folder)
    for batch in map(int, batches):
        x = random.random((batch, 3, SIDE, SIDE), np.float32)
        np.save(folder / f"x_{batch}.npy", x)
        np.save(folder / f"x_{batch}_nhwc.npy", np.ascontiguousarray(x.transpose(0, 2, 3, 1)))
    (folder / "info.json").write_text(json.dumps({"keras": file}))
