"""Faults of the options in a Keras model's configuration. The numbers stay what they are."""

from kinds import Change, keras, pick

NORMALIZATIONS = ("BatchNormalization", "BatchNormalizationV1", "LayerNormalization", "GroupNormalization", "UnitNormalization")
CONVOLUTIONS = tuple(f"{kind}Conv{n}D" for kind in ("", "Depthwise", "Separable") for n in (1, 2, 3))
POOLINGS = tuple(f"{kind}Pooling{n}D" for kind in ("Max", "Average") for n in (1, 2, 3))
GLOBAL_POOLINGS = tuple(f"Global{kind}Pooling{n}D" for kind in ("Max", "Average") for n in (1, 2, 3))
RECURRENCES = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM2D", "ConvLSTM1D", "RNN")
FUNCTIONS = ["relu", "tanh", "sigmoid", "linear", "elu", "softplus"]


def extents(value):
    return value if isinstance(value, (list, tuple)) else [value]


def option(key, classes=None, when=lambda config: True):
    """A fault of one option of one layer: the function gets the old value, the generator and the layer's options."""
    def decorate(change):
        def apply(model, random):
            if not model.config:
                return None
            found = pick(random, [(name, config) for name, layer, config in model.every_layer() if key in config
                                  and (classes is None or layer["class_name"] in classes) and when(config)])
            if not found:
                return None
            name, config = found
            new = change(config[key], random, config)
            if new is None or new == config[key]:
                return None
            config[key] = new
            return Change({name})
        return apply
    return decorate


@keras("an activation", cause="activation")
@option("activation", when=lambda config: isinstance(config["activation"], str))
def activation(old, random, config):
    return random.choice([name for name in FUNCTIONS if name != old])


@keras("a gate's activation", cause="activation")
@option("recurrent_activation", when=lambda config: isinstance(config["recurrent_activation"], str))
def recurrent_activation(old, random, config):
    return "hard_sigmoid" if old == "sigmoid" else "sigmoid"


def number(change):
    def new(old, random, config):
        if isinstance(old, dict):  # a number as Keras 2 packs it
            old = old.get("value", old.get("config", {}).get("value"))
        return change(float(old)) if isinstance(old, (int, float)) else None
    return new


for slope in ("alpha", "negative_slope"):
    keras("the slope of a leaky ReLU", cause="slope|activation")(
        option(slope, ("LeakyReLU", "ReLU"))(number(lambda old: old + 0.1)))
keras("ELU's alpha", cause="slope|activation|alpha")(option("alpha", ("ELU",))(number(lambda old: old + 0.1)))
keras("ReLU's threshold")(option("threshold", ("ReLU",))(number(lambda old: old + 0.25)))
keras("ThresholdedReLU's theta")(option("theta", ("ThresholdedReLU",))(number(lambda old: old + 0.25)))


@keras("ReLU's maximum")
@option("max_value", ("ReLU",))
def maximum(old, random, config):
    return 6.0 if old is None else None if not isinstance(old, (int, float)) else old + 2


keras("an epsilon", cause="epsilon")(option("epsilon", NORMALIZATIONS)(number(lambda old: old * 10)))


@keras("all epsilons", cause="epsilon")
def all_epsilons(model, random):
    found = [(name, config) for name, layer, config in model.every_layer() if layer["class_name"] in NORMALIZATIONS
             and isinstance(config.get("epsilon"), float)] if model.config else []
    for _, config in found:
        config["epsilon"] = 1e-6 if config["epsilon"] != 1e-6 else 1e-3
    if found:
        return Change({found[0][0]})


# Windows

def is_wide(config, key):
    return any(n > 1 for n in extents(config[key])) and all(n == 1 for n in extents(config.get("strides") or 1))


@keras("padding of a convolution", cause="padding")
@option("padding", CONVOLUTIONS, lambda config: is_wide(config, "kernel_size"))
def convolution_padding(old, random, config):
    return {"same": "valid", "valid": "same", "causal": "same"}[old.lower()]


@keras("padding of a pooling", cause="padding")
@option("padding", POOLINGS, lambda config: any(n > 1 for n in extents(config["pool_size"]))
        and config.get("strides") and all(n == 1 for n in extents(config["strides"])))
def pooling_padding(old, random, config):
    return {"same": "valid", "valid": "same"}[old.lower()]


@keras("zeros on the other side", cause="padding")
@option("padding", ("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"))
def zeros(old, random, config):
    """As many zeros, one of them moved: ((1, 0), (1, 0)) for ((0, 1), (0, 1))."""
    def moved(pair):
        return [pair[0] - 1, pair[1] + 1] if pair[0] else [pair[0] + 1, pair[1] - 1] if pair[1] else pair
    if isinstance(old, list) and old and isinstance(old[0], list):
        return [moved(pair) for pair in old]
    if isinstance(old, list) and len(old) == 2 and isinstance(old[0], int):
        return moved(old)


@keras("the other border cropped")
@option("cropping", ("Cropping1D", "Cropping2D", "Cropping3D"))
def cropping(old, random, config):
    if isinstance(old, list) and old and isinstance(old[0], list):
        return [pair[::-1] for pair in old]
    if isinstance(old, list) and len(old) == 2 and isinstance(old[0], int):
        return old[::-1]


