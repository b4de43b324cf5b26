"""Where the forward pass takes its parameters from, one array after the other, in file order."""

import struct

import numpy as np


class FileSource:
    """The arrays of a `.weights` file."""

    def __init__(self, path, header_bytes=None):
        with open(path, "rb") as file:
            self.bytes = file.read()
        major, minor = struct.unpack_from("<ii", self.bytes)
        self.transposed = major > 1000 or minor > 1000
        self.position = header_bytes or (20 if major * 10 + minor >= 2 else 16)

    def take(self, role, shape):
        count = int(np.prod(shape))
        array = np.frombuffer(self.bytes, "<f4", count, self.position)
        self.position += 4 * count
        return array.astype(np.float64).reshape(shape)

    def finish(self):
        assert self.position == len(self.bytes), f"{len(self.bytes) - self.position} bytes are left over"


class RandomSource:
    """Draws sensible values (spread that keeps signals near one, positive variances) and writes them down.

    `variances` is the range of the variances drawn, for tests of tiny ones.
    """

    transposed = False

    def __init__(self, seed, variances=(0.2, 2.0)):
        self.random = np.random.default_rng(seed)
        self.variances = variances
        self.arrays = []

    def take(self, role, shape):
        drawn = self._draw(role, shape).astype("<f4")
        self.arrays.append(drawn.tobytes())
        return drawn.astype(np.float64)

    def _draw(self, role, shape):
        if role == "scales":
            return self.random.uniform(0.5, 1.5, shape)
        if role == "rolling_variance":
            low, high = np.log(self.variances)
            return np.exp(self.random.uniform(low, high, shape))
        if role == "weights":
            fan_in = max(int(np.prod(shape[1:])), 1)
            return self.random.normal(0, 1.2 / np.sqrt(fan_in), shape)
        return self.random.normal(0, 0.3, shape)

    def finish(self):
        pass

    def file_bytes(self, seen=64_000):
        """The `.weights` file of everything drawn so far, header 0.2.5."""
        return struct.pack("<iiiQ", 0, 2, 5, seen) + b"".join(self.arrays)
