"""Random layers of Keras that darknet has only in other layers: a family for each rule of `spec/keras-to-darknet.md`."""

import numpy as np

from darknet_like_models import randomize


def strides(random, dialect):
    """One for both directions, as pjreddie's darknet has it; AlexeyAB's has two."""
    pair = [random.randint(1, 3)] * 2
    return tuple(pair if dialect == "pjreddie" or random.random() < .6 else (random.randint(1, 3), random.randint(1, 3)))


def side(random, largest=3):
    return random.randint(0, largest), random.randint(0, largest)


def kernel(k, random, dialect, channels):
    """Any kernel, stride and padding: in front of it zeros, or cells that are cut off."""
    made = []
    if random.random() < .4:
        made.append(k.layers.ZeroPadding2D((side(random), side(random))))
    if random.random() < .2:
        made.append(k.layers.Cropping2D((side(random, 1), side(random, 1))))
    size = (random.randint(1, 5), random.randint(1, 5)) if random.random() < .5 else (random.randint(1, 5),) * 2
    options = {"kernel_size": size, "padding": random.choice(("same", "valid")), "use_bias": random.random() < .5}
    if random.random() < .3:
        options["dilation_rate"] = (random.randint(1, 3), random.randint(1, 3))
    else:
        options["strides"] = strides(random, dialect)
    kind = random.choice(("Conv2D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D"))
    if kind != "Conv2D":
        # TensorFlow knows no others there.
        options["strides"] = (options.get("strides", (1, 1))[0],) * 2
        options["dilation_rate"] = (options.get("dilation_rate", (1, 1))[0],) * 2
    if kind == "DepthwiseConv2D":
        made.append(k.layers.DepthwiseConv2D(depth_multiplier=random.randint(1, 2), **options))
    else:
        made.append(getattr(k.layers, kind)(random.randint(1, 4), **options))
    if random.random() < .5:
        made += [k.layers.BatchNormalization(), k.layers.ReLU(random.choice((None, 6.0)))]
    return made


def transposed(k, random, dialect, channels):
    """Transposed convolutions with any kernel, stride and padding."""
    size = (random.randint(1, 5), random.randint(1, 5)) if random.random() < .3 else (random.randint(1, 5),) * 2
    options = {"padding": random.choice(("same", "valid")), "use_bias": random.random() < .5}
    made = [k.layers.Conv2DTranspose(random.randint(1, 4), size, strides=random.randint(1, 3), **options)]
    if random.random() < .5:
        made += [k.layers.BatchNormalization(), k.layers.ReLU()]
    return made


def maximum(k, random, dialect, channels):
    """Maxima of numbers that may be negative or not, with zeros around the image or without."""
    made = [k.layers.ReLU()] if random.random() < .4 else []
    if random.random() < .5:
        made.append(k.layers.ZeroPadding2D((side(random, 2), side(random, 2))))
    step = strides(random, dialect)
    made.append(k.layers.MaxPooling2D(random.randint(1, 4), strides=step, padding=random.choice(("same", "valid"))))
    return made


def mean(k, random, dialect, channels):
    """Means whose windows reach over the border, or not."""
    made = [k.layers.ReLU()] if random.random() < .3 else []
    if random.random() < .3:
        made.append(k.layers.ZeroPadding2D((side(random, 2), side(random, 2))))
    size = random.randint(1, 4) if random.random() < .7 else (random.randint(1, 4), random.randint(1, 4))
    step = strides(random, dialect)
    made.append(k.layers.AveragePooling2D(size, strides=step, padding=random.choice(("same", "valid"))))
    return made


def whole(k, random, dialect, channels):
    """One number of each channel."""
    return [random.choice((k.layers.GlobalMaxPooling2D, k.layers.GlobalAveragePooling2D))(keepdims=random.random() < .5)]


