"""Darknet's forward pass, written a second time in numpy (float64) as the oracle of the interop tests.

It shares no code with nnfmt and reads the cfg and the weights by itself. It covers the layers that
`nnfmt convert` promises for Keras; anything else raises `NotModelled`.

    result = forward(open("m.cfg").read(), FileSource("m.weights"), x)      # x: (N, C, H, W) or (N, K)
"""

from .network import NotModelled, Result, forward, input_shape
from .sections import parse
from .sources import FileSource, RandomSource

__all__ = [
    "FileSource", "NotModelled", "RandomSource", "Result", "forward", "input_shape", "parse",
]
