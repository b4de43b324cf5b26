"""Faults of numbers: one of them, a channel, a whole array, two arrays."""

import numpy as np

from kinds import Change, kind, pick


def changed(*arrays):
    return Change({array.layer for array in arrays})


def draw(model, random, condition=lambda array: True):
    return pick(random, [a for a in model.arrays if a.values.size and condition(a)])


def place_in(array, random):
    """An index, of a number that is not 0 if there is one."""
    flat = np.flatnonzero(array.values)
    index = int(random.choice(list(flat))) if flat.size else random.randrange(array.values.size)
    return np.unravel_index(index, array.values.shape)


# One number

def scaled_weight(factor):
    def apply(model, random):
        array = draw(model, random)
        if array is not None:
            index = place_in(array, random)
            array.values[index] = array.values[index] * np.float32(factor)
            return changed(array)
    return apply


kind("a weight, 1 %")(scaled_weight(1.01))
kind("a weight, 0.1 %")(scaled_weight(1.001))


def bit(*bits):
    def apply(model, random):
        array = draw(model, random, lambda a: a.values.dtype == np.float32)
        if array is not None:
            index, position = place_in(array, random), random.choice(bits)
            words = array.values.view(np.uint32) if array.values.ndim else array.values.reshape(1).view(np.uint32)
            words[index if array.values.ndim else 0] ^= np.uint32(1 << position)
            return changed(array)
    return apply


kind("bits 0–7 of a float")(bit(*range(8)))
kind("bits 8–15 of a float")(bit(*range(8, 16)))
kind("bits 16–22 of a float")(bit(*range(16, 23)))
kind("exponent bit of a float")(bit(*range(23, 31)))
kind("sign bit of a float")(bit(31))


def set_one(value):
    def apply(model, random):
        array = draw(model, random)
        if array is not None:
            array.values[place_in(array, random)] = value
            return changed(array)
    return apply


kind("NaN", cause="NaN")(set_one(np.nan))
kind("infinity", cause="infinit")(set_one(np.inf))


# A channel

def channels(array, axis):
    return np.moveaxis(array.values, axis, 0)


def kernel(model, random, axis="out_axis", least=2, more=lambda array: True):
    return draw(model, random, lambda a: a.is_kernel and getattr(a, axis) is not None
                and a.values.shape[getattr(a, axis)] >= least and more(a))


@kind("a filter's sign", cause="sign")
def filter_sign(model, random):
    array = kernel(model, random, least=1)
    if array is not None:
        view = channels(array, array.out_axis)
        view[random.randrange(len(view))] *= -1
        return changed(array)


@kind("a filter of zeros")
def filter_zeroed(model, random):
    array = kernel(model, random, least=1)
    if array is not None:
        view = channels(array, array.out_axis)
        view[random.randrange(len(view))] = 0
        return changed(array)


@kind("a filter over another")
def filter_duplicated(model, random):
    array = kernel(model, random)
    if array is not None:
        view = channels(array, array.out_axis)
        one, other = random.sample(range(len(view)), 2)
        view[one] = view[other]
        return changed(array)


def swapped(view, random):
    one, other = random.sample(range(len(view)), 2)
    view[[one, other]] = view[[other, one]]


@kind("two filters swapped", cause="channel")
def filters_swapped(model, random):
    array = kernel(model, random)
    if array is not None:
        swapped(channels(array, array.out_axis), random)
        return changed(array)


@kind("two input channels swapped", cause="channel")
def inputs_swapped(model, random):
    array = kernel(model, random, "in_axis")
    if array is not None:
        swapped(channels(array, array.in_axis), random)
        return changed(array)


@kind("two channels of a normalization swapped", cause="channel")
def normalization_swapped(model, random):
    layer = pick(random, sorted({(a.layer, a.name.rpartition("scales")[0].rpartition("gamma")[0]) for a in model.arrays
                                 if a.role == "gamma" and a.values.size > 1}))
    arrays = [a for a in model.arrays if layer and a.layer == layer[0] and a.values.ndim == 1
              and a.role in ("gamma", "beta", "mean", "variance")]
    if arrays and len({a.values.size for a in arrays}) == 1:
        one, other = random.sample(range(arrays[0].values.size), 2)
        for array in arrays:
            array.values[[one, other]] = array.values[[other, one]]
        return changed(*arrays)


