"""Runs a whole cfg: each layer takes its parameters from a source, in file order, and computes its output."""

from dataclasses import dataclass, field

import numpy as np

from . import operations
from .activations import activate
from .heads import HEADS
from .sections import parse


class NotModelled(Exception):
    """A layer or an option that this oracle leaves out."""


@dataclass
class Result:
    """Every layer's output, darknet's layout; and the tensors that enter the heads, in cfg order."""

    layers: list = field(default_factory=list)
    head_inputs: list = field(default_factory=list)

    @property
    def model_outputs(self):
        """What a converted model must answer: (N, H, W, C) each, heads left off."""
        return [to_keras(x) for x in self.head_inputs or self.layers[-1:]]


def to_keras(x):
    return x.transpose(0, 2, 3, 1)


def input_shape(text):
    """(C, H, W), or (K,) of a network without a picture."""
    net = parse(text)[0]
    shape = tuple(net.integer(key, 0) for key in ("channels", "height", "width"))
    return shape if all(shape) else (net.integer("inputs", 0),)


def forward(text, source, x, dialect="alexeyab"):
    x = np.asarray(x, np.float64)
    run = _Run(source, dialect, x if x.ndim == 4 else x.reshape(len(x), -1, 1, 1))
    for section in parse(text)[1:]:
        run.step(section)
    source.finish()
    return run.result


