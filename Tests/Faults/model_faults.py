"""Faults of numbers that concern several arrays, or what an array means: gates, statistics, precision, orders of channels."""

import re

import numpy as np

from kinds import Change, kind, pick
from number_faults import changed, draw
from placing import darknet_index


# Two gates of a darknet layer are two arrays.
@kind("two arrays of one shape swapped", cause="swap|gates")
def arrays_swapped(model, random):
    shapes = {}
    for array in model.arrays:
        if array.values.size > 1:
            shapes.setdefault((array.values.shape, array.values.dtype.str), []).append(array)
    pairs = [arrays for arrays in shapes.values() if len(arrays) > 1]
    if pairs:
        one, other = random.sample(random.choice(pairs), 2)
        one.values, other.values = other.values, one.values
        return changed(one, other)


def roles_swapped(first, second):
    def apply(model, random):
        ones = [a for a in model.arrays if a.role == first]
        pairs = [(a, b) for a in ones for b in model.arrays if b.role == second and b.layer == a.layer
                 and b.values.shape == a.values.shape and re.sub(r"[a-z_]+$", "", a.name) == re.sub(r"[a-z_]+$", "", b.name)]
        pair = pick(random, pairs)
        if pair:
            pair[0].values, pair[1].values = pair[1].values, pair[0].values
            return changed(*pair)
    return apply


kind("mean and variance swapped", cause="swap")(roles_swapped("mean", "variance"))
kind("scale and offset swapped", cause="swap")(roles_swapped("gamma", "beta"))


@kind("a deviation for a variance", cause="deviation")
def deviation(model, random):
    array = draw(model, random, lambda a: a.role == "variance")
    if array is not None and (array.values >= 0).all():
        array.values = np.sqrt(array.values)
        return changed(array)


@kind("statistics never gathered")
def statistics_lost(model, random):
    mean = draw(model, random, lambda a: a.role == "mean")
    if mean is not None:
        for array in model.arrays:
            if array.layer == mean.layer and array.role in ("mean", "variance"):
                array.values = np.full_like(array.values, array.role == "variance")
        return changed(mean)


# Precision

def half(values):
    with np.errstate(over="ignore"):
        return values.astype(np.float16).astype(values.dtype)


def brain(values):
    words = values.astype(np.float32).view(np.uint32).astype(np.uint64)
    words = (words + 0x7FFF + ((words >> 16) & 1)) & 0xFFFF0000
    return words.astype(np.uint32).view(np.float32).astype(values.dtype)


def integer(values):
    scale = np.abs(values).max() / 127 or 1
    return (np.round(values / scale) * scale).astype(values.dtype)


def by_channel(array):
    if array.out_axis is None:
        return integer(array.values)
    view = np.moveaxis(array.values, array.out_axis, 0)
    return np.moveaxis(np.stack([integer(channel) for channel in view]), 0, array.out_axis)


def rounded(function, whole, condition=lambda a: True):
    def apply(model, random):
        arrays = [a for a in model.arrays if a.values.ndim and a.values.size > 1 and a.values.dtype == np.float32 and condition(a)]
        if not whole:
            arrays = [random.choice(arrays)] if arrays else []
        touched = []
        for array in arrays:
            before = array.values
            array.values = np.ascontiguousarray(function(array))
            if array.values.tobytes() != before.tobytes():
                touched.append(array)
        # Of a whole model the first one is to be named, in the order of its layers or of darknet's.
        darknet_first = sorted(touched, key=lambda array: (i := darknet_index(array.layer)) is None or i)[:1]
        return changed(*touched[:1], *darknet_first) if touched else (Change() if arrays else None)
    return apply


kind("an array in float16", cause="half|float16")(rounded(lambda a: half(a.values), False))
kind("a model in float16", cause="half|float16")(rounded(lambda a: half(a.values), True))
kind("an array in bfloat16", cause="half|bfloat16")(rounded(lambda a: brain(a.values), False))
kind("a model in bfloat16", cause="half|bfloat16")(rounded(lambda a: brain(a.values), True))
kind("a kernel in int8", cause="quanti")(rounded(lambda a: integer(a.values), False, lambda a: a.is_kernel and a.values.size > 8))
kind("a kernel in int8 by channels", cause="quanti")(
    rounded(by_channel, False, lambda a: a.is_kernel and a.out_axis is not None and a.values.size > 8))
kind("all kernels in int8", cause="quanti")(rounded(by_channel, True, lambda a: a.is_kernel and a.values.size > 8))


# Gates

