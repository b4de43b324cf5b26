"""Layers of one value, chosen by its rank, and layers that join values."""

from . import plain, recurrent, windows
from .description import Layer

# (weight, function of (draw, shape, second)) by rank without the batch; each gives a Layer, or None where none fits.
ANY = [(3, plain.dense), (4, plain.activation), (3, plain.activation_layer), (2, plain.softmax), (1, plain.unchanged),
       (4, plain.batch_normalization), (4, plain.normalization), (2, plain.rescaling), (3, plain.reshaping), (1, plain.einsum)]
RANKED = {
    0: [(1, plain.scalar)],
    1: [(6, plain.dense), (1, plain.repeat), (1, plain.prepared)],
    2: [(5, windows.convolution), (4, windows.pooling), (3, windows.borders), (5, recurrent.recurrent), (2, recurrent.wrapped),
        (2, plain.masking), (2, windows.distributed), (1, windows.local)],
    3: [(7, windows.convolution), (4, windows.pooling), (4, windows.borders), (1, windows.resizing), (2, windows.distributed),
        (1, recurrent.convolutional), (1, windows.local), (1, windows.augmentation)],
    4: [(4, windows.convolution), (3, windows.pooling), (3, windows.borders), (2, windows.distributed), (2, recurrent.convolutional)],
    5: [(2, recurrent.convolutional), (2, plain.dense)],
}

SHAPES = {
    "vector": lambda d: (d.integer(1, 7),),
    "sequence": lambda d: (d.one((1, 3, 5, 6, 7)), d.integer(1, 5)),
    "image": lambda d: (d.integer(3, 8), d.integer(3, 8), d.integer(1, 4)),
    "volume": lambda d: (d.integer(2, 5), d.integer(2, 5), d.integer(2, 4), d.integer(1, 3)),
    "darknet": lambda d: (d.integer(4, 9), d.integer(4, 9), d.integer(1, 4)) if d.chance(0.8) else (d.integer(2, 9),),
}


def input_for(grower, kind):
    """An input of a kind; for words its table as well."""
    draw = grower.draw
    if kind == "tokens":
        rows = draw.integer(3, 9)
        dtype = draw.weighted(((4, "float32"), (4, "int32"), (1, "int64"), (1, "uint8")))
        shape = draw.weighted(((8, (draw.integer(2, 6),)), (1, (2, 3)), (1, (None,))))
        words = grower.input(shape, dtype, feed="tokens", high=rows)
        more = draw.maybe(0.1, embeddings_regularizer=["l2"], embeddings_constraint=["non_neg"])
        grower.layer(Layer("Embedding", {
            "input_dim": rows, "output_dim": draw.integer(1, 5), **draw.maybe(0.5, mask_zero=[True]), **more}), words)
        return
    shape = SHAPES[kind](draw)
    if kind in ("sequence", "image") and draw.chance(0.1):
        shape = tuple(None if draw.chance(0.6) else extent for extent in shape[:-1]) + shape[-1:]
    grower.input(shape, feed="padded" if kind == "sequence" and draw.chance(0.3) else "normal")


def layer_for(grower, value):
    """A layer that a value of this shape can enter."""
    choices = RANKED.get(value.rank, []) + (ANY if value.rank else [])
    if not choices:
        return None
    make = grower.draw.weighted(choices)
    about = make(grower.draw, value.shape, grower.second)
    if about is not None and grower.draw.chance(0.06):
        about = Layer(about.class_name, about.options | dressed(grower.draw, about.class_name))
    return about


def dressed(draw, class_name):
    """Options that mean nothing once a model is trained, and types of numbers."""
    if class_name in ("Dense", "Conv1D", "Conv2D", "LSTM", "GRU", "SimpleRNN"):
        return draw.maybe(
            0.3, kernel_regularizer=["l2", "l1"], bias_initializer=["ones"], kernel_initializer=["he_normal", "orthogonal"],
            kernel_constraint=["max_norm", "unit_norm"], activity_regularizer=["l2"], trainable=[False])
    return draw.maybe(0.5, trainable=[False])


def one(grower):
    value = grower.value(lambda v: v.rank in RANKED)
    about = value and layer_for(grower, value)
    if about is None:
        return
    more = {}
    if grower.draw.chance(grower.traits.called) and about.class_name in plain.TRAINED:
        more["training"] = grower.draw.chance(0.6)
    grower.layer(about, value, **more)