class _Run:
    def __init__(self, source, dialect, x):
        self.source, self.dialect, self.x = source, dialect, x
        self.result = Result()
        self.shared = {}

    def step(self, section):
        self.index = len(self.result.layers)
        if section.type in HEADS:
            self.result.head_inputs.append(self.x)
            y = HEADS[section.type](section, self.x, self.dialect)
        else:
            method = getattr(self, "_" + section.type, None)
            if method is None:
                raise NotModelled(f"[{section.type}]")
            y = method(section, self.x)
        self.result.layers.append(y)
        self.x = y

    # Parameters

    def _take_norm(self, channels, names=("scales", "rolling_mean", "rolling_variance")):
        return {name: self.source.take(name, (channels,)) for name in names}

    def _take_convolution(self, section, shape, filters):
        """Biases, then scales, mean and variance, then weights; `share_index` takes another layer's."""
        normalised = section.integer("batch_normalize", 0) or section.integer("cbn", 0)
        if "share_index" in section.options:
            return self.shared[self._at(section.integer("share_index", 0))]
        arrays = {"biases": self.source.take("biases", (filters,))}
        if normalised:
            arrays |= self._take_norm(filters)
        weights = self.source.take("weights", shape)
        if section.integer("flipped", 0):
            weights = weights.reshape(-1, filters).T.reshape(shape)
        arrays["weights"] = weights
        self.shared[self.index] = arrays
        return arrays

    def _normalise(self, y, arrays):
        biases = arrays["biases"]
        if "scales" not in arrays:
            return y + biases.reshape(1, -1, 1, 1)
        return operations.batch_norm(
            y, biases, arrays["scales"], arrays["rolling_mean"], arrays["rolling_variance"], self.dialect)

    # Places

    def _at(self, index):
        return index if index >= 0 else self.index + index

    def _output(self, index):
        return self.result.layers[self._at(index)]

    # Layers

    def _convolutional(self, section, x):
        self._refuse(section, "antialiasing", "xnor", "dontload", "dontloadscales", "numload")
        filters, size = section.integer("filters", 1), section.integer("size", 1)
        groups, stride = section.integer("groups", 1), section.integer("stride", 1)
        padding = size // 2 if section.integer("pad", 0) else section.integer("padding", 0)
        dilation = section.integer("dilation", 1) if size > 1 else 1
        strides = [section.integer(key, 0) or stride for key in ("stride_x", "stride_y")]
        arrays = self._take_convolution(section, (filters, x.shape[1] // groups, size, size), filters)
        y = operations.convolution(x, arrays["weights"], strides, padding, dilation, groups)
        return activate(section.text("activation", "logistic"), self._normalise(y, arrays))

    def _deconvolutional(self, section, x):
        filters, size = section.integer("filters", 1), section.integer("size", 1)
        padding = size // 2 if section.integer("pad", 0) else section.integer("padding", 0)
        arrays = self._take_convolution(section, (x.shape[1], filters, size, size), filters)
        y = operations.deconvolution(x, arrays["weights"], section.integer("stride", 1), padding)
        return activate(section.text("activation", "logistic"), self._normalise(y, arrays))

    def _connected(self, section, x):
        flat, count = x.reshape(len(x), -1), section.integer("output", 1)
        arrays = {"biases": self.source.take("biases", (count,))}
        weights = self.source.take("weights", (count, flat.shape[1]))
        if self.source.transposed:
            weights = weights.reshape(flat.shape[1], count).T
        if section.integer("batch_normalize", 0):
            arrays |= self._take_norm(count)
        y = (flat @ weights.T).reshape(len(x), count, 1, 1)
        return activate(section.text("activation", "logistic"), self._normalise(y, arrays))

    def _batchnorm(self, section, x):
        channels = x.shape[1]
        if self.dialect == "pjreddie":
            arrays = {"biases": np.zeros(channels)}
        else:
            arrays = {"biases": self.source.take("biases", (channels,))}
        return self._normalise(x, arrays | self._take_norm(channels))

    def _maxpool(self, section, x):
        self._refuse(section, "antialiasing")
        if section.integer("maxpool_depth", 0):
            return operations.maxpool_depth(x, section.integer("out_channels", 1))
        return self._pool(section, x, np.nanmax)

    def _local_avgpool(self, section, x):
        return self._pool(section, x, np.nanmean)

    def _pool(self, section, x, reduce):
        stride = section.integer("stride", 1)
        size = section.integer("size", stride)
        strides = [section.integer(key, stride) for key in ("stride_x", "stride_y")]
        return operations.pool(x, size, strides, section.integer("padding", size - 1), reduce)

    def _avgpool(self, section, x):
        return x.mean(axis=(2, 3), keepdims=True)

    def _upsample(self, section, x):
        return operations.upsample(x, section.integer("stride", 2)) * section.number("scale", 1.0)

    def _route(self, section, x):
        groups, which = section.integer("groups", 1), section.integer("group_id", 0)
        parts = []
        for source in map(self._output, section.integers("layers")):
            each = source.shape[1] // groups
            parts.append(source[:, which * each : (which + 1) * each])
        return np.concatenate(parts, axis=1)

    def _shortcut(self, section, x):
        self._refuse(section, "weights_type")
        y = x
        for source in map(self._output, section.integers("from")):
            y = operations.sampled_shortcut(y, source, section.number("alpha", 1), section.number("beta", 1))
        return activate(section.text("activation", "linear"), y)

    def _scale_channels(self, section, x):
        # With scale_wh the previous layer has one channel instead of one cell: both broadcast.
        return activate(section.text("activation", "linear"), self._output(section.integer("from", 0)) * x)

    def _sam(self, section, x):
        return activate(section.text("activation", "linear"), self._output(section.integer("from", 0)) * x)

    def _reorg(self, section, x):
        self._refuse(section, "extra", "flatten")
        stride = section.integer("stride", 1)
        if section.integer("reverse", 0):
            return operations.depth_to_space(x, stride)
        return operations.reorg(x, stride)

    def _reorg3d(self, section, x):
        stride = section.integer("stride", 1)
        if section.integer("reverse", 0):
            return operations.depth_to_space(x, stride)
        return operations.space_to_depth(x, stride)

    def _crop(self, section, x):
        height, width = section.integer("crop_height", 1), section.integer("crop_width", 1)
        top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
        y = x[:, :, top : top + height, left : left + width]
        return y if section.integer("noadjust", 0) else 2 * y - 1

    def _softmax(self, section, x):
        self._refuse(section, "tree")
        return operations.softmax(x, section.integer("groups", 1), section.number("temperature", 1))

    def _activation(self, section, x):
        return activate(section.text("activation", "linear"), x)

    def _logistic(self, section, x):
        return activate("logistic", x)

    def _identity(self, section, x):
        return x

    _dropout = _cost = _empty = _identity

    def _refuse(self, section, *keys):
        for key in keys:
            if section.text(key, "0") != "0":
                raise NotModelled(f"[{section.type}] {key}={section.options[key]}")
