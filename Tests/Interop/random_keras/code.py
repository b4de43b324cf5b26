"""A description as Python that makes the same model."""

from .description import Layer, Model, Ref


def text(model, framework):
    return f"import {framework} as k; L = k.layers\n" + "\n".join(lines(model, ""))


def lines(model, prefix):
    """Statements that end with the model as `{prefix}model`."""
    found = []

    def shown(x):
        if isinstance(x, Ref):
            return f"{prefix}x{x.step}" + ("" if x.part is None else f"[{x.part}]")
        if isinstance(x, Layer):
            return layer(x)
        if isinstance(x, Model):
            name = f"{prefix}n{len([1 for line in found if line.endswith('= nested')])}_"
            found.extend(lines(x, name))
            return f"{name}model"
        if isinstance(x, slice):
            return f"slice({x.start}, {x.stop}, {x.step})"
        if isinstance(x, (list, tuple)):
            inside = ", ".join(map(shown, x))
            return f"[{inside}]" if isinstance(x, list) else f"({inside},)" if len(x) == 1 else f"({inside})"
        if isinstance(x, dict):
            return "{" + ", ".join(f"{key!r}: {shown(value)}" for key, value in x.items()) + "}"
        return repr(x)

    def layer(x):
        if x.class_name == "Model":
            return shown(x.options["model"])
        return f"L.{x.class_name}({', '.join(f'{key}={shown(value)}' for key, value in x.options.items())})"

    for about in model.inputs:
        more = "" if about.dtype == "float32" else f", dtype={about.dtype!r}"
        more += f", name={about.name!r}" if about.name else ""
        found.append(f"{prefix}x{about.id} = k.Input({about.shape}{more})  # {about.feed} {about.high or ''}".rstrip())
    if model.form != "functional":
        rows = [layer(model.layers[step.target]) for step in model.steps]
        found.append(f"{prefix}model = k.Sequential([{', '.join(rows)}])  # {model.form}")
        return found
    made = set()
    for step in model.steps:
        given = ", ".join([*map(shown, step.arguments), *(f"{key}={shown(value)}" for key, value in step.named.items())])
        if isinstance(step.target, str):
            name = step.target if step.target.split(".")[0] in ("operator", "tf") else f"k.{step.target}"
        else:
            name = f"{prefix}l{step.target}"
            if step.target not in made:
                made.add(step.target)
                found.append(f"{name} = {layer(model.layers[step.target])}")
        found.append(f"{prefix}x{step.id} = {name}({given})")
    inputs = ", ".join(f"{prefix}x{about.id}" for about in model.inputs)
    more = "  # a dictionary" if model.named_inputs or model.named_outputs else ""
    found.append(f"{prefix}model = k.Model([{inputs}], [{', '.join(map(shown, model.outputs))}]){more}")
    return found