def merge(grower):
    """Element by element, side by side, products; of values of one shape, of like shapes, of the same value twice."""
    draw = grower.draw
    first = grower.value(lambda v: v.rank > 0)
    if first is None:
        return
    others = [v for v in grower.values if v.is_float and v.rank == first.rank and v.numbers <= 400]
    kind = draw.weighted(((10, "elements"), (6, "beside"), (3, "dot")))
    if kind == "elements":
        name = draw.one(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"))
        fitting = grower.like(first)
        if draw.chance(0.25):
            fitting = [v for v in others if all(1 in (a, b) or a == b for a, b in zip(v.shape, first.shape))]
        count = 2 if name == "Subtract" or draw.chance(0.7) else 3
        given = [first] + [draw.one(fitting) for _ in range(count - 1)]
        draw.random.shuffle(given)
        joined(grower, name, given, {})
    elif kind == "beside":
        axis = draw.integer(0, first.rank - 1)
        fitting = [v for v in others if all(i == axis or a == b for i, (a, b) in enumerate(zip(v.shape, first.shape)))]
        given = [first] + [draw.one(fitting) for _ in range(draw.integer(1, 2))]
        joined(grower, "Concatenate", given, {"axis": draw.one((axis + 1, axis - first.rank))})
    elif first.rank <= 2:
        axis = draw.integer(0, first.rank - 1)
        fits = [(v, i) for v in others for i, extent in enumerate(v.shape) if extent == first.shape[axis] and extent]
        other, at = draw.one(fits)
        grower.layer(Layer("Dot", {"axes": (axis + 1, at + 1), **draw.maybe(0.3, normalize=[True])}), [first, other])


def joined(grower, name, given, options):
    """The layer, or Keras's function that makes it."""
    if not grower.traits.named and grower.draw.chance(0.15):
        grower.call(f"layers.{name.lower()}", given, **options)
    else:
        grower.layer(Layer(name, options), given)


# Models that darknet can hold, most of them

def darknet_layer(grower):
    value = grower.value(lambda v: v.rank in (1, 3))
    about = value and (darknet_image if value.rank == 3 else darknet_vector)(grower.draw, value.shape)
    if about is not None:
        grower.layer(about, value)


ACTIVATIONS = "linear relu sigmoid tanh swish mish elu softplus leaky relu6".split()


def darknet_activation(draw):
    name = draw.one(ACTIVATIONS)
    if name in ("leaky", "relu6"):
        return Layer("LeakyReLU", {"alpha": 0.1}) if name == "leaky" else Layer("ReLU", {"max_value": 6.0})
    return Layer("Activation", {"activation": name})


def darknet_vector(draw, shape):
    return draw.weighted((
        (5, Layer("Dense", {"units": draw.integer(1, 7), **draw.maybe(0.5, use_bias=[False], activation=ACTIVATIONS[:6])})),
        (1, Layer("BatchNormalization", draw.maybe(0.3, scale=[False], center=[False], epsilon=[1e-5, 0.1]))),
        (2, darknet_activation(draw)), (1, Layer("Softmax", {})), (1, Layer("Dropout", {"rate": 0.3}))))


def darknet_image(draw, shape):
    height, width, channels = shape
    size = draw.one((1, 2, 3, 3, 5))
    pool = draw.integer(1, 5)
    groups = draw.one([g for g in (1, 2, 3, 4) if channels % g == 0])
    return draw.weighted((
        (8, Layer("Conv2D", {"filters": groups * draw.integer(1, 4), "kernel_size": size, "groups": groups, **draw.maybe(
            0.3, strides=[1, 2], use_bias=[False], activation=ACTIVATIONS[:6], padding=["same"])})),
        (1, Layer("Conv2D", {"filters": draw.integer(1, 4), "kernel_size": size, "dilation_rate": draw.integer(1, 3), **draw.maybe(
            0.3, use_bias=[False], padding=["same"])})),
        (2, Layer("DepthwiseConv2D", {"kernel_size": size, **draw.maybe(
            0.3, strides=[1, 2], use_bias=[False], padding=["same"], activation=ACTIVATIONS[:6], depth_multiplier=[2])})),
        (1, Layer("Conv2DTranspose", {"filters": draw.integer(1, 4), "kernel_size": size, **draw.maybe(
            0.5, strides=[1, 2], use_bias=[False], padding=["same"])})),
        (1, Layer("SeparableConv2D", {"filters": draw.integer(1, 4), "kernel_size": size, **draw.maybe(
            0.3, strides=[1, 2], use_bias=[False], padding=["same"])})),
        (4, Layer("BatchNormalization", draw.maybe(0.3, scale=[False], center=[False], epsilon=[1e-5, 0.1]))),
        (4, darknet_activation(draw)),
        (2, Layer("MaxPooling2D", {"pool_size": pool, **draw.maybe(0.6, strides=[1, 2, 3], padding=["same"])})),
        (2, Layer("AveragePooling2D", {"pool_size": pool, **draw.maybe(0.6, strides=[1, 2, 3], padding=["same"])})),
        (2, Layer("UpSampling2D", {"size": draw.integer(1, 3)})), (2, Layer("ZeroPadding2D", {"padding": draw.one((
            1, (1, 2), ((1, 0), (1, 0)), ((0, 1), (0, 1))))})),
        (1, Layer("Cropping2D", {"cropping": draw.one((1, ((1, 0), (0, 0)), ((0, 0), (0, 1))))})),
        (1, Layer("Dropout", {"rate": 0.3})), (1, Layer("Dense", {"units": draw.integer(1, 5)})),
        (1, Layer("Flatten", {})), (1, Layer("GlobalAveragePooling2D", draw.maybe(0.4, keepdims=[True]))),
        (1, Layer("Rescaling", {"scale": draw.number(), **draw.maybe(0.5, offset=[draw.number()])})),
        (1, Layer("Softmax", {})), (1, Layer("Reshape", {"target_shape": (1, 1, channels)} if height == width == 1 else {
            "target_shape": (height * width, channels)}))))


def darknet_join(grower):
    first = grower.value(lambda v: v.rank == 3)
    if first is None:
        return
    draw = grower.draw
    given = [first, draw.one(grower.like(first))]
    name = draw.weighted(((4, "Add"), (3, "Concatenate"), (2, "Multiply"), (1, "Average"), (1, "Maximum")))
    if name == "Concatenate":
        beside = [v for v in grower.values if v.shape[:2] == first.shape[:2] and v.rank == 3]
        given = [first] + [draw.one(beside) for _ in range(draw.integer(1, 2))]
    draw.random.shuffle(given)
    grower.layer(Layer(name, {}), given)
