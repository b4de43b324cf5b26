"""The numbers of a random network, such that values stay near 1 however deep it is, and its files."""

import struct

import numpy as np


def numbers(kind, count, fan_in, draw):
    if kind == "weights":
        return draw.normal(0, 1 / np.sqrt(max(fan_in, 1)), count)
    if kind == "scales":
        return draw.uniform(.3, 1.5, count) * draw.choice((1, 1, 1, -1), count)
    if kind == "variance":
        return draw.uniform(.1, 2, count)
    return draw.normal(0, .3, count)


def write(network, folder, seed):
    """net.cfg, net.weights and x.npy; what the cfg names lies beside them. Returns the three paths."""
    draw = np.random.default_rng(seed)
    arrays = [
        numbers(kind, count, fan_in[0] if fan_in else 0, draw)
        for layer in network.layers for kind, count, *fan_in in layer.arrays
    ]
    cfg, weights, x = folder / "net.cfg", folder / "net.weights", folder / "x.npy"
    cfg.write_text(network.cfg())
    # pjreddie's own header, so that what he saves of it has the same bytes.
    header = struct.pack("<iiiQ", 0, 2, 0, int(draw.integers(0, 1 << 34)))
    weights.write_bytes(header + (np.concatenate(arrays) if arrays else np.zeros(0)).astype("<f4").tobytes())
    for name, text in network.files.items():
        (folder / name).write_text(text)
    np.save(x, draw.normal(0, 1, (network.batch, *network.sample_shape)).astype(np.float32))
    return cfg, weights, x
