"""Random sections that hold numbers: convolutions, products, recurrent layers. What does not fit puts nothing."""


def normalized(writer, count):
    """`batch_normalize`, with its arrays in the order of a convolution."""
    if not writer.chance(.4):
        return {}, []
    return {"batch_normalize": 1}, [("scales", count), ("mean", count), ("variance", count)]


def convolution(writer, filters, size, stride, padding, groups=1, **more):
    """A convolution of given geometry. Tells whether there is room for it."""
    c, h, w = writer.image
    out_h, out_w = ((extent + 2 * padding - size) // stride + 1 for extent in (h, w))
    if min(h, w) + 2 * padding < size or out_h * out_w * filters > 4000:
        return False
    options = {"filters": filters, "size": size, "stride": stride}
    if padding == size // 2 and writer.chance(.7):
        options["pad"] = 1
    elif padding:
        options["padding"] = padding
    if groups > 1:
        options["groups"] = groups
    batch_normalize, arrays = normalized(writer, filters)
    weights = [("weights", filters * c // groups * size * size, c // groups * size * size)]
    bug = None
    if size == 1 and (stride > 1 or padding):
        bug = "a convolution of size 1 ignores stride and padding"
        # With a padding it reads beyond its input, and what then follows is chance.
    options |= batch_normalize | writer.activation() | more
    arrays = [("biases", filters)] + arrays + weights
    writer.put("convolutional", options, filters * out_h * out_w, (filters, out_h, out_w), arrays, bug)
    return True


def convolutional(writer):
    random = writer.random
    c = writer.image[0]
    size = random.choice((1, 1, 2, 3, 3, 3, 3, 4, 5, 7))
    stride = 1 if size == 1 and writer.chance(.9) else random.choice((1, 1, 1, 2, 2, 3))
    padding = random.choice((size // 2, size // 2, 0, 1, 2)) if size > 1 else 0
    groups = random.choice([n for n in range(1, c + 1) if c % n == 0]) if writer.chance(.3) else 1
    filters = groups * random.randint(1, 3 if groups > 1 else 8)
    more = {}
    if groups == 1 and writer.chance(.05):
        more["flipped"] = 1
    if writer.chance(.04):
        more["xnor"] = 1
    convolution(writer, filters, size, stride, padding, groups, **more)


def deconvolutional(writer):
    random = writer.random
    c, h, w = writer.image
    size, stride, filters = random.randint(1, 5), random.randint(1, 3), random.randint(1, 5)
    padding = random.choice((0, size // 2))
    out_h, out_w = ((extent - 1) * stride + size - 2 * padding for extent in (h, w))
    if min(out_h, out_w) < 1 or out_h * out_w * filters > 4000:
        return
    options = {"filters": filters, "size": size, "stride": stride}
    if padding:
        options |= {"pad": 1} if writer.chance(.5) else {"padding": padding}
    batch_normalize, arrays = normalized(writer, filters)
    options |= batch_normalize | writer.activation()
    weights = [("weights", c * filters * size * size, c)]
    arrays = [("biases", filters)] + arrays + weights
    writer.put("deconvolutional", options, filters * out_h * out_w, (filters, out_h, out_w), arrays)


def product(inputs, outputs, arrays):
    """The arrays of a fully connected layer, whose statistics stand behind its weights."""
    return [("biases", outputs), ("weights", inputs * outputs, inputs)] + arrays


def connected(writer):
    outputs = writer.random.randint(1, 16)
    batch_normalize, arrays = normalized(writer, outputs)
    writer.put(
        "connected", {"output": outputs} | batch_normalize | writer.activation(), outputs, (outputs, 1, 1),
        product(writer.outputs, outputs, arrays))


def recurrent(writer, type, options, shapes):
    """A recurrent layer of vectors; `shapes` has the inputs of its products in the file's order."""
    outputs = writer.random.randint(1, 9)
    batch_normalize, arrays = normalized(writer, outputs)
    inputs = {"x": writer.outputs, "h": outputs}
    every = [array for letter in shapes for array in product(inputs[letter], outputs, arrays)]
    writer.put(type, {"output": outputs} | batch_normalize | options, outputs, None, every)


def rnn(writer):
    recurrent(writer, "rnn", writer.activation() | ({"shortcut": 1} if writer.chance(.3) else {}), "xhh")


def gru(writer):
    recurrent(writer, "gru", {"tanh": 1} if writer.chance(.4) else {}, "hhhxxx")


def lstm(writer):
    recurrent(writer, "lstm", {}, "hhhhxxxx")


def crnn(writer):
    # darknet swaps height and width here.
    c, w, h = writer.image
    hidden, outputs = writer.random.randint(1, 4), writer.random.randint(1, 4)
    options = {"output_filters": outputs, "hidden_filters": hidden} | writer.activation()
    if writer.chance(.3):
        options["shortcut"] = 1
    normalizes = writer.chance(.4)
    if normalizes:
        options["batch_normalize"] = 1
    arrays = []
    for inputs, filters in ((c, hidden), (hidden, hidden), (hidden, outputs)):
        arrays.append(("biases", filters))
        if normalizes:
            arrays += [("scales", filters), ("mean", filters), ("variance", filters)]
        arrays.append(("weights", inputs * filters * 9, inputs * 9))
    writer.put("crnn", options, outputs * h * w, (outputs, h, w), arrays)


def local(writer):
    random = writer.random
    c, h, w = writer.image
    # With a pad, darknet's two formulas for the extents agree at size 3 only.
    size, pad = random.choice(((1, 0), (2, 0), (3, 0), (3, 1)))
    stride, filters = random.randint(1, 2), random.randint(1, 3)
    if min(h, w) < size:
        return
    out_h, out_w = (((extent - 1) if pad else (extent - size)) // stride + 1 for extent in (h, w))
    places, fan_in = out_h * out_w, c * size * size
    options = {"filters": filters, "size": size, "stride": stride, "pad": pad} | writer.activation()
    arrays = [("biases", filters * places), ("weights", fan_in * filters * places, fan_in)]
    writer.put("local", options, filters * places, (filters, out_h, out_w), arrays)


def batchnorm(writer):
    c = writer.image[0]
    writer.put("batchnorm", {}, writer.outputs, writer.image, [("scales", c), ("mean", c), ("variance", c)])
