"""Models in models, layers called again, and further inputs."""

from . import calls, layers
from .description import Layer, Ref, mapped

DEEPEST = 3


def nested(grower):
    """A model as a layer, called once or twice."""
    first = grower.value()
    if first is None or grower.depth >= DEEPEST:
        return
    given = [first]
    if grower.draw.chance(0.35):
        given.append(grower.value())
    inner = type(grower)(grower.k, grower.draw, grower.traits, grower.depth + 1)
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
    if len(given) == 1 and first.rank == 2 and first.shape[0] and grower.draw.chance(0.1):
        more["mask"] = calls.truth(grower, first.shape[:1])
    grower.layer(about, given[0] if len(given) == 1 else given, **more)


def distributed_model(grower):
    """A small model for each step of time."""
    value = grower.value(lambda v: v.rank > 1 and None not in v.shape)
    if value is None or grower.depth >= DEEPEST:
        return
    inner = type(grower)(grower.k, grower.draw, grower.traits, grower.depth + 1)
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
        if value.numbers > inner.largest or not value.is_float and inner.steps:
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
