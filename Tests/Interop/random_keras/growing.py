"""Grows a model's description, step by step, while Keras builds it."""

import inspect
from dataclasses import dataclass, replace

from . import calls, functions, layers, nesting
from .description import OPEN, Builder, Input, Layer, Model, Ref, Step, finished, function, mapped, refs
from .draw import Draw


@dataclass(frozen=True)
class Value:
    """A value that steps can take."""
    ref: Ref
    shape: tuple
    dtype: str

    @property
    def rank(self):
        return len(self.shape)

    @property
    def numbers(self):
        count = 1
        for extent in self.shape:
            count *= OPEN if extent is None else extent
        return count

    @property
    def is_float(self):
        return self.dtype.startswith(("float", "bfloat"))


class Grower:
    """A description that grows; `draw` chooses, Keras's builder says which steps there are and of what shape."""

    # A value with more numbers than this (of one sample) is not worked on.
    largest = 1500

    def __init__(self, k, draw, traits, depth=0):
        self.k, self.draw, self.traits, self.depth = k, draw, traits, depth
        self.second = k.__name__ == "tf_keras"
        self.builder = Builder(k)
        self.inputs, self.layers, self.steps, self.values = [], {}, [], []
        self.ids = 0
        # What Keras refused, to see whether the grammar goes wrong.
        self.refused = []

    def next_id(self):
        self.ids += 1
        return self.ids

    # Values

    def input(self, shape, dtype="float32", **about):
        name = about.pop("name", None)
        if name is None and self.depth == 0 and self.draw.chance(0.1):
            name = self.draw.one(("data", "x.1", "in-put", "0")) + f"_{self.ids}"
        made = Input(self.next_id(), tuple(shape), dtype, name=name, **about)
        self.builder.input(made)
        self.inputs.append(made)
        return self.add(made.id)[0]

    def add(self, step, kept=True):
        """Lists what a step gave, and returns it."""
        answer = self.builder.values[step]
        parts = list(enumerate(answer)) if isinstance(answer, (list, tuple)) else [(None, answer)]
        found = []
        for part, tensor in parts:
            dtype = getattr(tensor.dtype, "name", tensor.dtype)
            found.append(Value(Ref(step, part), tuple(tensor.shape[1:]), dtype))
            # The batch stays what it is.
            if tensor.shape[0] is not None:
                raise ValueError("the batch axis is lost")
        if kept:
            self.values += [value for value in found if value.numbers]
        return found

    def value(self, fits=lambda value: True):
        """A value to work on, mostly one of the last."""
        fitting = [v for v in self.values if v.is_float and v.numbers <= self.largest and fits(v)]
        if not fitting:
            return None
        return fitting[-1] if self.draw.chance(0.6) else self.draw.one(fitting[-6:])

    def like(self, value):
        """Values of the same shape and type, its own among them."""
        return [other for other in self.values if (other.shape, other.dtype) == (value.shape, value.dtype)]

    # Steps

    def step(self, target, *arguments, **named):
        """A call; values among the arguments may be given as such."""
        as_refs = lambda x: x.ref if isinstance(x, Value) else x  # noqa: E731
        made = Step(self.next_id(), target, *mapped((tuple(arguments), named), as_refs))
        self.builder.apply(made, self.layers)
        found = self.add(made.id)
        self.steps.append(made)
        return found[0] if len(found) == 1 and found[0].ref.part is None else found

    def layer(self, about, *arguments, **named):
        """A call of a new layer."""
        number = max(self.layers, default=-1) + 1
        if self.traits.named and about.class_name != "Model" and self.draw.chance(0.5):
            about = Layer(about.class_name, about.options | {"name": self.name(number)})
        if self.traits.dtype and about.class_name != "Model" and self.draw.chance(0.4):
            about = Layer(about.class_name, about.options | {"dtype": self.traits.dtype})
        self.layers[number] = about
        try:
            return self.step(number, *arguments, **named)
        except Exception:
            del self.layers[number]
            self.builder.layers.pop(number, None)
            raise

    def name(self, number):
        odd = ["a.b", "x-1", "kernel", "vars", "Dense", "LAYER", "layers", "cell", "dense_10", "0"] + ["a/b", "a"] * self.second
        return f"{self.draw.one(odd)}_{number}" if self.draw.chance(0.8) else f"{self.draw.one('abcdefgh')}{number}"

    def call(self, name, *arguments, **named):
        """A call of a function; now and then all arguments are passed by name."""
        if not name.startswith("operator.") and self.draw.chance(0.1):
            names = list(inspect.signature(function(self.k, name)).parameters)
            arguments, named = (), dict(zip(names, arguments)) | named
        return self.step(name, *arguments, **named)

    # Growth

    def grow(self, count):
        """Tries until `count` steps are there."""
        for _ in range(6 * count):
            if len(self.steps) >= count:
                break
            action = self.draw.weighted(self.traits.actions(self))
            try:
                action(self)
            except Exception as error:  # noqa: BLE001 - Keras raises whatever it likes
                self.refused.append((getattr(action, "__name__", "?"), f"{type(error).__name__}: {error}"[:300]))

    def outputs(self, most=3):
        """Values that no step took, the last among them."""
        taken = {ref for step in self.steps for ref in refs((step.arguments, step.named))}
        produced = [v for v in self.values if v.ref.step not in {i.id for i in self.inputs}]
        leaves = [v for v in produced if v.ref not in taken] or produced or self.values
        chosen = leaves[-1:] + self.draw.sample(leaves[:-1], min(len(leaves) - 1, self.draw.integer(0, most - 1)))
        if self.draw.chance(0.08):
            chosen.append(self.draw.one(produced or self.values))
        self.draw.random.shuffle(chosen)
        return tuple(v.ref for v in chosen)

    def described(self, outputs, **about):
        return Model(tuple(self.inputs), dict(self.layers), tuple(self.steps), outputs, **about)


