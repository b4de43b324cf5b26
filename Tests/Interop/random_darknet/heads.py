"""Random detection heads, each with the layer that makes its channels."""

from .plain import same
from .weighted import convolution, product


def head(writer, channels, type, options):
    """A convolution of size 1 that makes the channels, then the head."""
    if convolution(writer, channels, 1, 1, 0):
        same(writer, type, options)


def yolo(writer):
    random = writer.random
    classes, total = random.randint(1, 4), random.randint(1, 4)
    options, count = {"classes": classes, "num": total}, total
    if writer.chance(.7):
        count = random.randint(1, total)
        options["mask"] = ",".join(map(str, random.sample(range(total), count)))
    if writer.chance(.8):
        options["anchors"] = ", ".join(f"{random.randint(1, 90)},{random.randint(1, 90)}" for _ in range(total))
    head(writer, count * (classes + 5), "yolo", options)


def region(writer):
    random = writer.random
    classes, count, coords = random.randint(1, 4), random.randint(1, 3), random.choice((2, 4, 4, 5, 6))
    options = {"classes": classes, "num": count, "coords": coords}
    for key, probability in (("softmax", .5), ("background", .3), ("rescore", .2), ("log", .1)):
        if writer.chance(probability):
            options[key] = 1
    if writer.chance(.6):
        options["anchors"] = ",".join(f"{random.random() * 4:.3f}" for _ in range(2 * count))
    head(writer, count * (classes + coords + 1), "region", options)


def detection(writer):
    random = writer.random
    classes, count, coords, side = random.randint(1, 3), random.randint(1, 2), random.choice((1, 4)), random.randint(1, 3)
    outputs = side * side * ((1 + coords) * count + classes)
    arrays = product(writer.outputs, outputs, [])
    writer.put("connected", {"output": outputs, "activation": "linear"}, outputs, (outputs, 1, 1), arrays)
    options = {"classes": classes, "num": count, "coords": coords, "side": side}
    if writer.chance(.5):
        options["softmax"] = 1
    if writer.chance(.3):
        options["sqrt"] = 1
    writer.put("detection", options, outputs, None)
