"""Cuts a model that fails down to a small one that still does."""

from dataclasses import replace

from .description import Builder, Input, Layer, Model, Ref, mapped, refs

# So many models are tried at most.
TRIES = 250


def smallest(k, judge, clear, about, number, verdict):
    """The smallest description found, and its verdict."""
    tries = 0
    found = True
    while found and tries < TRIES:
        found = False
        for candidate in candidates(k, clear, about):
            tries += 1
            clear()
            judged = judge(candidate, number)
            if judged.outcome == "fails" and same_kind(judged, verdict):
                about, verdict, found = candidate, judged, True
                break
            if tries >= TRIES:
                break
    return about, verdict


def same_kind(one, other):
    """Failures alike: the same command, and both off or both with the same exit status."""
    kinds = [{(what.split("-")[0], why.split(":")[0].split(" by ")[0].split(",")[0]) for what, why in verdict.failures.items()}
             for verdict in (one, other)]
    return bool(kinds[0] & kinds[1])


def candidates(k, clear, about):
    """Smaller descriptions, the smallest first."""
    for inner in nested_models(about):
        if inner.inputs:
            yield inner
    if about.form == "functional":
        if len(about.outputs) > 1:
            for ref in about.outputs:
                yield replace(about, outputs=(ref,), named_outputs=False).pruned()
        yield from earlier_outputs(about)
        yield from cuts(k, clear, about)
        yield from bypasses(about)
        yield from fewer_arguments(about)
        if about.named_inputs or about.named_outputs:
            yield replace(about, named_inputs=False, named_outputs=False)
    else:
        yield from shorter_rows(about)
    for key, layer in about.layers.items():
        for smaller in smaller_layers(k, clear, layer):
            yield replace(about, layers=about.layers | {key: smaller})
    for index, given in enumerate(about.inputs):
        if given.name:
            yield with_input(about, index, replace(given, name=None))
        if given.feed == "padded":
            yield with_input(about, index, replace(given, feed="normal"))


def with_input(about, index, given):
    return replace(about, inputs=(*about.inputs[:index], given, *about.inputs[index + 1:]))


def nested_models(about):
    for layer in about.layers.values():
        yield from models_in(layer)


def models_in(value):
    if isinstance(value, Model):
        yield value.pruned() if value.form == "functional" else value
    elif isinstance(value, Layer):
        for option in value.options.values():
            yield from models_in(option)


def earlier_outputs(about):
    """The end is taken off: an output becomes what its step took."""
    steps = {step.id: step for step in about.steps}
    for index, ref in enumerate(about.outputs):
        if ref.step not in steps:
            continue
        for before in dict.fromkeys(refs((steps[ref.step].arguments, steps[ref.step].named))):
            if before.step in steps and before not in about.outputs:
                yield replace(about, outputs=(*about.outputs[:index], before, *about.outputs[index + 1:])).pruned()


def cuts(k, clear, about):
    """The front is taken off: a value that a step gave becomes an input."""
    clear()
    builder = Builder(k)
    try:
        for given in about.inputs:
            builder.input(given)
        for step in about.steps:
            builder.apply(step, about.layers)
    except Exception:  # noqa: BLE001 - Keras raises whatever it likes
        return
    for step in reversed(about.steps):
        value = builder.values[step.id]
        if isinstance(value, (list, tuple)) or Ref(step.id) in about.outputs or None in value.shape[1:]:
            continue
        dtype = getattr(value.dtype, "name", value.dtype)
        given = Input(step.id, tuple(value.shape[1:]), dtype, "truth" if dtype == "bool" else "normal")
        yield replace(about, inputs=(*about.inputs, given), steps=tuple(s for s in about.steps if s.id != step.id)).pruned()


def bypasses(about):
    """A step is left out: what it took stands for what it gave."""
    for step in about.steps:
        for before in dict.fromkeys(refs((step.arguments, step.named))):
            swap = lambda x, gone=step.id, before=before: before if isinstance(x, Ref) and x.step == gone else x  # noqa: E731
            yield replace(
                about, outputs=mapped(about.outputs, swap),
                steps=tuple(replace(s, arguments=mapped(s.arguments, swap), named=mapped(s.named, swap))
                            for s in about.steps if s.id != step.id)).pruned()


def fewer_arguments(about):
    for index, step in enumerate(about.steps):
        for name in step.named:
            fewer = replace(step, named={key: value for key, value in step.named.items() if key != name})
            yield replace(about, steps=(*about.steps[:index], fewer, *about.steps[index + 1:])).pruned()


def shorter_rows(about):
    for index in range(len(about.steps) if len(about.steps) > 1 else 0):
        kept = about.steps[:index] + about.steps[index + 1:]
        yield replace(about, steps=kept, layers={step.target: about.layers[step.target] for step in kept})
    if about.form == "shaped":
        yield replace(about, form="sequential")


def smaller_layers(k, clear, layer):
    """A layer with fewer options, with its inner layer in its place, or with a smaller one in it."""
    if layer.class_name == "Model":
        model = layer.options["model"]
        for smaller in candidates(k, clear, model):
            if len(smaller.inputs) == len(model.inputs) and len(smaller.outputs) == len(model.outputs):
                yield Layer("Model", {"model": smaller})
        return
    for name in layer.options:
        yield replace(layer, options={key: value for key, value in layer.options.items() if key != name})
    for name, value in layer.options.items():
        if isinstance(value, Layer):
            for smaller in smaller_layers(k, clear, value):
                yield replace(layer, options=layer.options | {name: smaller})
        elif isinstance(value, list) and value and isinstance(value[0], Layer) and len(value) > 1:
            for index in range(len(value)):
                yield replace(layer, options=layer.options | {name: value[:index] + value[index + 1:]})
