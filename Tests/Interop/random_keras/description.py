"""A model as plain data, and how Keras builds it from that."""

import importlib
import operator
from dataclasses import dataclass, field, replace

import numpy as np

BATCH = 2
# An extent that the model leaves open has this many places in the inputs.
OPEN = 6


@dataclass(frozen=True)
class Ref:
    """A value: what a step gave, or one part of it."""
    step: int
    part: int | None = None


@dataclass(frozen=True)
class Layer:
    """A layer of Keras; options may hold layers, lists of layers, and models (`model` of a nested one)."""
    class_name: str
    options: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Input:
    id: int
    shape: tuple
    dtype: str = "float32"
    # What it is fed with: normal, padded (steps of zeros at the end), tokens (below `high`), truth.
    feed: str = "normal"
    high: int = 0
    name: str | None = None


@dataclass(frozen=True)
class Step:
    """A call of a layer, by its number in the model, or of a function by its name."""
    id: int
    target: int | str
    arguments: tuple = ()
    named: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    inputs: tuple
    layers: dict
    steps: tuple
    outputs: tuple
    # functional, sequential, later (a Sequential that is built after it was made), shaped (its first layer says the shape)
    form: str = "functional"
    # Whether inputs, outputs are dictionaries.
    named_inputs: bool = False
    named_outputs: bool = False
    name: str | None = None

    def pruned(self):
        """Without the steps that no output needs; inputs that are not needed stay in a nested model."""
        steps = {step.id: step for step in self.steps}
        needed, open_ids = set(), [ref.step for ref in self.outputs]
        while open_ids:
            at = open_ids.pop()
            if at not in needed:
                needed.add(at)
                if at in steps:
                    open_ids += [ref.step for ref in refs((steps[at].arguments, steps[at].named))]
        kept = tuple(step for step in self.steps if step.id in needed)
        used = {step.target for step in kept}
        return replace(self, steps=kept, layers={key: layer for key, layer in self.layers.items() if key in used},
                       inputs=tuple(i for i in self.inputs if i.id in needed))


def refs(value):
    """The values in an argument."""
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return []
    return [ref for item in value for ref in refs(item)]


def mapped(value, transform):
    """An argument with transform(x) in place of each x that is no list, tuple or dictionary."""
    if isinstance(value, dict):
        return {key: mapped(item, transform) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(item, transform) for item in value)
    return transform(value)


# TensorFlow's CPU code knows these with the channels last only.
LAST_ONLY = ("Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose DepthwiseConv1D DepthwiseConv2D "
             "SeparableConv1D SeparableConv2D ConvLSTM1D ConvLSTM2D MaxPooling1D MaxPooling2D MaxPooling3D "
             "AveragePooling1D AveragePooling2D AveragePooling3D").split()

# Activations along the last axis, whatever it holds.
ALONG_LAST = ("softmax", "log_softmax", "sparsemax")


class Builder:
    """Applies steps to Keras's symbolic values. With `last`, layers that the CPU can't compute with the channels first
    are computed with the channels last between two permutations: the same formula, the same weights in their order."""

    def __init__(self, k, last=False):
        self.k, self.last = k, last
        self.values, self.layers = {}, {}

    def input(self, about):
        dtype = None if about.dtype == "float32" else about.dtype
        self.values[about.id] = self.k.Input(about.shape, dtype=dtype, name=about.name)

    def value(self, ref):
        value = self.values[ref.step]
        return value if ref.part is None else value[ref.part]

    def apply(self, step, layers):
        arguments, named = mapped((step.arguments, step.named), lambda x: self.value(x) if isinstance(x, Ref) else x)
        if isinstance(step.target, str):
            answer = function(self.k, step.target)(*arguments, **named)
        else:
            about = layers[step.target]
            if step.target not in self.layers:
                self.layers[step.target] = self.made(self.lastly(about))
            answer = self.layers[step.target](*arguments, **named) if self.lastly(about) is about else self.permuted(
                self.layers[step.target], about, arguments, named)
        self.values[step.id] = answer
        return answer

    def lastly(self, about):
        if self.last and about.class_name in LAST_ONLY and about.options.get("data_format") == "channels_first":
            options = {"activation": None} if about.options.get("activation") in ALONG_LAST else {}
            return replace(about, options=about.options | {"data_format": "channels_last"} | options)
        return about

    def permuted(self, layer, about, arguments, named):
        """A call with the channels moved to the end and back. Those of a ConvLSTM's steps stand behind the time."""
        x = arguments[0]
        rank, time = len(x.shape), int(about.class_name.startswith("ConvLSTM"))
        first = 1 + time
        y = layer(self.k.layers.Permute((*range(1, first), *range(first + 1, rank), first))(x), **named)
        rank, first = len(y.shape), 1 + time * bool(about.options.get("return_sequences"))
        y = self.k.layers.Permute((*range(1, first), rank - 1, *range(first, rank - 1)))(y)
        activation = about.options.get("activation")
        return self.k.layers.Activation(activation)(y) if activation in ALONG_LAST else y

    def made(self, about):
        """The layer of a description."""
        if isinstance(about, (list, tuple)):
            return type(about)(self.made(item) for item in about)
        if isinstance(about, Model):
            return built(self.k, about, self.last)
        if not isinstance(about, Layer):
            return about
        if about.class_name == "Model":
            return self.made(about.options["model"])
        options = {name: self.made(value) for name, value in about.options.items()}
        return getattr(self.k.layers, about.class_name)(**options)


