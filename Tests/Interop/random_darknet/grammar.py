"""Random networks in pjreddie's dialect: a cfg, the arrays of its weights file, and what has to be known of a layer.

Only networks whose outcome does not hang on memory that darknet reads beyond its arrays, see the comments below.
"""

import random
from dataclasses import dataclass, field

ACTIVATIONS = "logistic relu relie linear ramp tanh plse leaky elu loggy stair hardtan lhtan selu".split()
# Of names that he does not know pjreddie's darknet makes a ReLU.
FOREIGN_ACTIVATIONS = "nonesuch swish mish relu6 gelu hard_mish revleaky normalize_channels".split()
# What only AlexeyAB's knows.
FOREIGN_OPTIONS = {
    "convolutional": [("stride_x", 2), ("dilation", 2), ("antialiasing", 1), ("share_index", 0), ("cbn", 1)],
    "maxpool": [("stride_y", 3), ("maxpool_depth", 1), ("out_channels", 1)],
    "route": [("groups", 2), ("group_id", 1)],
    "shortcut": [("weights_type", "per_channel"), ("weights_normalization", "relu")],
    "yolo": [("scale_x_y", 1.2), ("new_coords", 1)],
    "rnn": [("hidden", 3), ("logistic", 1)],
    "crnn": [("size", 1), ("output", 2), ("hidden", 2), ("groups", 2)],
    "batchnorm": [("nobody", 3)],
}
# [iseg] is one of them, but darknet dies of it: its forward pass looks for truths that inference does not have.
HEADS = ("yolo", "region", "detection")
ALIASES = {
    "convolutional": "conv", "deconvolutional": "deconv", "connected": "conn", "maxpool": "max", "avgpool": "avg",
    "softmax": "soft", "normalization": "lrn",
}


@dataclass
class Layer:
    """A section with what it puts out. `image` is (c, h, w), or `None` where darknet keeps no extents."""

    type: str
    options: dict
    outputs: int
    image: tuple | None
    arrays: list = field(default_factory=list)  # (kind, count, fan-in)
    bug: str | None = None  # why darknet's numbers from here on are not the reference


@dataclass
class Network:
    net: dict
    layers: list
    odd_text: random.Random  # draws the forms of the text
    files: dict = field(default_factory=dict)  # that the cfg names

    @property
    def batch(self):
        """Samples of a forward pass."""
        return self.net["batch"] // self.net.get("subdivisions", 1) * self.net.get("time_steps", 1)

    @property
    def sample_shape(self):
        return (self.net["channels"], self.net["height"], self.net["width"]) if "channels" in self.net else (
            self.net["inputs"],)

    def cfg(self):
        """The text, in this or that of the forms that darknet reads alike."""
        odd = self.odd_text
        lines = ["[net]"] + [f"{key}={value}" for key, value in self.net.items()]
        for layer in self.layers:
            lines += ["", odd.choice((f"[{layer.type}]", f"[ {layer.type} ]"))]
            for key, value in layer.options.items():
                lines.append(odd.choice((f"{key}={value}", f"{key} = {value}", f"\t{key}={value} ")))
            if layer.options and odd.random() < .1:
                # Of two the first counts.
                lines.append(f"{odd.choice(list(layer.options))}=7")
            if odd.random() < .1:
                lines.append(odd.choice(("# remark", "; remark", "", "no value", "nothing=")))
        # Not CR LF: pjreddie's darknet does not know it as the end of a line.
        return "\n".join(lines) + "\n"


def network(seed):
    """The network of this seed."""
    return _Writer(random.Random(seed)).network()


class _Writer:
    def __init__(self, random):
        self.random = random
        self.layers = []
        self.files = {}

    def network(self):
        chance, choice, integer = self.chance, self.random.choice, self.random.randint
        net = {"batch": choice((1, 1, 1, 2, 3))}
        if chance(.2):
            net["subdivisions"] = choice([n for n in (1, 2, 3) if net["batch"] % n == 0])
        self.steps = choice((2, 3, 4)) if chance(.25) else 1
        if self.steps > 1:
            net["time_steps"] = self.steps
        if chance(.8):
            size = integer(4, 13)
            image = (integer(1, 6), size, size if chance(.4) else integer(4, 13))
            net |= {"channels": image[0], "height": image[1], "width": image[2]}
            self.image, self.outputs = image, image[0] * image[1] * image[2]
        else:
            self.image, self.outputs = None, integer(1, 24)
            net["inputs"] = self.outputs
        wanted = integer(1, 12)
        while len(self.layers) < wanted:
            self.add()
        if chance(.15):
            self.put("cost", {"type": choice(("sse", "smooth", "L1", "masked"))}, self.outputs, None)
        return Network(net, self.layers, self.random, self.files)

    def chance(self, probability):
        return self.random.random() < probability

    def activation(self, usual="logistic"):
        """The option, or nothing: then darknet's default for the layer is meant."""
        if self.chance(.05):
            return {}
        # Steps are rare: what rounding moves over one differs by 1.
        names = [name for name in ACTIVATIONS if name != "stair" or self.chance(.15)]
        return {"activation": self.random.choice(FOREIGN_ACTIVATIONS if self.chance(.05) else names)}

    def put(self, type, options, outputs, image, arrays=(), bug=None):
        if type in ALIASES and self.chance(.15):
            type = ALIASES[type]
        options = list(options.items())
        if self.chance(.3):
            self.random.shuffle(options)
        if self.chance(.05):
            options.append(self.random.choice(FOREIGN_OPTIONS.get(type, [("nobody", 3)])))
        self.layers.append(Layer(type, dict(options), outputs, image, list(arrays), bug))
        self.outputs, self.image = outputs, image

    def add(self):
        kinds = ["connected"] * 2 + ["activation", "logistic", "softmax", "rnn", "gru", "lstm", "detection"]
        if self.layers:
            kinds += ["dropout", "route", "route"]
            # nnfmt refuses what takes a head's boxes.
            if self.layers[-1].type in HEADS and self.chance(.95):
                kinds = ["route"]
        if self.image and kinds != ["route"]:
            kinds += ["convolutional"] * 12 + ["maxpool"] * 4 + ["shortcut"] * 4 + (
                "avgpool upsample reorg crop batchnorm normalization l2norm crnn local yolo region deconvolutional"
            ).split()
            # An image is soon over with these.
            if len(self.layers) < 4:
                ends = ("rnn", "gru", "lstm", "detection", "connected")
                kinds = [kind for kind in kinds if kind not in ends] + ["connected"]
        from . import heads, plain, weighted
        kind = self.random.choice(kinds)
        next(getattr(module, kind) for module in (plain, weighted, heads) if hasattr(module, kind))(self)
