"""Models that hold others: builders for `topology`."""

from .case import chain


def encoder(k, **about):
    x = start = k.Input((6,))
    x = k.layers.Dense(5, activation="relu", name="inner_dense")(x)
    return k.Model(start, k.layers.BatchNormalization(name="inner_normalization")(x), **about)


def called_with_names(turned=False, masked=False):
    """A model of two inputs with names, that another one calls with a dictionary; Keras 3 writes a mask for each."""
    def build(k):
        shape = (4, 3) if masked else (4,)
        a, b = k.Input(shape, name="a"), k.Input(shape, name="b")
        first, second = (k.layers.LSTM(4), k.layers.GRU(4)) if masked else (k.layers.Dense(4), k.layers.Activation("tanh"))
        inner = k.Model({"a": a, "b": b}, k.layers.Subtract()([first(a), second(b)]))
        x, y = k.Input(shape), k.Input(shape)
        left = k.layers.Masking()(x) if masked else x
        return k.Model([x, y], inner({"b": y, "a": left} if turned else {"a": left, "b": y}))
    return build


def shared_model(k):
    a, b = k.Input((6,)), k.Input((6,))
    body = encoder(k)
    return k.Model([a, b], [k.layers.Subtract()([body(a), body(b)]), body(b)])


def shared_twice_nested(k):
    body = encoder(k)
    x = start = k.Input((6,))
    middle = chain(k, (6,), body, k.layers.Dense(6))
    return k.Model(start, k.layers.Concatenate()([body(middle(x)), middle(x)]))


def nested_with_several(k):
    a, b = k.Input((4,)), k.Input((4,))
    inner = k.Model([a, b], [k.layers.Dense(3)(a), k.layers.Subtract()([a, b])])
    x, y = k.Input((4,)), k.Input((4,))
    first, second = inner([y, x])
    return k.Model([x, y], [k.layers.Dense(2)(second), first])


def nested_one_output_of_two(k):
    inner_start = k.Input((4,))
    inner = k.Model(inner_start, [k.layers.Dense(3)(inner_start), k.layers.Dense(2)(inner_start)])
    start = k.Input((4,))
    _, second = inner(start)
    return k.Model(start, k.layers.Dense(2)(second))


def nested_passes_input(k):
    a, b = k.Input((4,)), k.Input((3,))
    inner = k.Model([a, b], [b, k.layers.Dense(2)(a), a])
    x, y = k.Input((4,)), k.Input((3,))
    return k.Model([x, y], inner([x, y]))