class Traits:
    """What a model is made of: chosen once for each."""

    def __init__(self, draw):
        self.kind = draw.weighted((
            (12, "vector"), (24, "sequence"), (24, "image"), (6, "volume"), (10, "tokens"), (12, "mixed"), (14, "darknet")))
        self.form = draw.weighted(((70, "functional"), (20, "sequential"), (5, "later"), (5, "shaped")))
        self.named = draw.chance(0.15)
        # How likely a call has arguments, and functions that nnfmt is known to refuse or chance decides are in the model.
        self.called = 0.25 if draw.chance(0.3) else 0.03
        self.exotic = draw.chance(0.08)
        # A type of numbers that some of the layers compute with.
        self.dtype = draw.one(("float16", "mixed_float16", "bfloat16", "mixed_bfloat16", "float64")) if draw.chance(0.06) else None

    def actions(self, grower):
        if self.kind == "darknet":
            return [(70, layers.darknet_layer), (14, layers.darknet_join), (6, nesting.nested), (4, nesting.again), (3, functions.operators)]
        return [
            (46, layers.one), (12, layers.merge), (14, functions.operators), (12, functions.functions), (5, functions.slices),
            (6, calls.attention), (6, calls.recurrent), (5, calls.masked), (6, nesting.nested), (1, nesting.distributed_model), (6, nesting.again),
            (3, nesting.new_input), (2, nesting.numbered)]


def grown(k, seed, number):
    """The description of a model, its builder with Keras's values, and what Keras refused on the way."""
    draw = Draw(seed, number, k.__name__)
    traits = Traits(draw)
    grower = Grower(k, draw, traits)
    if traits.form != "functional" and traits.kind == "mixed":
        traits.kind = "image"
    for kind in ["sequence", "image"] if traits.kind == "mixed" else [traits.kind]:
        layers.input_for(grower, kind)
    count = draw.integer(1, 9)
    if traits.form != "functional":
        form = "later" if traits.form == "shaped" and k.__name__ != "tf_keras" else traits.form
        made = nesting.row(grower, count, form)
        if made is not None:
            return made, None, grower.refused
    grower.grow(count)
    about = grower.described(grower.outputs()).pruned()
    if len(about.inputs) > 1 and draw.chance(0.1) and all(i.name for i in about.inputs):
        about = replace(about, named_inputs=True)
    if len(about.outputs) > 1 and draw.chance(0.1):
        about = replace(about, named_outputs=True)
    return about, lambda: finished(k, about, grower.builder), grower.refused
