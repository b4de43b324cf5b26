"""The operations of onnx_export.py in Torch, for the peer of that name."""

import os
import sys
from pathlib import Path

import torch
import torch.nn.functional as functional


class Net(torch.nn.Module):
    def __init__(self, network):
        super().__init__()
        self.nodes, self.outputs, self.constants = network.nodes, network.outputs, network.arrays
        self.names = {}
        for number, (name, values) in enumerate(network.arrays.items()):
            self.names[name] = f"array_{number}"
            self.register_buffer(self.names[name], torch.from_numpy(values.copy()))

    def forward(self, x):
        values = {"x": x}
        for node in self.nodes:
            inputs = [self._value(name, values) for name in node["inputs"]]
            values[node["output"]] = self._computed(node["op"], inputs, node)
        return tuple(values[name] for name in self.outputs)

    def _value(self, name, values):
        return getattr(self, self.names[name]) if name in self.names else values.get(name)

    def _computed(self, operation, inputs, node):
        x, options = inputs[0], node["attributes"]
        match operation:
            case "Conv":
                x, padding = _padded(x, options["pads"], 0.0)
                bias = inputs[2] if len(inputs) > 2 else None
                return functional.conv2d(x, inputs[1], bias, options["strides"], padding, 1, options["group"])
            case "BatchNormalization":
                scale, shift, mean, variance = inputs[1:]
                return functional.batch_norm(x, mean, variance, scale, shift, False, 0.0, options["epsilon"])
            case "MaxPool":
                x, padding = _padded(x, options["pads"], float("-inf"))
                return functional.max_pool2d(x, options["kernel_shape"], options["strides"], padding)
            case "LeakyRelu":
                return functional.leaky_relu(x, options["alpha"])
            case "Clip":
                low, high = (float(self.constants[name]) for name in node["inputs"][1:])
                return functional.hardtanh(x, low, high)
            case "Resize":
                scales = self.constants[node["inputs"][2]]
                return functional.interpolate(x, scale_factor=[float(scale) for scale in scales[2:]], mode="nearest")
            case "Slice":
                start, stop, axis = (int(self.constants[name][0]) for name in node["inputs"][1:])
                return x.narrow(axis, start, stop - start)
            case "Concat":
                return torch.cat(inputs, options["axis"])
            case "GlobalAveragePool":
                return functional.adaptive_avg_pool2d(x, 1)
            case "Flatten":
                return torch.flatten(x, options["axis"])
            case "Gemm":
                return torch.addmm(inputs[2], x, inputs[1])
            case "Relu":
                return functional.relu(x)
            case "Sigmoid":
                return torch.sigmoid(x)
            case "Mish":
                return functional.mish(x)
            case "Add":
                return x + inputs[1]
        raise SystemExit(f"Torch: {operation} is not written")


def _padded(x, pads, value):
    """What Torch pads itself, else padded before."""
    top, left, bottom, right = pads
    if (top, left) == (bottom, right):
        return x, (top, left)
    return functional.pad(x, (left, right, top, bottom), value=value), 0


def compiled(network, x, threads):
    """A function of nothing that computes the outputs for `x`, by Torch's compiler with frozen weights, its fastest form.

    It needs a C++ compiler. What it made is kept in the environment for the next process.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(Path(sys.prefix) / "inductor"))
    import torch._inductor.config

    torch._inductor.config.freezing = True
    torch.set_num_threads(threads)
    x = torch.from_numpy(x)
    # Traced, it is one straight function; the loop above would be compiled anew for each kind of node.
    best = torch.compile(torch.fx.symbolic_trace(Net(network).eval()))

    def run():
        with torch.no_grad():
            return [output.numpy() for output in best(x)]

    run()
    return run
