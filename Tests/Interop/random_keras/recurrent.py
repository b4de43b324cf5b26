"""Recurrent layers, their cells, and both directions."""

from . import plain, windows
from .description import Layer

KINDS = ("SimpleRNN", "LSTM", "GRU")


def options_of(draw, kind, second, cell=False):
    options = {"units": draw.integer(1, 4), **draw.maybe(
        0.15, use_bias=[False], activation=["relu", "linear", "softsign", "hard_sigmoid", "sigmoid"], dropout=[0.2],
        recurrent_dropout=[0.2])}
    if kind != "SimpleRNN":
        options |= draw.maybe(0.2, recurrent_activation=["hard_sigmoid", "relu", "tanh"], **(
            {} if cell else {"implementation": [1, 2]}))
    if kind == "LSTM":
        options |= draw.maybe(0.1, unit_forget_bias=[False])
    if kind == "GRU":
        options |= draw.maybe(0.4, reset_after=[False, True])
    return options


def way(draw):
    """What belongs to the walk over time, whatever is computed in a step."""
    return draw.maybe(0.45, return_sequences=[True]) | draw.maybe(0.2, go_backwards=[True], return_state=[True], unroll=[True])


def recurrent(draw, shape, second):
    if shape[-1] is None:
        return None
    kind = draw.one(KINDS)
    options = way(draw)
    if shape[0] is None:
        options.pop("unroll", None)
    if draw.chance(0.2):
        cells = [Layer(f"{each}Cell", options_of(draw, each, second, cell=True)) for each in draw.sample(KINDS, draw.integer(1, 3))]
        cell = cells[0] if len(cells) == 1 else cells
        if len(cells) > 1 and draw.chance(0.4):
            cell = Layer("StackedRNNCells", {"cells": cells})
        return Layer("RNN", {"cell": cell, **options})
    more = draw.maybe(0.08, zero_output_for_mask=[True]) if second and options.get("return_sequences") else {}
    return Layer(kind, options_of(draw, kind, second) | options | more)


def wrapped(draw, shape, second):
    """Both directions, the second like the first or a layer of its own."""
    first = recurrent(draw, shape, second)
    if first is None:
        return None
    options = dict(first.options)
    if not second:
        options.pop("go_backwards", None)
    first = Layer(first.class_name, options)
    made = {"layer": first, **draw.maybe(0.6, merge_mode=["concat", "sum", "mul", "ave", None])}
    if draw.chance(0.15) and first.class_name != "RNN":
        kind = draw.one(KINDS)
        shared = {name: options[name] for name in ("units", "return_sequences", "return_state") if name in options}
        if kind == first.class_name or "return_state" not in shared:
            made["backward_layer"] = Layer(kind, options_of(draw, kind, second) | shared | {
                "go_backwards": not options.get("go_backwards", False)})
    return Layer("Bidirectional", made)


def convolutional(draw, shape, second):
    """ConvLSTM over steps of sequences or images."""
    axes = len(shape) - 2
    if None in shape or axes > 2 and draw.chance(0.5):
        return None
    first = draw.chance(0.1)
    places = shape[2:] if first else shape[1:-1]
    size = draw.integer(1, 2)
    options = {"filters": draw.integer(1, 3), "kernel_size": size, **draw.maybe(
        0.3, padding=["same"], return_sequences=[True], go_backwards=[True], use_bias=[False],
        activation=["relu", "tanh"], recurrent_activation=["sigmoid", "hard_sigmoid", "relu"])}
    if draw.chance(0.3):
        options |= draw.one(({"strides": 2}, {"dilation_rate": 2}))
    if first:
        options["data_format"] = "channels_first"
    elif draw.chance(0.15):
        options["return_state"] = True
    if not windows.fits(size, options.get("dilation_rate", 1), places):
        options["padding"] = "same"
    return Layer(f"ConvLSTM{axes}D", options)