# The order of a kernel's numbers

def square(array, axes):
    return len(axes) == 2 and array.values.shape[axes[0]] == array.values.shape[axes[1]] > 1


@kind("a square window transposed", cause="transpos")
def window_transposed(model, random):
    array = draw(model, random, lambda a: a.is_kernel and square(a, a.spatial))
    if array is not None:
        array.values = np.ascontiguousarray(np.swapaxes(array.values, *array.spatial))
        return changed(array)


@kind("a square matrix transposed", cause="transpos")
def matrix_transposed(model, random):
    array = draw(model, random, lambda a: a.is_kernel and a.in_axis is not None and square(a, (a.in_axis, a.out_axis)))
    if array is not None:
        array.values = np.ascontiguousarray(np.swapaxes(array.values, array.in_axis, array.out_axis))
        return changed(array)


@kind("a kernel in the other format's order", cause="transpos")
def kernel_reshaped(model, random):
    """As if HWIO were OIHW: numbers in an order that the reader takes for its own."""
    array = kernel(model, random, least=1, more=lambda a: sum(n > 1 for n in a.values.shape) > 1)
    if array is not None:
        axes = [a for a in range(array.values.ndim) if a not in array.spatial]
        order = (axes[::-1] + list(array.spatial)) if array.spatial and axes[0] else list(array.spatial) + axes[::-1]
        array.values = np.ascontiguousarray(array.values.transpose(order)).reshape(array.values.shape)
        return changed(array)


@kind("a window turned by 180°")
def window_turned(model, random):
    array = draw(model, random, lambda a: a.is_kernel and any(a.values.shape[axis] > 1 for axis in a.spatial))
    if array is not None:
        array.values = np.ascontiguousarray(np.flip(array.values, array.spatial))
        return changed(array)


# An array

@kind("an array of zeros at its end", cause="truncat")
def tail_zeroed(model, random):
    array = draw(model, random, lambda a: a.values.size > 3)
    if array is not None:
        flat = array.values.reshape(-1)
        flat[random.randrange(1, flat.size):] = 0
        array.values = flat.reshape(array.values.shape)
        return changed(array)


@kind("an array shifted by one float", cause="shift")
def rolled(model, random):
    array = draw(model, random, lambda a: a.values.size > 3)
    if array is not None:
        array.values = np.roll(array.values, random.choice((-1, 1)))
        return changed(array)


@kind("an array of an earlier step", cause="stale")
def stale_step(model, random):
    array = draw(model, random, lambda a: a.values.size > 3)
    if array is not None:
        noise = np.random.default_rng(random.randrange(2**32)).normal(0, 0.05, array.values.shape)
        array.values = (array.values * (1 + noise)).astype(array.values.dtype)
        return changed(array)


@kind("an array of another checkpoint", cause="stale")
def stale_other(model, random):
    array = draw(model, random, lambda a: a.values.size > 3)
    if array is not None:
        rng = np.random.default_rng(random.randrange(2**32))
        fresh = rng.normal(array.values.mean(), array.values.std() + 1e-3, array.values.shape)
        array.values = (np.abs(fresh) + 1e-3 if array.role == "variance" else fresh).astype(array.values.dtype)
        return changed(array)


@kind("an array scaled by 1.001", cause="scale")
def array_scaled(model, random):
    array = draw(model, random)
    if array is not None:
        array.values = (array.values * np.float32(1.001)).astype(array.values.dtype)
        return changed(array)


@kind("a bias of zeros")
def bias_zeroed(model, random):
    array = draw(model, random, lambda a: a.role in ("bias", "beta"))
    if array is not None:
        array.values = np.zeros_like(array.values)
        return changed(array)


@kind("an array's bytes swapped", cause="byte")
def bytes_swapped(model, random):
    array = draw(model, random)
    if array is not None:
        array.values = array.values.byteswap()
        return changed(array)
