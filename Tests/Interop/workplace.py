"""A small network on disk, and an empty folder to convert into: what the tests of the command's manners need."""

import numpy as np

import darknet_numpy
from networks import conv, section

CFG = "\n".join((
    section("net", width=12, height=10, channels=3),
    conv(6, 3, batch_normalize=1, activation="leaky"),
    conv(5, 3, activation="leaky"),
    conv(16, 1),
    section("yolo", classes=3, num=2, anchors="1,2, 3,4"),
))
# The header, then 6 · 4 + 6·3·9 floats of layer 0, then 5 + 5·6·9 of layer 1.
AFTER_LAYER_0 = 20 + 4 * (24 + 162)
AFTER_LAYER_1 = AFTER_LAYER_0 + 4 * (5 + 270)


class Workplace:
    def __init__(self, folder):
        self.inputs, self.out = folder / "in", folder / "out"
        self.inputs.mkdir()
        self.out.mkdir()
        self.cfg, self.weights = self.put("m", CFG)
        self.bytes = self.weights.read_bytes()

    def put(self, stem, cfg, made_for=None):
        """STEM.cfg, and STEM.weights with random numbers for it (or for another cfg)."""
        made_for = made_for or cfg
        source = darknet_numpy.RandomSource(1)
        darknet_numpy.forward(made_for, source, np.zeros((1, *darknet_numpy.input_shape(made_for))))
        return self.write(f"{stem}.cfg", cfg.encode()), self.write(f"{stem}.weights", source.file_bytes())

    def write(self, name, content):
        path = self.inputs / name
        path.write_bytes(content)
        return path

    @property
    def left(self):
        """Everything in the output folder, hidden files too."""
        return sorted(path.name for path in self.out.iterdir())
