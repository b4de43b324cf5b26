"""What nnfmt is timed against: the converter a good engineer writes in 30 lines of numpy and h5py.

    peer.py to-h5 PLAN.json IN.weights OUT.h5
    peer.py to-weights PLAN.json IN.h5 OUT.weights

PLAN.json is what `nnfmt inspect CFG --json` prints. It converts the arrays and leaves the model's
configuration out, so it does less than nnfmt. Convolutions and batch norm only.
"""

import json
import sys

import h5py
import numpy as np


def to_h5(layers, source, target):
    values, position = np.fromfile(source, "<f4", offset=20), 0
    with h5py.File(target, "w") as file:
        for layer in layers:
            for parameter in layer["parameters"]:
                shape = parameter["shape"]
                array = values[position : position + int(np.prod(shape))].reshape(shape)
                position += array.size
                array = array.transpose(2, 3, 1, 0) if array.ndim == 4 else array
                file.create_dataset(f"{layer['name']}/{parameter['name']}", data=array)


def to_weights(layers, source, target):
    with h5py.File(source) as file, open(target, "wb") as out:
        np.array([0, 2, 5, 0, 0], "<i4").tofile(out)
        for layer in layers:
            for parameter in layer["parameters"]:
                array = file[f"{layer['name']}/{parameter['name']}"][()]
                (array.transpose(3, 2, 0, 1) if array.ndim == 4 else array).tofile(out)


if __name__ == "__main__":
    direction, plan, source, target = sys.argv[1:]
    with open(plan) as file:
        layers = json.load(file)["layers"]
    {"to-h5": to_h5, "to-weights": to_weights}[direction](layers, source, target)
