"""How far an engine's outputs are from onnxruntime's.

    forward_compare.py REFERENCE.npz OUTPUTS.npz|FOLDER OF .npy

Prints {"error": E}: the largest difference of an output, divided by 1 + its largest value; null where shapes differ or
a value is no number.
"""

import json
import sys
from pathlib import Path

import numpy as np


def outputs(path):
    """In order; the shapes of those of one sample differ in axes of length 1, and sizes tell them apart."""
    if path.is_dir():
        return [np.load(file) for file in sorted(path.glob("*.npy"))]
    with np.load(path) as file:
        return [file[name] for name in file.files]


def error(reference, candidate):
    if len(reference) != len(candidate):
        return None
    worst = 0.0
    for wanted, found in zip(reference, candidate):
        if wanted.size != found.size or not (np.isfinite(wanted).all() and np.isfinite(found).all()):
            return None
        difference = np.abs(wanted - found.reshape(wanted.shape)).max() / (1 + np.abs(wanted).max())
        worst = max(worst, float(difference))
    return worst


if __name__ == "__main__":
    print(json.dumps({"error": error(*(outputs(Path(word)) for word in sys.argv[1:]))}))