def gates(model):
    """For each recurrence its arrays, each with a view of it by gates."""
    if model.suffix == ".weights":
        for index, layer in enumerate(model.layers):
            letters = {"lstm": "figo", "conv_lstm": "figo", "gru": "zrh"}.get(layer["type"])
            if not letters:
                continue
            pattern = re.compile(r"([wu])([figo])\.(.*)" if letters == "figo" else r"(input|state)_([zrh])\.(.*)")
            families = {}
            for array in model.arrays:
                match = array.layer == layer["name"] and pattern.match(array.name)
                if match:
                    families.setdefault((match[1], match[3]), {})[match[2]] = array
            yield layer["name"], letters, [family for family in families.values() if len(family) == len(letters)]
        return
    if not model.config:
        return
    for name, layer, _ in model.every_layer():
        count = {"LSTM": 4, "LSTMCell": 4, "GRU": 3, "GRUCell": 3, "ConvLSTM2D": 4, "ConvLSTM1D": 4}.get(layer["class_name"])
        arrays = [a for a in model.arrays if a.layer == name and a.role in ("kernel", "recurrent_kernel", "bias")
                  and a.values.shape[-1] % (count or 1) == 0]
        if count and arrays and model.class_of(name) in (layer["class_name"], "Bidirectional"):
            side = pick_side(arrays)
            yield name, range(count), [{gate: (a, gate, count) for gate in range(count)} for a in side]


def pick_side(arrays):
    """One direction of a Bidirectional."""
    forward = [a for a in arrays if "forward" in a.name]
    return forward or arrays


def swap_gates(families, one, other):
    for family in families:
        if isinstance(family[one], tuple):
            array, _, count = family[one]
            parts = np.split(array.values, count, axis=-1)
            parts[one], parts[other] = parts[other], parts[one]
            array.values = np.concatenate(parts, axis=-1)
        else:
            family[one].values, family[other].values = family[other].values, family[one].values


@kind("two gates swapped", cause="gates")
def gates_swapped(model, random):
    found = pick(random, [entry for entry in gates(model) if entry[2]])
    if found:
        name, letters, families = found
        swap_gates(families, *random.sample(list(letters), 2))
        return Change({name})


@kind("two gates of one array swapped", cause="gates")
def gates_of_one(model, random):
    found = pick(random, [entry for entry in gates(model) if entry[2]])
    if found:
        name, letters, families = found
        swap_gates([random.choice(families)], *random.sample(list(letters), 2))
        return Change({name})


# Orders of channels

@kind("BGR for RGB", cause="channel order|RGB")
def picture_channels(model, random):
    array = next((a for a in model.arrays if a.is_kernel and a.spatial), None)
    if array is not None and array.in_axis is not None and array.values.shape[array.in_axis] == 3:
        array.values = np.ascontiguousarray(np.flip(array.values, array.in_axis))
        return changed(array)


def matrices_of_images(model):
    """Matrices that take a flattened image, with its shape in the order of their rows."""
    if model.suffix == ".weights":
        for index, layer in enumerate(model.layers):
            shape = layer.get("input_shape") or []
            if layer["type"] == "connected" and len(shape) == 3:
                yield next(a for a in model.arrays if a.layer == layer["name"] and a.role == "kernel"), shape
        return
    for before, flat, dense in zip(model.names, model.names[1:], model.names[2:]):
        shape = model.output_shape(before) or []
        if model.class_of(flat) == "Flatten" and model.class_of(dense) == "Dense" and len(shape) == 3 and None not in shape:
            yield from ((a, shape) for a in model.arrays if a.layer == dense and a.role == "kernel")


@kind("rows of a matrix behind an image in the other order", cause="channel order|HWC|CHW")
def flattened_otherwise(model, random):
    found = pick(random, [(a, shape) for a, shape in matrices_of_images(model)
                          if np.prod(shape) == a.values.shape[a.in_axis] and sum(n > 1 for n in shape) > 1])
    if found:
        array, shape = found
        view = np.moveaxis(array.values, array.in_axis, 0)
        order = (1, 2, 0) if model.suffix == ".weights" else (2, 0, 1)
        turned = view.reshape(*shape, -1).transpose(*order, 3).reshape(view.shape)
        array.values = np.ascontiguousarray(np.moveaxis(turned, 0, array.in_axis))
        return changed(array)


@kind("the order of two classes", cause="channel|class")
def class_order(model, random):
    """Two units of the last layer with numbers, its biases with them."""
    last = next((a for a in reversed(model.arrays) if a.is_kernel and a.out_axis is not None), None)
    if last is not None and last.values.shape[last.out_axis] > 1:
        count = last.values.shape[last.out_axis]
        one, other = random.sample(range(count), 2)
        for array in model.arrays:
            if array.layer == last.layer and (array is last or array.values.shape == (count,)):
                view = np.moveaxis(array.values, array.out_axis or 0, 0)
                view[[one, other]] = view[[other, one]]
        return changed(last)
