"""Faults of a cfg: an option, a section, the wiring. The numbers stay what they are."""

import re

from cfg_text import mask_of, numbers
from kinds import Change, darknet, pick

FUNCTIONS = ["leaky", "relu", "linear", "logistic", "tanh", "elu"]
# Names of one function at inference.
SAME = {"revleaky": "leaky"}
WITH_ACTIVATION = ("convolutional", "connected", "activation", "shortcut", "deconvolutional", "local", "rnn", "crnn")
HEADS = ("yolo", "Gaussian_yolo", "region")


def layers(model, *types, when=lambda options, layer: True):
    return [i for i, layer in enumerate(model.layers) if layer["type"] in types and when(model.options(i), layer)]


def name_of(model, index):
    return Change({model.layers[index]["name"]})


def one(*types, when=lambda options, layer: True):
    """A fault of one layer of some types: the function gets its options and a generator, and may give up with False."""
    def decorate(edit):
        def apply(model, random):
            index = pick(random, layers(model, *types, when=when))
            if index is not None and edit(model.options(index), random, model.layers[index]) is not False:
                return name_of(model, index)
        return apply
    return decorate


def setting(key, value):
    def edit(options, random, layer):
        old = options.get(key)
        options[key] = str(value(old))
        return options[key] != old
    return edit


def of_later_forks(apply):
    """An option that pjreddie's darknet does not know, and that means nothing to it."""
    return lambda model, random: None if model.dialect == "pjreddie" else apply(model, random)


def whole(options, key, default):
    return int(float(options.get(key, default)))


@darknet("an activation", cause="activation")
@one(*WITH_ACTIVATION)
def activation(options, random, layer):
    default = "linear" if layer["type"] in ("shortcut", "activation") else "logistic"
    old = options.get("activation", default)
    # What darknet does not know is relu to it.
    known = FUNCTIONS + ["relie", "ramp", "loggy", "plse", "hardtan", "lhtan", "stair", "selu", "gelu", "mish", "swish",
                         "hard_mish", "relu6", "revleaky", "normalize_channels", "normalize_channels_softmax",
                         "normalize_channels_softmax_maxval"]
    old = SAME.get(old, old) if old in known else "relu"
    options["activation"] = random.choice([name for name in FUNCTIONS if name != old])


darknet("the slope of a leaky ReLU", cause="slope|activation")(
    one(*WITH_ACTIVATION, when=lambda options, layer: options.get("activation") == "leaky")(
        setting("activation", lambda old: "relie")))


@darknet("padding of a convolution", cause="padding")
@one("convolutional", when=lambda options, layer: whole(options, "size", 1) > 1)
def convolution_padding(options, random, layer):
    size, padding = whole(options, "size", 1), whole(options, "padding", 0)
    if whole(options, "pad", 0):
        padding = size // 2
    options["pad"], options["padding"] = "0", str(padding + random.choice([1, -1] if padding else [1]))


@darknet("padding of a pooling", cause="padding")
@one("maxpool", "local_avgpool", when=lambda options, layer: whole(options, "size", options.get("stride", 1)) > 1)
def pooling_padding(options, random, layer):
    size = whole(options, "size", options.get("stride", 1))
    padding = whole(options, "padding", size - 1)
    options["padding"] = str(max(0, padding + random.choice([2, -2])) if padding != 1 else 3)
    return options["padding"] != str(padding)


@darknet("a stride", cause="stride")
@one("convolutional", "maxpool", "local_avgpool", when=lambda options, layer: min(layer["output_shape"][1:] or [1]) > 2)
def stride(options, random, layer):
    options["stride"] = str(whole(options, "stride", 1) + 1)
    return not {"stride_x", "stride_y"} & set(options)


darknet("a dilation", cause="dilation")(of_later_forks(
    one("convolutional", when=lambda options, layer: whole(options, "size", 1) > 1)(
        setting("dilation", lambda old: 2 if int(old or 1) == 1 else 1))))


