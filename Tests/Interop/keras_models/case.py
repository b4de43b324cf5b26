"""A small Keras model with what it is fed, and the way in which the modules of this package list theirs."""

from dataclasses import dataclass, field
from typing import Callable

import numpy as np

KERAS_2, KERAS_3 = "tf_keras", "keras"
BOTH = (KERAS_2, KERAS_3)

# The containers, by the names that test ids show. A weights-only file comes with its architecture:
# `weights` with the JSON of model.to_json(), the others with a full file as named.
USUAL = ("h5", "keras")
EVERY = USUAL + ("weights", "weights-cfg-h5", "weights-cfg-keras", "legacy", "legacy-cfg-h5", "legacy-cfg-keras")

# What an output may be off, scaled by one more than the largest value it should have.
#
# FLOAT32: both sides round float32 sums of at most some hundred terms, each rounding being 2⁻²⁴ of the
# partial sum; they add up like a random walk to some 1e-7 · √terms · layers.
FLOAT32 = 2e-6
# RECURRENT: the rounding of a state is fed back once for every step, of which there are five to seven,
# and a gate multiplies it by its slope.
RECURRENT = 6e-6
# NORMALIZED: a variance over few values is small where they are alike, and enlarges their rounding.
NORMALIZED = 6e-6
# HALF, BFLOAT: Keras rounds what every layer gives to 11 or 8 bits, 2⁻¹¹ or 2⁻⁸ of it; three layers and
# their sums make that 2⁻⁸ and 2⁻⁵. Wrong semantics are off by far more.
HALF = 2.0**-8
BFLOAT = 2.0**-5
# QUANTIZED: the integers are exact, the scales are float32 (or reach it through float16).
QUANTIZED = 1e-5

BATCH = 2


@dataclass(frozen=True, eq=False)
class Case:
    family: str
    name: str
    framework: str
    build: Callable
    feed: Callable | None = None
    finish: Callable | None = None
    containers: tuple = USUAL
    tolerance: float = FLOAT32
    # The containers that Keras itself can't write or read back, and why.
    impossible: dict = field(default_factory=dict)
    # What the model answers, where TensorFlow can't compute it on a CPU: twin(k, model) gives a model that can.
    twin: Callable | None = None
    # Whether the value of every layer is written too.
    layers: bool = False
    # The class for which nnfmt refuses the model.
    refused: str | None = None

    @property
    def id(self):
        return f"{self.family}-{self.name}-{self.framework}"


class Family:
    """The cases of one module."""

    def __init__(self, module_name, tolerance=FLOAT32, sequential=False, keras_3_impossible=None):
        self.name = module_name.rpartition(".")[2]
        self.tolerance = tolerance
        self.sequential = sequential
        self.keras_3_impossible = keras_3_impossible or {}
        self.cases = []

    def add(self, name, build, on=BOTH, **about):
        """A model `build(k)` makes out of the framework's module k; `on` says of which frameworks.

        feed(random): the inputs; by default normal numbers of the shape of each input of the model
        finish(model, k): what is done after the weights have got their random numbers
        impossible: {framework: {container: reason}}
        """
        for framework in (on,) if isinstance(on, str) else on:
            impossible = about.get("impossible", {}).get(framework, {})
            if framework == KERAS_3:
                impossible = self.keras_3_impossible | impossible
            case = Case(self.name, name, framework, build,
                        **{"tolerance": self.tolerance} | about | {"impossible": impossible})
            assert case.id not in {other.id for other in self.cases}, case.id
            if framework == KERAS_3 and len(case.containers) > len(USUAL):
                # Only Keras 2 writes weights alone in the legacy layout.
                kept = tuple(container for container in case.containers if not container.startswith("legacy"))
                case = Case(**{**vars(case), "containers": kept})
            self.cases.append(case)

    def layer(self, name, shape, class_name, *arguments, on=BOTH, about=None, **options):
        """A model of one layer with an input of `shape`."""
        def build(k):
            layer = getattr(k.layers, class_name)(*arguments, **options)
            return (stack if self.sequential else chain)(k, shape, layer)
        self.add(name, build, on, **about or {})


def chain(k, shape, *layers, dtype=None):
    """A functional model of one input and a row of layers."""
    value = start = k.Input(shape, dtype=dtype)
    for layer in layers:
        value = layer(value)
    return k.Model(start, value)


def stack(k, shape, *layers, dtype=None):
    """The same as a Sequential."""
    return k.Sequential([k.Input(shape, dtype=dtype), *layers])


def integers(high, *shape):
    """A feed of whole numbers from 0 up to `high`, which is left out."""
    return lambda random: [random.integers(0, high, (BATCH, *shape)).astype(np.int32)]


def numbers(*shapes, low=None, high=None):
    """A feed of normal numbers, or of numbers evenly from `low` to `high`, without Keras's say."""
    def feed(random):
        if low is None:
            return [random.normal(0.1, 1, (BATCH, *shape)).astype(np.float32) for shape in shapes]
        return [random.uniform(low, high, (BATCH, *shape)).astype(np.float32) for shape in shapes]
    return feed
