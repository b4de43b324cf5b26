"""Calls with more than one argument: attention, states and masks that are given."""

from . import recurrent as rooms
from .description import Layer


def sequence(grower):
    return grower.value(lambda v: v.rank == 2 and None not in v.shape and v.numbers <= 60)


def truth(grower, shape):
    """A mask: an input of truth values, or a comparison."""
    values = [v for v in grower.values if v.shape == tuple(shape) and v.is_float]
    if grower.depth or values and grower.draw.chance(0.4):
        value = grower.draw.one(values)
        return grower.call("operator.gt", value, grower.draw.one((-0.5, 0.0)))
    return grower.input(shape, "bool", feed="truth")


def attention(grower):
    draw, query = grower.draw, sequence(grower)
    if draw.chance(0.1):
        query = grower.value(lambda v: v.rank == 3 and None not in v.shape and v.numbers <= 120)
    if query is None:
        return
    partners = [v for v in grower.values if v.rank == 2 and v.is_float and v.shape[1] == query.shape[1] and v.shape[0] and v.numbers <= 60]
    value = draw.one(partners)
    key = draw.one([v for v in partners if v.shape[0] == value.shape[0]])
    if query.rank == 3:
        heads = Layer("MultiHeadAttention", {"num_heads": 2, "key_dim": 2, **draw.maybe(0.7, attention_axes=[(1,), (2,), (1, 2), (-2,)])})
        grower.layer(heads, query, query)
        return
    kind = draw.weighted(((5, "MultiHeadAttention"), (3, "Attention"), (2, "AdditiveAttention"), (
        0 if grower.second else 3, "GroupQueryAttention")))
    more = {}
    if draw.chance(0.25):
        more["use_causal_mask"] = True
    if draw.chance(0.2):
        more["return_attention_scores"] = True
    if kind in ("Attention", "AdditiveAttention"):
        options = draw.maybe(0.4, use_scale=[True, False], dropout=[0.2])
        if kind == "Attention":
            options |= draw.maybe(0.25, score_mode=["concat"])
        if draw.chance(0.25):
            more["mask"] = [truth(grower, query.shape[:1]), truth(grower, value.shape[:1])]
        grower.layer(Layer(kind, options), [query, value] + [key] * draw.chance(0.4), **more)
        return
    if kind == "MultiHeadAttention":
        options = {"num_heads": draw.integer(1, 3), "key_dim": draw.integer(1, 4), **draw.maybe(
            0.2, value_dim=[3], use_bias=[False], output_shape=[4, (2, 3)], dropout=[0.2])}
        if not grower.second:
            options |= draw.maybe(0.12, use_gate=[True], sliding_window=[2])
    else:
        groups = draw.integer(1, 2)
        options = {"head_dim": draw.integer(1, 4), "num_query_heads": groups * draw.integer(1, 2), "num_key_value_heads": groups,
                   **draw.maybe(0.2, use_bias=[False], dropout=[0.2], use_gate=[True])}
    if draw.chance(0.25):
        more["attention_mask"] = truth(grower, (query.shape[0], value.shape[0]))
    if draw.chance(0.4):
        grower.layer(Layer(kind, options), query, value=value, key=key, **more)
    else:
        grower.layer(Layer(kind, options), query, value, **more)


def recurrent(grower):
    """Layers that begin with states of their neighbours, or of inputs."""
    draw, x = grower.draw, sequence(grower)
    if x is None:
        return
    kind = draw.one(rooms.KINDS)
    count = 2 if kind == "LSTM" else 1
    states = [v for v in grower.values if v.rank == 1 and v.is_float and v.shape[0] <= 5]
    if states and draw.chance(0.5):
        first = draw.one(states)
        given = [first] + [draw.one(grower.like(first)) for _ in range(count - 1)]
        units = first.shape[0]
    elif draw.chance(0.5) and not grower.depth and len(grower.inputs) < 4:
        units = draw.integer(1, 4)
        given = [grower.input((units,)) for _ in range(count)]
    else:
        units = draw.integer(1, 4)
        _, *given = grower.layer(Layer(kind, {"units": units, "return_state": True}), x)
    options = rooms.options_of(draw, kind, grower.second) | rooms.way(draw) | {"units": units}
    if draw.chance(0.2):
        options.pop("go_backwards", None)
        grower.layer(Layer("Bidirectional", {"layer": Layer(kind, options)}), x, initial_state=given + given[::-1])
    else:
        more = {"mask": truth(grower, x.shape[:1])} if draw.chance(0.15) else {}
        if draw.chance(0.15):
            grower.layer(Layer(kind, options), x, given, **more)
            return
        grower.layer(Layer(kind, options), x, initial_state=given if count == 2 or draw.chance(0.5) else given[0], **more)


def masked(grower):
    """Layers that take a mask by name."""
    draw = grower.draw
    x = grower.value(lambda v: v.rank in (1, 2) and None not in v.shape and v.numbers <= 60)
    if x is None:
        return
    if x.rank == 1 or draw.chance(0.2):
        grower.layer(Layer("Softmax", {}), x, mask=truth(grower, x.shape))
        return
    about = draw.one((rooms.recurrent, rooms.recurrent, rooms.wrapped))(draw, x.shape, grower.second)
    if not grower.second and draw.chance(0.3):
        about = draw.one((Layer("BatchNormalization"), Layer("GlobalAveragePooling1D")))
    elif draw.chance(0.15):
        about = Layer("GlobalAveragePooling1D")
    more = {"training": False} if draw.chance(grower.traits.called) else {}
    grower.layer(about, x, mask=truth(grower, x.shape[:1]), **more)
