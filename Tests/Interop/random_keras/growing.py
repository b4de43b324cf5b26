"""Grows a model's description, step by step, while Keras builds it."""

import inspect
from dataclasses import dataclass, replace

from . import calls, functions, layers
from .description import OPEN, Builder, Input, Layer, Model, Ref, Step, finished, function, mapped, refs
from .draw import Draw

# A value with more numbers than this (of one sample) is not worked on.
LARGEST = 1500
DEEPEST = 3


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
        fitting = [v for v in self.values if v.is_float and v.numbers <= LARGEST and fits(v)]
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


def nested(grower):
    """A model as a layer, called once or twice."""
    first = grower.value()
    if first is None or grower.depth >= DEEPEST:
        return
    given = [first]
    if grower.draw.chance(0.35):
        given.append(grower.value())
    inner = Grower(grower.k, grower.draw, grower.traits, grower.depth + 1)
    for value in given:
        inner.input(value.shape)
    if len(given) == 1 and grower.draw.chance(0.4):
        model = row(inner, grower.draw.integer(1, 4), grower.draw.one(("sequential", "sequential", "later")))
    else:
        inner.grow(grower.draw.integer(1, 4))
        model = inner.described(inner.outputs(2))
        if not inner.steps:
            return
    grower.refused += inner.refused
    if model is None:
        return
    about = Layer("Model", {"model": model})
    more = {"training": grower.draw.chance(0.5)} if grower.draw.chance(grower.traits.called) else {}
    given = given[:len(model.inputs)]
    grower.layer(about, given[0] if len(given) == 1 else given, **more)


def distributed_model(grower):
    """A small model for each step of time."""
    value = grower.value(lambda v: v.rank > 1 and None not in v.shape)
    if value is None or grower.depth >= DEEPEST:
        return
    inner = Grower(grower.k, grower.draw, grower.traits, grower.depth + 1)
    inner.input(value.shape[1:])
    model = row(inner, grower.draw.integer(1, 3), "sequential")
    if model is not None:
        grower.layer(Layer("TimeDistributed", {"layer": Layer("Model", {"model": model})}), value)


def numbered(grower):
    """Whole numbers: rows of a table, or categories."""
    values = [v for v in grower.values if v.dtype.startswith("int") and v.rank in (1, 2) and v.numbers < 40 and v.ref.part is None]
    bins = [v for v in values if any(
        step.id == v.ref.step and isinstance(step.target, int) and grower.layers[step.target].class_name == "Discretization"
        for step in grower.steps)]
    if not bins:
        return
    value, rows = grower.draw.one(bins), grower.draw.integer(6, 9)
    about = Layer("Embedding", {"input_dim": rows, "output_dim": grower.draw.integer(1, 4)})
    if value.rank == 1 and grower.draw.chance(0.4):
        about = Layer("CategoryEncoding", {"num_tokens": rows, "output_mode": grower.draw.one(("multi_hot", "count"))})
    grower.layer(about, value)


def again(grower):
    """A layer that is there, called once more: on values of the shapes that it was called with, or on any other that
    Keras takes."""
    made = [step for step in grower.steps if isinstance(step.target, int)]
    if not made:
        return
    step = grower.draw.one(made)
    takes = {value.ref: value for value in grower.values}

    def other(x):
        if not isinstance(x, Ref) or x not in takes:
            return x
        fitting = grower.like(takes[x])
        if grower.draw.chance(0.2):
            fitting = [v for v in grower.values if v.shape[-1:] == takes[x].shape[-1:] and v.dtype == takes[x].dtype]
        return grower.draw.one(fitting).ref
    arguments, named = mapped((step.arguments, step.named), other)
    grower.step(step.target, *arguments, **named)


def row(inner, count, form):
    """A Sequential of layers that take one value, out of a grower with one input."""
    value = inner.values[-1]
    for _ in range(4 * count):
        if len(inner.steps) >= count:
            break
        if value.numbers > LARGEST or not value.is_float and inner.steps:
            break
        about = layers.layer_for(inner, value)
        if about is None:
            continue
        try:
            found = inner.layer(about, value)
        except Exception as error:  # noqa: BLE001
            inner.refused.append((about.class_name, f"{type(error).__name__}: {error}"[:300]))
            continue
        if isinstance(found, list):
            gone = inner.steps.pop()
            inner.layers.pop(gone.target)
            inner.values = [v for v in inner.values if v.ref.step != gone.id]
            continue
        value = found
    if not inner.steps:
        return None
    return inner.described((value.ref,), form=form)


def new_input(grower):
    """One more input, mostly of the shape of one that is there."""
    if grower.depth or len(grower.inputs) > 3:
        return
    layers.input_for(grower, grower.draw.one(("vector", "sequence", "image", "tokens")))


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
        self.dtype = draw.one(("float16", "mixed_float16", "bfloat16", "mixed_bfloat16", "float64")) if draw.chance(0.03) else None

    def actions(self, grower):
        if self.kind == "darknet":
            return [(70, layers.darknet_layer), (14, layers.darknet_join), (6, nested), (4, again), (3, functions.operators)]
        return [
            (46, layers.one), (12, layers.merge), (14, functions.operators), (12, functions.functions), (5, functions.slices),
            (6, calls.attention), (6, calls.recurrent), (5, calls.masked), (6, nested), (1, distributed_model), (6, again),
            (3, new_input), (2, numbered)]


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
        made = row(grower, count, form)
        if made is not None:
            return made, None, grower.refused
    grower.grow(count)
    about = grower.described(grower.outputs()).pruned()
    if len(about.inputs) > 1 and draw.chance(0.1) and all(i.name for i in about.inputs):
        about = replace(about, named_inputs=True)
    if len(about.outputs) > 1 and draw.chance(0.1):
        about = replace(about, named_outputs=True)
    return about, lambda: finished(k, about, grower.builder), grower.refused
