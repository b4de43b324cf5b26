"""Debian's libdarknet.so (pjreddie's) with a network of real size, through the structures that the interop tests read.

    forward_darknet.py CFG WEIGHTS X.npy Y.npy STEPS     times training steps; prints {"steps_ms": […]}
"""

import ctypes
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Interop"))
from random_darknet.library import Library


class Net:
    def __init__(self, cfg, weights):
        self.library = Library()
        self.pointer = self.library.so.parse_network_cfg(str(cfg).encode())
        self.network = self.pointer.contents
        self.layers = ctypes.cast(self.network.layers, ctypes.POINTER(self.library.layer))
        self.library.so.load_weights(self.pointer, str(weights).encode())

    def give(self, x):
        self.x = np.ascontiguousarray(x, np.float32)
        assert self.x.size == self.network.inputs * self.network.batch

    def predict(self):
        self.library.so.network_predict(self.pointer, _floats(self.x))

    def output(self, index):
        layer, batch = self.layers[index], self.network.batch
        values = np.ctypeslib.as_array(layer.output, (layer.outputs * batch,))
        return values.reshape(batch, layer.out_c, layer.out_h, layer.out_w)

    def train(self, y):
        """A step as `train_network` does it with the samples given: forward, backward, update."""
        self.network.input, self.network.truth = _floats(self.x), _floats(y)
        self.library.so.train_network_datum.restype = ctypes.c_float
        return self.library.so.train_network_datum(self.pointer)


def _floats(array):
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_float))


def main():
    cfg, weights, x, y, steps = sys.argv[1:]
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    net = Net(cfg, weights)
    net.give(np.load(x))
    truth, times = np.ascontiguousarray(np.load(y), np.float32), []
    assert truth.size == net.network.truths * net.network.batch, (truth.size, net.network.truths, net.network.batch)
    losses = []
    for _ in range(int(steps)):
        start = time.perf_counter()
        losses.append(net.train(truth))
        times.append((time.perf_counter() - start) * 1000)
    print(json.dumps({"steps_ms": times, "losses": losses}), file=answer, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
