"""Layers that work on values of any rank, with random options."""

from .description import Layer

BOTH = "elu exponential gelu hard_sigmoid linear mish relu selu sigmoid softmax softplus softsign swish tanh".split()
THIRD = ("celu hard_shrink hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax relu6 silu soft_shrink "
         "sparse_plus sparse_sigmoid squareplus tanh_shrink").split()
# Those whose `call` takes `training`.
TRAINED = ("Dropout SpatialDropout1D SpatialDropout2D GaussianNoise GaussianDropout AlphaDropout BatchNormalization "
           "SimpleRNN LSTM GRU Bidirectional TimeDistributed").split()


def activation_name(draw, second, plain=False):
    names = BOTH if second or plain else BOTH + THIRD
    return draw.one([name for name in names if name != "exponential"])


def activation_option(draw, second):
    """An activation inside of another layer: a name, now and then a layer."""
    if draw.chance(0.45):
        return {}
    if draw.chance(0.06):
        return {"activation": activation_layer(draw, None, second)}
    return {"activation": activation_name(draw, second)}


def dense(draw, shape, second):
    if shape[-1] is None:
        return None
    return Layer("Dense", {"units": draw.integer(1, 6), **activation_option(draw, second), **draw.maybe(0.2, use_bias=[False])})


def activation(draw, shape, second):
    return Layer("Activation", {"activation": activation_name(draw, second)})


def activation_layer(draw, shape, second):
    name = draw.one(["ReLU", "ReLU", "LeakyReLU", "ELU"] + ["PReLU"] * (shape is not None) + ["ThresholdedReLU"] * second)
    if name == "ReLU":
        return Layer(name, draw.maybe(0.4, max_value=[6.0, 1.5, 0.4], negative_slope=[0.1, 0.3], threshold=[0.25, 0.7]))
    if name == "LeakyReLU":
        return Layer(name, draw.maybe(0.6, **{"alpha" if second else "negative_slope": [0.07, 0.1, 0.5]}))
    if name == "ELU":
        return Layer(name, draw.maybe(0.5, alpha=[0.4, 1.3]))
    if name == "ThresholdedReLU":
        return Layer(name, draw.maybe(0.5, theta=[0.2, 0.6]))
    free = [i + 1 for i, extent in enumerate(shape) if extent is None]
    shared = sorted(set(free) | {i + 1 for i in range(len(shape)) if draw.chance(0.3)})
    return Layer(name, {"shared_axes": shared} if shared and len(shape) > 1 else {} if not free else {"shared_axes": free})


def softmax(draw, shape, second):
    rank = len(shape)
    axis = draw.weighted(((3, None), (3, draw.integer(1, rank)), (2, -draw.integer(1, rank)), (1, tuple(
        draw.sample(range(1, rank + 1), min(rank, 2))))))
    return Layer("Softmax", {} if axis is None else {"axis": axis})


def unchanged(draw, shape, second):
    names = ["Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization", "Identity"]
    if len(shape) in (2, 3, 4):
        names.append(f"SpatialDropout{len(shape) - 1}D")
    name = draw.one(names)
    if name == "ActivityRegularization":
        return Layer(name, {"l1": 0.1})
    if name == "Identity":
        return Layer(name)
    return Layer(name, {"stddev" if name == "GaussianNoise" else "rate": draw.one((0.1, 0.4))})


def known_axis(draw, shape):
    """An axis whose extent is known, counted from either end."""
    axes = [i for i, extent in enumerate(shape) if extent is not None]
    at = draw.one(axes)
    return draw.one((at + 1, at - len(shape)))


def batch_normalization(draw, shape, second):
    axis = {"axis": known_axis(draw, shape)} if draw.chance(0.35) or shape[-1] is None else {}
    return Layer("BatchNormalization", {**axis, **draw.maybe(
        0.25, scale=[False], center=[False], epsilon=[1e-5, 0.01, 0.2], momentum=[0.9])})