@darknet("max for average pooling", cause="pooling")
def pooling_kind(model, random):
    index = pick(random, layers(model, "maxpool", "local_avgpool", when=lambda options, layer: whole(
        options, "size", options.get("stride", 1)) > 1 and not {"maxpool_depth", "antialiasing"} & set(options)))
    if index is not None and model.dialect != "pjreddie":
        model.sections[index + 1][0] = "local_avgpool" if model.layer_type(index) == "maxpool" else "maxpool"
        return name_of(model, index)


darknet("the size of a pooling")(one("maxpool", "local_avgpool", when=lambda o, l: not whole(o, "maxpool_depth", 0))(
    setting("size", lambda old: int(old or 2) + 1)))
darknet("an upsampling's scale")(one("upsample")(setting("scale", lambda old: float(old or 1) * 0.5)))
darknet("an upsampling's factor")(one("upsample", when=lambda o, l: not o.get("stride", "2").startswith("-"))(
    setting("stride", lambda old: int(old or 2) + 1)))
darknet("reorg reversed")(one("reorg")(setting("reverse", lambda old: 1 - int(old or 0))))
darknet("a softmax's temperature")(one("softmax")(setting("temperature", lambda old: float(old or 1) * 2)))
darknet("an antialiasing")(of_later_forks(one("convolutional", when=lambda o, l: whole(o, "stride", 1) > 1)(
    setting("antialiasing", lambda old: 0 if old and int(old) else 1))))
darknet("a kernel declared flipped")(one("convolutional", when=lambda o, l: l["parameter_count"] > 8)(
    setting("flipped", lambda old: 0 if old and int(old) else 1)))
darknet("xnor")(one("convolutional", when=lambda o, l: l["parameter_count"] > 8)(
    setting("xnor", lambda old: 0 if old and int(old) else 1)))
@darknet("a gate's function", cause="activation")
def gate_function(model, random):
    """AlexeyAB's darknet reads the option and does not use it."""
    if model.dialect == "pjreddie":
        return one("gru")(setting("tanh", lambda old: 1 - int(old or 0)))(model, random)



darknet("a recurrence's shortcut")(one("rnn", "crnn")(setting("shortcut", lambda old: 1 - int(old or 0))))
darknet("a normalization dropped")(one("convolutional", "connected", when=lambda o, l: whole(o, "batch_normalize", 0) == 1)(
    setting("batch_normalize", lambda old: 0)))


# Wiring

@darknet("the order of a concatenation", cause="order of inputs")
@one("route", when=lambda o, l: len(set(numbers(o.get("layers", "")))) > 1)
def route_order(options, random, layer):
    old = numbers(options["layers"])
    new = old[::-1] if len(old) < 3 else random.sample(old, len(old))
    options["layers"] = ",".join(new)
    return new != old


darknet("a half of a route")(one("route", when=lambda o, l: whole(o, "groups", 1) > 1)(
    setting("group_id", lambda old: 1 if not int(old or 0) else 0)))


@darknet("another layer taken")
def other_source(model, random):
    """By a route or shortcut: one with values of the same shape."""
    choices = []
    for index in layers(model, "route", "shortcut", "sam", "scale_channels"):
        options = model.options(index)
        key = "layers" if "layers" in options else "from"
        for position, value in enumerate(numbers(options.get(key, ""))):
            source = int(value) + (index if int(value) < 0 else 0)
            if not 0 <= source < index:
                continue
            shape = model.layers[source]["output_shape"]
            choices += [(index, key, position, other) for other in range(index)
                        if other != source and model.layers[other]["output_shape"] == shape
                        and not same_value(model, other, source)]
    if choices:
        index, key, position, other = random.choice(choices)
        options = model.options(index)
        values = numbers(options[key])
        values[position] = str(other)
        options[key] = ",".join(values)
        return name_of(model, index)


def same_value(model, one, other):
    return origin(model, one) == origin(model, other)


def origin(model, index):
    """The layer whose value one passes on: a dropout, a route of one layer, an activation that is none."""
    while index >= 0:
        options, kind = model.options(index), model.layer_type(index)
        taken = numbers(options.get("layers", "")) if kind == "route" and whole(options, "groups", 1) == 1 else []
        if len(taken) == 1:
            index = int(taken[0]) + (index if int(taken[0]) < 0 else 0)
        elif kind in ("dropout", "cost", "empty") or kind == "activation" and options.get("activation", "linear") == "linear":
            index -= 1
        else:
            break
    return index