def border(k, random, dialect, channels):
    """Zeros and cuts with nothing behind them that could take them in."""
    made = []
    for _ in range(random.randint(1, 3)):
        layer = random.choice((k.layers.ZeroPadding2D, k.layers.Cropping2D))
        made.append(layer((side(random, 2), side(random, 2)) if layer is k.layers.ZeroPadding2D else (side(random, 1), side(random, 1))))
    return made


def function(k, random, dialect, channels):
    """Functions with constants that darknet does not have."""
    layers = k.layers
    made = random.choice((
        lambda: layers.ReLU(random.choice((6.0, 1.0, 4.0, round(random.uniform(.5, 20), 2)))),
        lambda: layers.LeakyReLU(round(random.uniform(0, 1), 2)),
        lambda: layers.PReLU(shared_axes=[1, 2]),
        lambda: layers.ELU(random.choice((1.0, .5, 1.7))),
        lambda: layers.Activation(random.choice(("selu", "hard_sigmoid", "swish", "relu6", "leaky_relu"))),
    ))()
    return [layers.BatchNormalization(), made] if random.random() < .5 else [layers.Conv2D(channels, 1), made]


def function_of_three(k, random, dialect, channels):
    """Functions that Keras 3 alone has."""
    return [k.layers.Activation(random.choice(("hard_swish", "celu", "soft_shrink", "sparse_sigmoid", "hard_tanh")))]


def arithmetic(k, random, dialect, channels):
    """Numbers for all values, and for each channel."""
    layers = k.layers
    number = lambda: round(random.uniform(-3, 3), 2)  # noqa: E731
    made = random.choice((
        lambda: layers.Rescaling(number(), offset=number()),
        lambda: layers.Normalization(mean=[number() for _ in range(channels)], variance=[abs(number()) for _ in range(channels)]),
        lambda: layers.BatchNormalization(scale=random.random() < .5, center=random.random() < .5),
    ))
    return [made() for _ in range(random.randint(1, 2))]


def merge(k, random, dialect, channels):
    """Sums, differences, means and products; the two values come from one."""
    kind = random.choice(("Add", "Subtract", "Average", "Multiply", "Multiply"))
    return ["merge", getattr(k.layers, kind)()]


def squeeze(k, random, dialect, channels):
    """Factors for each channel."""
    return ["squeeze", k.layers.Activation(random.choice(("sigmoid", "hard_sigmoid", "relu", "tanh")))]


FAMILIES = {f.__name__: f for f in (
    kernel, transposed, maximum, mean, whole, border, function, function_of_three, arithmetic, merge, squeeze)}


def model(k, family, random, dialect):
    """A model of the family: with a layer in front or not, and behind it or not."""
    layers = k.layers
    image = k.Input((random.randint(6, 13), random.randint(6, 13), random.randint(1, 5)))
    x = image
    if random.random() < .6:
        x = layers.Conv2D(random.randint(1, 5), 3, padding="same")(x)
    made = FAMILIES[family](k, random, dialect, x.shape[-1])
    if made[0] == "merge":
        x = made[1]([x, layers.Conv2D(x.shape[-1], 1)(x)])
    elif made[0] == "squeeze":
        factors = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = layers.Multiply()([x, made[1](layers.Conv2D(x.shape[-1], 1)(factors))])
    else:
        for layer in made:
            x = layer(x)
    if random.random() < .4 and len(x.shape) == 4:
        x = layers.Conv2D(2, 1)(x)
    whole = k.Model(image, x)
    randomize(whole, random.randint(0, 1 << 30))
    for weight in whole.weights:
        # Variances next to 0, which enlarge the rounding of what they divide, are test_small_variances's.
        if "moving_variance" in weight.name:
            weight.assign(np.asarray(weight) + np.float32(.25))
    return whole


def sample(model, random):
    shape = tuple(model.inputs[0].shape)[1:]
    x = np.random.default_rng(random.randint(0, 1 << 30)).normal(0, 2, (1, *shape)).astype(np.float32)
    return x.transpose(0, 3, 1, 2).copy()
