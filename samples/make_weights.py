#!/usr/bin/env python3
"""Writes sample.weights for sample.cfg: random numbers from a fixed seed, the same file every time.

    python3 samples/make_weights.py [OUTPUT]

Needs the standard library alone. nnfmt never calls it; sample.weights is committed.
"""

import math
import random
import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Images seen in training, as the header says.
SEEN = 640_000

# The convolutions of sample.cfg in order: (input channels / groups, filters, size, batch norm).
CONVOLUTIONS = [
    (3, 16, 3, True),
    (1, 16, 3, True),
    (16, 32, 1, True),
    (8, 16, 3, True),
    (16, 16, 3, True),
    (48, 48, 3, True),
    (48, 12, 1, False),
    (12, 48, 1, False),
    (48, 64, 3, True),
    (192, 48, 1, True),
    (48, 18, 1, False),
    (48, 24, 1, True),
    (72, 32, 3, True),
    (32, 18, 1, False),
]


def convolution(draw, channels, filters, size, normalised):
    """The arrays of one layer in file order, with the spread that training would leave them."""
    values = [draw.gauss(0, 0.2) for _ in range(filters)]  # biases
    if normalised:
        values += [draw.uniform(0.6, 1.4) for _ in range(filters)]  # scales
        values += [draw.gauss(0, 0.3) for _ in range(filters)]  # rolling mean
        values += [math.exp(draw.uniform(-1.5, 1)) for _ in range(filters)]  # rolling variance
    count = channels * filters * size * size
    spread = math.sqrt(2 / (channels * size * size))
    values += [draw.gauss(0, spread) for _ in range(count)]  # weights
    return values


def main():
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sample.weights"
    draw = random.Random(20250101)
    with open(output, "wb") as file:
        file.write(struct.pack("<iiiQ", 0, 2, 5, SEEN))
        for shape in CONVOLUTIONS:
            values = convolution(draw, *shape)
            file.write(struct.pack(f"<{len(values)}f", *values))


if __name__ == "__main__":
    main()