def function(k, name):
    """A function by its path: operator.add, ops.mean, tf.nn.relu, layers.add."""
    module, *path = name.split(".")
    found = {"operator": operator, "tf": importlib.import_module("tensorflow")}.get(module) or getattr(k, module)
    for part in path:
        found = getattr(found, part)
    return found


def built(k, model, last=False):
    """Keras's model of a description."""
    builder = Builder(k, last)
    if model.form != "functional" and not last:
        return sequential(k, model, builder)
    for about in model.inputs:
        builder.input(about)
    for step in model.steps:
        builder.apply(step, model.layers)
    return finished(k, model, builder)


def finished(k, model, builder):
    """The functional model of values that are there."""
    inputs = [builder.values[about.id] for about in model.inputs]
    outputs = [builder.value(ref) for ref in model.outputs]
    more = {"name": model.name} if model.name else {}
    given = {about.name: value for about, value in zip(model.inputs, inputs)} if model.named_inputs else inputs
    answers = {f"out_{9 - i}": value for i, value in enumerate(outputs)} if model.named_outputs else outputs
    single = len(outputs) == 1 and not model.named_outputs
    return k.Model(given if len(inputs) > 1 or model.named_inputs else inputs[0], outputs[0] if single else answers, **more)


def sequential(k, model, builder):
    about = model.inputs[0]
    rows = [model.layers[step.target] for step in model.steps]
    form = model.form
    if form == "later" and k.__name__ == "tf_keras" and rows[0].class_name == "Embedding" and len(about.shape) != 1:
        # There an Embedding says itself that it takes sequences, and so does the file.
        form = "sequential"
    if form == "shaped":
        rows[0] = replace(rows[0], options=rows[0].options | {"input_shape": about.shape})
    made = [builder.made(row) for row in rows]
    more = {"name": model.name} if model.name else {}
    if form == "sequential":
        dtype = None if about.dtype == "float32" else about.dtype
        return k.Sequential([k.Input(about.shape, dtype=dtype, name=about.name), *made], **more)
    whole = k.Sequential(made, **more)
    if form == "later":
        whole.build((None, *about.shape))
    return whole


def fed(model, random):
    """Numbers for the inputs of a description, in its order."""
    return [numbers_of(about, random) for about in model.inputs]


def numbers_of(about, random):
    shape = (BATCH, *(OPEN if extent is None else extent for extent in about.shape))
    if about.feed == "tokens":
        return random.integers(0, about.high, shape).astype(about.dtype)
    if about.feed == "truth":
        kept = random.uniform(size=shape) < 0.7
        kept[..., :1] = True
        return kept
    if about.dtype.startswith(("int", "uint")):
        return random.integers(0, 5, shape).astype(about.dtype)
    x = random.normal(0.1, 1, shape).astype(about.dtype)
    if about.feed == "padded":
        x[0, -2:] = 0
        x[1, -1:] = 0
        x[1, :1] = 0
    return x
