"""A darknet model as faults see it: the sections of its cfg and the arrays of its .weights."""

import copy
import os

import numpy as np

from arrays import darknet_array
from cfg_text import comments, sections, text


class DarknetModel:
    suffix = ".weights"
    # Seconds since 1970, if the file is to be dated.
    date = None

    def __init__(self, weights, cfg, summary, dialect):
        self.bytes, self.cfg_text, self.dialect = weights.read_bytes(), cfg.read_text(), dialect
        self.layers = summary["layers"]
        self.header_bytes = summary["header"]["bytes"]
        self.sections = sections(self.cfg_text)
        self._before = text(self.sections)
        # Of the text of the cfg, and of the whole file, after everything else.
        self.text_edits, self.file_edits = [], []
        self.arrays = []
        for layer in self.layers:
            siblings = {parameter["name"] for parameter in layer["parameters"]}
            for parameter in layer["parameters"]:
                shape = parameter["shape"]
                values = np.frombuffer(self.bytes, "<f4", int(np.prod(shape)), parameter["offset"]).reshape(shape).copy()
                self.arrays.append(darknet_array(layer, parameter, values, siblings))

    def copy(self):
        other = copy.copy(self)
        other.sections = copy.deepcopy(self.sections)
        other.text_edits, other.file_edits = [], []
        other.arrays = [array.copy() for array in self.arrays]
        return other

    @property
    def names(self):
        return [layer["name"] for layer in self.layers]

    def layer_type(self, index):
        return self.layers[index]["type"]

    def input_shape(self, index):
        return self.layers[index]["input_shape"]

    def options(self, index):
        """Those of layer `index`; -1: of [net]."""
        return self.sections[index + 1][1]

    def saved(self, folder):
        content = bytearray(self.bytes)
        for array in self.arrays:
            content[array.place:array.place + 4 * array.values.size] = array.values.astype("<f4").tobytes()
        for edit in self.file_edits:
            content = edit(content)
        cfg = self.cfg_text
        if text(self.sections) != self._before:
            cfg = comments(cfg) + text(self.sections)
        for edit in self.text_edits:
            cfg = edit(cfg)
        path = folder / "m.weights"
        path.write_bytes(content)
        path.with_suffix(".cfg").write_text(cfg, newline="")
        if self.date:
            os.utime(path, (self.date, self.date))
        return path

    def state(self):
        """Changes whenever something is changed."""
        return ([array.values.tobytes() for array in self.arrays], text(self.sections),
                len(self.text_edits), len(self.file_edits), self.cfg_text)
