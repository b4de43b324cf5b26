"""Layers that move a window over places, cut and pad them, or take them one after the other."""

from . import plain
from .description import Layer


def order(draw, shape, chance=0.12):
    """The places and channels of a shape, and the option that says which come first."""
    if draw.chance(chance) and None not in shape:
        return shape[1:], shape[0], {"data_format": "channels_first"}
    return shape[:-1], shape[-1], draw.maybe(0.1, data_format=["channels_last"])


def each(draw, count, low, high):
    """A number for all axes, or one for each."""
    if draw.chance(0.55):
        return draw.integer(low, high)
    return tuple(draw.integer(low, high) for _ in range(count))


def spread(value, count):
    return value if isinstance(value, tuple) else (value,) * count


def fits(size, dilation, places):
    """Whether a window lies within the places."""
    count = len(places)
    return all(extent is None and s < 4 or extent is not None and (s - 1) * d + 1 <= extent
               for s, d, extent in zip(spread(size, count), spread(dilation, count), places))


def strides_or_dilation(draw, axes, square=False):
    kind = draw.weighted(((5, None), (3, "strides"), (2, "dilation_rate")))
    if kind is None:
        return {}
    return {kind: draw.integer(1, 3) if square else each(draw, axes, 1, 3)}


def convolution(draw, shape, second):
    axes = len(shape) - 1
    places, channels, options = order(draw, shape)
    if channels is None:
        return None
    kind = draw.weighted(((6, "Conv"), (3, "Transpose"), (3 * (axes < 3), "Depthwise"), (2 * (axes < 3), "Separable")))
    size = each(draw, axes, 1, 3 if axes < 3 else 2)
    options |= {"kernel_size": size, "padding": draw.one(("valid", "same")), **plain.activation_option(draw, second),
                **draw.maybe(0.25, use_bias=[False])}
    if kind == "Transpose":
        return transposed(draw, axes, places, options, second)
    # Neither generation computes a window that moves and is dilated, nor unequal strides of depthwise windows.
    options |= strides_or_dilation(draw, axes, square=kind != "Conv" or axes == 3)
    if kind == "Conv" and axes == 1 and options.get("data_format") != "channels_first" and draw.chance(0.25):
        options["padding"] = "causal"
    if options["padding"] == "valid" and not fits(size, options.get("dilation_rate", 1), places):
        options["padding"] = "same"
    if kind == "Conv":
        groups = draw.one([g for g in (1, 1, 2, 3, 4) if channels % g == 0])
        options |= {"filters": groups * draw.integer(1, 4 // groups + 1), **({"groups": groups} if groups > 1 else {})}
        return Layer(f"Conv{axes}D", options)
    options |= draw.maybe(0.4, depth_multiplier=[1, 2, 3])
    if kind == "Separable":
        options["filters"] = draw.integer(1, 5)
    return Layer(f"{kind}Conv{axes}D", options)


def transposed(draw, axes, places, options, second):
    options["filters"] = draw.integer(1, 4)
    if draw.chance(0.6):
        options["strides"] = each(draw, axes, 1, 3)
        if draw.chance(0.3):
            strides = spread(options["strides"], axes)
            options["output_padding"] = tuple(draw.integer(0, s - 1) for s in strides)
            if axes == 1 or draw.chance(0.3) and len(set(options["output_padding"])) == 1:
                options["output_padding"] = options["output_padding"][0]
    elif draw.chance(0.2) and axes < 3:
        options["dilation_rate"] = draw.integer(1, 2)
    return Layer(f"Conv{axes}DTranspose", options)


def pooling(draw, shape, second):
    axes = len(shape) - 1
    places, _, options = order(draw, shape)
    kind = draw.one(("Max", "Average"))
    if draw.chance(0.3):
        return Layer(f"Global{kind}Pooling{axes}D", options | draw.maybe(0.4, keepdims=[True]))
    if not second and draw.chance(0.2) and None not in places:
        return Layer(f"Adaptive{kind}Pooling{axes}D", options | {"output_size": each(draw, axes, 1, 4)})
    size = each(draw, axes, 1, 4)
    options |= {"pool_size": size, **draw.maybe(0.5, padding=["same"]), **(
        {"strides": each(draw, axes, 1, 3)} if draw.chance(0.5) else {})}
    if options.get("padding") != "same" and not fits(size, 1, places):
        options["padding"] = "same"
    # TensorFlow's plain kernel averages cells outside of the windows where steps are longer than these.
    if (kind, axes, options.get("padding")) == ("Average", 3, "same"):
        options.pop("strides", None)
    if isinstance(size, tuple) and axes == 1:
        options["pool_size"] = size[0]
    if axes == 1 and isinstance(options.get("strides"), tuple):
        options["strides"] = options["strides"][0]
    return Layer(f"{kind}Pooling{axes}D", options)


def amounts(draw, axes, high):
    """How much is cut off or put around: one number, one for each axis, two for each."""
    kind = draw.integer(0, 2)
    if kind == 0:
        return draw.integer(0, high)
    if kind == 1 and axes > 1:
        return tuple(draw.integer(0, high) for _ in range(axes))
    pairs = tuple((draw.integer(0, high), draw.integer(0, high)) for _ in range(axes))
    return pairs[0] if axes == 1 else pairs


def borders(draw, shape, second):
    axes = len(shape) - 1
    kind = draw.one(("ZeroPadding", "Cropping", "UpSampling"))
    places, _, options = order(draw, shape, chance=0.12 if axes > 1 else 0)
    if axes == 1:
        options = {}
    if kind == "ZeroPadding":
        return Layer(f"ZeroPadding{axes}D", options | {"padding": amounts(draw, axes, 2)})
    if kind == "Cropping":
        if None in places or min(places) < 3:
            return None
        return Layer(f"Cropping{axes}D", options | {"cropping": amounts(draw, axes, 1)})
    if axes == 1:
        return Layer("UpSampling1D", {"size": draw.integer(1, 3)})
    options["size"] = each(draw, axes, 1, 3 if axes == 2 else 2)
    if axes == 2:
        options |= draw.maybe(0.5, interpolation=["nearest", "bilinear", "bilinear", "bicubic", "lanczos3", "lanczos5"])
    return Layer(f"UpSampling{axes}D", options)


def resizing(draw, shape, second):
    if None in shape:
        return None
    places, _, options = order(draw, shape, chance=0 if second else 0.15)
    if draw.chance(0.4):
        return Layer("CenterCrop", options | {"height": draw.integer(1, places[0] + 2), "width": draw.integer(1, places[1] + 2)})
    return Layer("Resizing", options | {"height": draw.integer(1, 8), "width": draw.integer(1, 8), **draw.maybe(
        0.5, interpolation=["nearest", "bilinear", "bicubic", "lanczos3"]), **draw.maybe(
            0.15, crop_to_aspect_ratio=[True]), **({} if second else draw.maybe(0.1, pad_to_aspect_ratio=[True], fill_value=[0.5]))})


def augmentation(draw, shape, second):
    """Layers that change images in training only."""
    name, options = draw.one((
        ("RandomFlip", {}), ("RandomRotation", {"factor": 0.2}), ("RandomZoom", {"height_factor": 0.2}),
        ("RandomContrast", {"factor": 0.2}), ("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.2})))
    return Layer(name, options) if shape[-1] in (1, 3) else None


def distributed(draw, shape, second):
    """A layer for each step of time."""
    inner_shape = shape[1:]
    if None in inner_shape:
        return None
    choices = [(4, plain.dense), (2, plain.activation_layer), (2, plain.softmax), (2, plain.batch_normalization),
               (2, plain.normalization), (2, plain.reshaping), (1, plain.unchanged)]
    if len(inner_shape) in (2, 3):
        choices += [(5, convolution), (4, pooling), (3, borders), (1, distributed)]
    if len(inner_shape) == 2:
        from . import recurrent
        choices += [(2, recurrent.recurrent), (1, recurrent.wrapped)]
    inner = draw.weighted(choices)(draw, inner_shape, second)
    if inner is None or inner.options.get("return_state") or inner.options.get("data_format") == "channels_first":
        return None
    return Layer("TimeDistributed", {"layer": inner})


def local(draw, shape, second):
    """A window with weights of its own in each place: Keras 2 only."""
    axes = len(shape) - 1
    if not second or None in shape or shape[0] < 3 or min(shape[:-1]) < 2:
        return None
    implementation = draw.one((1, 1, 2, 3))
    return Layer(f"LocallyConnected{axes}D", {
        "filters": draw.integer(1, 3), "kernel_size": draw.integer(1, 2), "implementation": implementation,
        **draw.maybe(0.3, use_bias=[False], activation=["relu", "tanh"]),
        **({"padding": "same"} if implementation > 1 and draw.chance(0.4) else draw.maybe(0.4, strides=[1, 2]))})