@keras("a stride", cause="stride")
def strides(model, random):
    """Of a window that stands at several positions."""
    if not model.config:
        return None
    found = pick(random, [(name, config) for name, layer, config in model.every_layer() if config.get("strides")
                          and layer["class_name"] in CONVOLUTIONS + POOLINGS and layer["class_name"] == model.class_of(name)
                          and is_spread(model.output_shape(name), config.get("data_format"))])
    if found:
        name, config = found
        old = config["strides"]
        config["strides"] = [n + 1 for n in old] if isinstance(old, list) else old + 1
        return Change({name})


def is_spread(shape, data_format):
    """Whether an image has several rows and columns."""
    extents = (shape or [])[1:] if data_format == "channels_first" else (shape or [])[:-1]
    return bool(extents) and all(isinstance(n, int) and n > 2 for n in extents)


@keras("a dilation", cause="dilation")
@option("dilation_rate", CONVOLUTIONS, lambda config: is_wide(config, "kernel_size"))
def dilation(old, random, config):
    return [3 - min(n, 2) for n in old] if isinstance(old, list) else 3 - min(old, 2)


@keras("a pooling's size")
@option("pool_size", POOLINGS)
def pool_size(old, random, config):
    return [n + 1 for n in old] if isinstance(old, list) else old + 1


@keras("an interpolation", cause="interpolation")
@option("interpolation", ("UpSampling2D", "Resizing"))
def interpolation(old, random, config):
    if any(n > 1 for n in extents(config.get("size", 2))):
        return "bilinear" if old == "nearest" else "nearest"


@keras("an upsampling's factor")
@option("size", ("UpSampling1D", "UpSampling2D", "UpSampling3D"))
def factor(old, random, config):
    return [n + 1 for n in old] if isinstance(old, list) else old + 1


# darknet has axes of one cell always.
keras("keepdims of a global pooling", needs="is_keras")(option("keepdims", GLOBAL_POOLINGS)(lambda old, random, config: not old))


@keras("the order of the axes of an image")
@option("data_format", CONVOLUTIONS + POOLINGS + GLOBAL_POOLINGS + ("UpSampling2D", "ZeroPadding2D", "Cropping2D"))
def data_format(old, random, config):
    return {"channels_last": "channels_first", "channels_first": "channels_last"}.get(old)


# Recurrences

for key, cause in (("return_sequences", "return_sequences"), ("go_backwards", "direction|go_backwards"), ("reset_after", None)):
    keras(key, cause=cause)(option(key, RECURRENCES)(lambda old, random, config: not old))


@keras("how two directions are joined")
@option("merge_mode", ("Bidirectional",))
def merge_mode(old, random, config):
    return random.choice([mode for mode in ("concat", "sum", "mul", "ave") if mode != old])


keras("a mask's value")(option("mask_value", ("Masking",))(number(lambda old: old + 1)))


@keras("mask_zero")
def mask_zero(model, random):
    """First seen where the mask is heeded."""
    change = option("mask_zero", ("Embedding",))(lambda old, random, config: not old)(model, random)
    return change and Change(set(model.names))


# Axes and shapes

@keras("an axis")
def axis(model, random):
    if not model.config:
        return None
    found = pick(random, [(name, config) for name, layer, config in model.every_layer() if layer["class_name"] in (
        "Softmax", "LayerNormalization", "Concatenate", "UnitNormalization") and layer["class_name"] == model.class_of(name)
        and len(model.output_shape(name) or ()) > 1 and isinstance(extents(config.get("axis", -1))[0], int)])
    if found:
        name, config = found
        rank = len(model.output_shape(name)) + 1
        old = [axis % rank for axis in extents(config.get("axis", -1))]
        # Along axes of one position each, it is one and the same.
        sizes = [None, *model.output_shape(name)]
        new = random.choice([axis for axis in range(1, rank) if axis not in old and {sizes[axis], sizes[old[0]]} != {1}] or [None])
        if new is None:
            return None
        config["axis"] = [new] if isinstance(config.get("axis", -1), list) else new
        return Change({name})


@keras("a permutation")
@option("dims", ("Permute",))
def permutation(old, random, config):
    return old[::-1] if len(old) > 1 else None


@keras("a shape")
@option("target_shape", ("Reshape",))
def target_shape(old, random, config):
    return old[::-1] if len(old) > 1 else None


keras("a count of repetitions")(option("n", ("RepeatVector",))(lambda old, random, config: old + 1))
keras("a rescaling's scale")(option("scale", ("Rescaling",))(number(lambda old: old * 2)))
keras("a rescaling's offset")(option("offset", ("Rescaling",))(number(lambda old: old + 0.5)))


@keras("the shape of the input")
def input_shape(model, random):
    if not model.config:
        return None
    for name, layer, config in model.every_layer():
        for key in ("batch_input_shape", "batch_shape"):
            shape = config.get(key)
            known = [i for i, n in enumerate(shape or []) if i and isinstance(n, int)]
            if layer["class_name"] == "InputLayer" and known:
                shape[known[0]] += 8
                return Change(set(model.names), "input")