def normalization(draw, shape, second):
    name = draw.one(["LayerNormalization", "LayerNormalization", "UnitNormalization", "GroupNormalization"] + [
        "RMSNormalization", "SpectralNormalization"] * (not second))
    known = [i + 1 for i, extent in enumerate(shape) if extent is not None]
    if not known:
        return None
    axis = draw.weighted(((3, None), (3, known_axis(draw, shape)), (1, sorted(draw.sample(known, min(2, len(known)))))))
    if axis is None and shape[-1] is None:
        return None
    options = {} if axis is None else {"axis": axis}
    if name == "SpectralNormalization" and None in shape:
        # Its weights are counted right only where all shapes are known.
        return None
    if name == "SpectralNormalization":
        return Layer(name, {"layer": Layer("Dense", {"units": draw.integer(1, 4)}), **draw.maybe(0.3, power_iterations=[2])})
    if name == "GroupNormalization":
        axis = known_axis(draw, shape) if draw.chance(0.3) or shape[-1] is None else -1
        extent = shape[axis - 1 if axis > 0 else axis]
        groups = draw.one([g for g in range(1, extent + 1) if extent % g == 0] + [-1])
        return Layer(name, {"groups": groups, "axis": axis, **draw.maybe(0.25, scale=[False], center=[False], epsilon=[0.01, 0.2])})
    if name == "LayerNormalization":
        more = draw.maybe(0.25, scale=[False], center=[False], epsilon=[0.01, 0.2])
        return Layer(name, options | more | ({} if second else draw.maybe(0.1, rms_scaling=[True])))
    if name == "RMSNormalization":
        return Layer(name, options | draw.maybe(0.3, epsilon=[0.01, 0.2]))
    return Layer(name, options)


def rescaling(draw, shape, second):
    if draw.chance(0.7):
        return Layer("Rescaling", {"scale": draw.number(), **draw.maybe(0.6, offset=[draw.number()])})
    extent = shape[-1]
    if extent is None:
        return None
    if draw.chance(0.3):
        return Layer("Rescaling", {"scale": [draw.number() for _ in range(extent)], "offset": [draw.number() for _ in range(extent)]})
    axis = known_axis(draw, shape) if draw.chance(0.4) else -1
    extent = shape[axis - 1 if axis > 0 else axis]
    return Layer("Normalization", {
        "axis": axis, "mean": [draw.number() for _ in range(extent)], "variance": [draw.number(0.2, 3) for _ in range(extent)],
        **draw.maybe(0.2, invert=[True])})


def reshaping(draw, shape, second):
    kind = draw.one(("Flatten", "Reshape", "Reshape", "Permute"))
    rank = len(shape)
    if kind == "Flatten":
        return Layer(kind, draw.maybe(0.2, data_format=["channels_first"]) if None not in shape else {}) if None not in shape[1:] else None
    if kind == "Permute":
        return Layer(kind, {"dims": tuple(draw.sample(range(1, rank + 1), rank))}) if rank > 1 else None
    if None in shape:
        return None
    target = folded(draw, shape)
    if draw.chance(0.3):
        at = draw.integer(0, len(target) - 1)
        target = (*target[:at], -1, *target[at + 1:])
    return Layer(kind, {"target_shape": target})


def folded(draw, shape):
    """Another shape of as many numbers."""
    count = 1
    for extent in shape:
        count *= extent
    target = []
    for _ in range(draw.integer(0, 3)):
        factor = draw.one([f for f in range(1, min(count, 9) + 1) if count % f == 0])
        target.append(factor)
        count //= factor
    target.append(count)
    draw.random.shuffle(target)
    return tuple(target)


def einsum(draw, shape, second):
    rank, last = len(shape), shape[-1]
    if rank > 3 or None in shape:
        return None
    letters, units = "abcd"[:rank + 1], draw.integer(1, 4)
    last = letters[-1]
    kind = draw.one(("one", "two", "before"))
    if kind == "two":
        equation, output, bias = f"{letters},{last}xy->{letters[:-1]}xy", (*shape[:-1], units, 2), draw.one(("y", "xy", None))
    elif kind == "before" and rank > 1:
        at = letters[1]
        equation, output, bias = f"{letters},{at}x->a{letters[2:]}x", (*shape[1:], units), draw.one(("x", None))
    else:
        equation, output, bias = f"{letters},{last}x->{letters[:-1]}x", (*shape[:-1], units), draw.one(("x", None))
    return Layer("EinsumDense", {"equation": equation, "output_shape": output, "bias_axes": bias, **activation_option(draw, second)})


def repeat(draw, shape, second):
    return Layer("RepeatVector", {"n": draw.integer(1, 4)})


def masking(draw, shape, second):
    return Layer("Masking", draw.maybe(0.2, mask_value=[0.5]))


def scalar(draw, shape, second):
    return draw.one((Layer("Activation", {"activation": "tanh"}), Layer("Reshape", {"target_shape": (1,)}), Layer("Flatten")))


def prepared(draw, shape, second):
    """Numbers as the numbers of their bins."""
    bounds = sorted({draw.number() for _ in range(draw.integer(1, 4))})
    mode = draw.one(("int", "multi_hot", "count", "one_hot"))
    return Layer("Discretization", {"bin_boundaries": bounds, "output_mode": mode})