@darknet("a layer left out")
def layer_removed(model, random):
    """One without numbers that keeps the shape: nothing else shows that it is gone."""
    index = pick(random, layers(model, "activation", "maxpool", "local_avgpool", "shortcut", "softmax", "reorg", "upsample",
                                "sam", "scale_channels", "logistic", "batchnorm"))
    if index is not None and len(model.layers) > 1:
        del model.sections[index + 1]
        return Change({layer["name"] for layer in model.layers[index:]}, "output|input")


@darknet("the size of the picture")
def picture_size(model, random):
    net = model.options(-1)
    if "width" in net and "height" in net:
        key = random.choice(("width", "height"))
        net[key] = str(int(net[key]) + 32)
        return Change(set(model.names), "input")


# Heads

@darknet("an anchor", needs="has_heads", cause="anchor")
@one(*HEADS, when=lambda o, l: "anchors" in o)
def anchor(options, random, layer):
    values = numbers(options["anchors"])
    position = random.randrange(len(values))
    values[position] = repr(float(values[position]) + random.choice((1, 0.5)))
    options["anchors"] = ",".join(values)


@darknet("two anchors swapped", needs="has_heads", cause="anchor")
@one(*HEADS, when=lambda o, l: len(numbers(o.get("anchors", ""))) >= 4)
def anchors_swapped(options, random, layer):
    values = numbers(options["anchors"])
    pairs = [values[i:i + 2] for i in range(0, len(values) - 1, 2)]
    i, j = random.sample(range(len(pairs)), 2)
    pairs[i], pairs[j] = pairs[j], pairs[i]
    options["anchors"] = ",".join(v for pair in pairs for v in pair)
    return [v for pair in pairs for v in pair] != values


@darknet("the order of a mask", needs="has_heads", cause="mask")
@one(*HEADS[:2], when=lambda o, l: len(set(numbers(o.get("mask", "")))) > 1)
def mask_order(options, random, layer):
    options["mask"] = ",".join(numbers(options["mask"])[::-1])


@darknet("a mask's anchor", needs="has_heads", cause="mask")
@one(*HEADS[:2], when=lambda o, l: "mask" in o and whole(o, "num", 1) > len(mask_of(o)))
def mask_value(options, random, layer):
    mask = mask_of(options)
    mask[random.randrange(len(mask))] = random.choice([i for i in range(whole(options, "num", 1)) if i not in mask])
    options["mask"] = ",".join(map(str, mask))


darknet("scale_x_y", needs="has_heads")(of_later_forks(one(*HEADS[:2])(setting("scale_x_y", lambda old: float(old or 1) + 0.1))))
darknet("new_coords", needs="has_heads")(of_later_forks(one("yolo")(setting("new_coords", lambda old: 1 - int(old or 0)))))
darknet("the number of classes", needs="has_heads", cause="class")(one("yolo", "region", "Gaussian_yolo")(setting("classes", lambda old: int(old or 20) + 1)))
darknet("softmax of a head", needs="has_heads")(one("region", "detection")(setting("softmax", lambda old: 1 - int(old or 0))))


# The whole network

@darknet("the other darknet's epsilon", cause="epsilon", needs="carries")
def dialect(model, random):
    """A cfg that says it is of pjreddie's darknet, whose batch normalization adds its epsilon elsewhere."""
    normalized = layers(model, "convolutional", "connected", "batchnorm",
                        when=lambda o, l: l["type"] == "batchnorm" or whole(o, "batch_normalize", 0))
    if normalized and not model.dialect and "nnfmt: dialect" not in model.cfg_text:
        model.text_edits.append(lambda text: "# nnfmt: dialect=pjreddie\n" + re.sub(r"^# nnfmt: dialect.*\n", "", text))
        return Change({model.layers[i]["name"] for i in normalized})
