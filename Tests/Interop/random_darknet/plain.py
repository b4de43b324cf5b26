"""Random sections without numbers. What does not fit behind the layers so far puts nothing."""

from .grammar import HEADS


def maxpool(writer):
    random = writer.random
    c, h, w = writer.image
    options, size, stride = {}, random.randint(1, 5), random.randint(1, 3)
    if writer.chance(.2):
        size = stride
    else:
        options["size"] = size
    options["stride"] = stride
    padding = size - 1
    if writer.chance(.3):
        padding = options["padding"] = random.randint(0, size)
    out_h, out_w = ((extent + padding - size) // stride + 1 for extent in (h, w))
    if min(h, w) + padding < size:
        return
    # A window that holds nothing would put out −FLT_MAX.
    last = [-(padding // 2) + (out - 1) * stride < extent for out, extent in ((out_h, h), (out_w, w))]
    if padding // 2 >= size or not all(last):
        return
    writer.put("maxpool", options, c * out_h * out_w, (c, out_h, out_w))


def avgpool(writer):
    c = writer.image[0]
    writer.put("avgpool", {}, c, (c, 1, 1))


def same(writer, type, options, bug=None):
    writer.put(type, options, writer.outputs, writer.image, bug=bug)


def activation(writer):
    same(writer, "activation", writer.activation())


def logistic(writer):
    same(writer, "logistic", {})


def l2norm(writer):
    same(writer, "l2norm", {})


def dropout(writer):
    same(writer, "dropout", {"probability": writer.random.choice((.1, .5))} if writer.chance(.8) else {})


def normalization(writer):
    # The first window is summed without asking whether there are so many channels.
    size = writer.random.randint(1, 2 * writer.image[0] + 1)
    options = {"size": size}
    for key, values in (("alpha", (1e-4, .01, .3)), ("beta", (.5, .75, 1.2)), ("kappa", (1, 1.5, 2))):
        if writer.chance(.6):
            options[key] = writer.random.choice(values)
    same(writer, "normalization", options)


def softmax(writer):
    groups = writer.random.choice([n for n in range(1, writer.outputs + 1) if writer.outputs % n == 0])
    options = {}
    if writer.chance(.4):
        options["groups"] = groups
    if writer.chance(.4):
        options["temperature"] = writer.random.choice((.5, 2, 1.7))
    if writer.chance(.2):
        options["noloss"] = 1
    if writer.chance(.2) and 2 <= writer.outputs <= 60:
        options["tree"] = tree(writer)
    bug = None
    if writer.image and writer.chance(.05):
        options["spatial"] = 1
        bug = "[softmax] spatial=1 is ignored"
    # darknet leaves the extents of its output at 0.
    writer.put("softmax", options, writer.outputs, None, bug=bug)


def tree(writer):
    """A file of as many classes as there are inputs, each under one of the classes before it."""
    parents = [-1]
    while len(parents) < writer.outputs:
        # Siblings stand one after another.
        fresh = parents[-1] if writer.chance(.6) else writer.random.randint(max(parents[-1], 0), len(parents) - 1)
        parents.append(fresh)
    name = f"{len(writer.layers)}.tree"
    writer.files[name] = "".join(f"n{i} {parent}\n" for i, parent in enumerate(parents))
    return name


def crop(writer):
    c, h, w = writer.image
    height, width = writer.random.randint(1, h), writer.random.randint(1, w)
    options = {"crop_height": height, "crop_width": width}
    if writer.chance(.4):
        options["noadjust"] = 1
    if writer.chance(.4):
        options["flip"] = 1
    writer.put("crop", options, c * height * width, (c, height, width))


def upsample(writer):
    c, h, w = writer.image
    stride = writer.random.choice((1, 2, 2, 3, -2, -3))
    out_h, out_w = (extent * stride if stride > 0 else extent // -stride for extent in (h, w))
    # Where the extents of a smaller image don't divide, darknet writes beyond its output.
    if stride < 0 and (h % -stride or w % -stride) or c * out_h * out_w > 4000:
        return
    options = {"stride": stride}
    if stride == 2 and writer.chance(.3):
        options = {}
    if writer.chance(.3):
        options["scale"] = writer.random.choice((.5, 2, -1))
    writer.put("upsample", options, c * out_h * out_w, (c, out_h, out_w))


def reorg(writer):
    c, h, w = writer.image
    stride = writer.random.choice((1, 2, 2, 3))
    square = stride * stride
    reverse = writer.chance(.4)
    # Everything else makes darknet read or write beyond its arrays, or divide by 0.
    if c % square or not reverse and (h % stride or w % stride):
        return
    options = {"stride": stride}
    if reverse:
        options["reverse"] = 1
    image = (c // square, h * stride, w * stride) if reverse else (c * square, h // stride, w // stride)
    kind = writer.random.random()
    if kind < .15:
        options["flatten"] = 1
    elif kind < .3:
        extra = options["extra"] = writer.random.randint(1, 9)
        writer.put("reorg", options, writer.outputs + extra, None)
        return
    writer.put("reorg", options, writer.outputs, image)


def reference(writer, index):
    """An index as a cfg has it: from the start, or backwards."""
    return index if writer.chance(.5) else index - len(writer.layers)


def route(writer):
    random, layers = writer.random, writer.layers
    first = random.randrange(len(layers))
    extents = [(layer.image or (0, 0, 0))[1:] for layer in layers]
    alike = [i for i in range(len(layers)) if extents[i] == extents[first]]
    more = random.choice((0, 0, 1, 1, 2))
    chosen = [first] + [random.choice(alike if writer.chance(.9) else range(len(layers))) for _ in range(more)]
    outputs = sum(layers[i].outputs for i in chosen)
    if outputs > 6000 or any(layers[i].type in HEADS for i in chosen) and writer.chance(.95):
        return
    images = [layers[i].image for i in chosen]
    image = None
    if all(images) and len({extents[1:] for extents in images}) == 1:
        image = (sum(extents[0] for extents in images), *images[0][1:])
    writer.put("route", {"layers": ",".join(str(reference(writer, i)) for i in chosen)}, outputs, image)


def shortcut(writer):
    c, h, w = writer.image

    def fits(layer):
        if not layer.image or layer.type in HEADS:
            return False
        _, height, width = layer.image
        return width // w == height // h and w // width == h // height

    sources = [i for i, layer in enumerate(writer.layers) if fits(layer)]
    if not sources:
        return
    options = {"from": reference(writer, writer.random.choice(sources))}
    if writer.chance(.5):
        options |= writer.activation()
    for key in ("alpha", "beta"):
        if writer.chance(.2):
            options[key] = writer.random.choice((.5, 2, -1))
    writer.put("shortcut", options, writer.outputs, writer.image)
