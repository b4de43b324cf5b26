"""Recurrent layers over vectors: SimpleRNN, LSTM, GRU, and RNN with cells."""

import numpy as np

from .case import BATCH, EVERY, KERAS_2, RECURRENT, Family, chain, stack

models = Family(__name__, tolerance=RECURRENT)
add, layer = models.add, models.layer

add("language_model", lambda k: stack(
    k, (6,), k.layers.Embedding(9, 4), k.layers.LSTM(5, return_sequences=True), k.layers.GRU(4),
    k.layers.Dense(3, activation="softmax")), containers=EVERY,
    feed=lambda random: [random.integers(0, 9, (BATCH, 6)).astype(np.float32)])

KINDS = ("SimpleRNN", "LSTM", "GRU")
for kind in KINDS:
    for label, options in {
        "plain": {}, "sequences": dict(return_sequences=True), "backwards": dict(go_backwards=True),
        "sequences_backwards": dict(go_backwards=True, return_sequences=True), "no_bias": dict(use_bias=False),
        "relu": dict(activation="relu"), "unroll": dict(unroll=True, return_sequences=True),
        "dropout": dict(dropout=0.3, recurrent_dropout=0.2), "linear": dict(activation="linear"),
        "unroll_backwards": dict(unroll=True, go_backwards=True, return_sequences=True),
    }.items():
        layer(f"{kind.lower()}_{label}", (6, 3), kind, 4, **options)
    layer(f"{kind.lower()}_of_unknown_length", (None, 3), kind, 4, return_sequences=True)
    layer(f"{kind.lower()}_state", (6, 3), kind, 4, return_state=True)
    layer(f"{kind.lower()}_sequences_and_state", (6, 3), kind, 4, return_state=True, return_sequences=True)
    layer(f"{kind.lower()}_backwards_sequences_and_state", (6, 3), kind, 4, return_state=True, return_sequences=True, go_backwards=True)
    layer(f"{kind.lower()}_one_step", (1, 3), kind, 4)
    layer(f"{kind.lower()}_time_major", (6, 3), kind, 4, time_major=True, return_sequences=True, on=KERAS_2)

    def with_initial_state(k, kind=kind):
        x = k.Input((5, 3))
        states = [k.Input((4,)) for _ in range(2 if kind == "LSTM" else 1)]
        y = getattr(k.layers, kind)(4, return_sequences=True)(x, initial_state=states)
        return k.Model([x, *states], y)
    add(f"{kind.lower()}_initial_state", with_initial_state)

    def encoder_decoder(k, kind=kind):
        source, target = k.Input((5, 3)), k.Input((4, 2))
        _, *states = getattr(k.layers, kind)(4, return_state=True)(source)
        y = getattr(k.layers, kind)(4, return_sequences=True)(target, initial_state=states)
        return k.Model([source, target], k.layers.Dense(2)(y))
    add(f"{kind.lower()}_encoder_decoder", encoder_decoder)

    def stateful(k, kind=kind):
        start = k.Input(batch_shape=(BATCH, 5, 3))
        return k.Model(start, getattr(k.layers, kind)(4, stateful=True)(start))
    add(f"{kind.lower()}_stateful", stateful)

    def stateful_stack(k, kind=kind):
        make = getattr(k.layers, kind)
        return k.Sequential([
            k.Input(batch_shape=(BATCH, 5, 3)), make(4, stateful=True, return_sequences=True), make(3, stateful=True)])
    add(f"{kind.lower()}_stateful_sequential", stateful_stack)

    add(f"rnn_of_{kind.lower()}_cell", lambda k, kind=kind: chain(
        k, (5, 3), k.layers.RNN(getattr(k.layers, kind + "Cell")(4), return_sequences=True)))
    add(f"rnn_of_{kind.lower()}_cell_options", lambda k, kind=kind: chain(
        k, (5, 3), k.layers.RNN(getattr(k.layers, kind + "Cell")(4, use_bias=False, activation="relu"),
                                go_backwards=True, return_state=True)))
    add(f"rnn_of_stacked_{kind.lower()}_cells", lambda k, kind=kind: chain(
        k, (5, 3), k.layers.RNN([getattr(k.layers, kind + "Cell")(4), getattr(k.layers, kind + "Cell")(2)],
                                return_sequences=True)))
for kind in ("LSTM", "GRU"):
    for gate in ("hard_sigmoid", "relu", "tanh"):
        layer(f"{kind.lower()}_gate_{gate}", (6, 3), kind, 4, recurrent_activation=gate, return_sequences=True)
    for implementation in (1, 2):
        layer(f"{kind.lower()}_implementation_{implementation}", (6, 3), kind, 4, implementation=implementation)
    layer(f"{kind.lower()}_no_bias_unroll", (6, 3), kind, 4, use_bias=False, unroll=True)
layer("lstm_no_unit_forget_bias", (6, 3), "LSTM", 4, unit_forget_bias=False)
for after in (True, False):
    for bias in (True, False):
        layer(f"gru_reset_after_{after}_bias_{bias}", (6, 3), "GRU", 4, reset_after=after, use_bias=bias, return_sequences=True)
    layer(f"gru_reset_after_{after}_hard_gate_backwards", (6, 3), "GRU", 4, reset_after=after, go_backwards=True,
          recurrent_activation="hard_sigmoid", activation="softsign")
    add(f"rnn_of_gru_cell_reset_after_{after}", lambda k, after=after: chain(
        k, (5, 3), k.layers.RNN(k.layers.GRUCell(4, reset_after=after))))


def stacked(k, **options):
    cells = [k.layers.LSTMCell(4), k.layers.GRUCell(3), k.layers.SimpleRNNCell(2)]
    return k.layers.RNN(k.layers.StackedRNNCells(cells), **options)


add("rnn_of_mixed_cells", lambda k: chain(k, (5, 3), stacked(k)))
add("rnn_of_mixed_cells_with_state", lambda k: chain(k, (5, 3), stacked(k, return_state=True, return_sequences=True)))
add("rnn_of_mixed_cells_backwards", lambda k: chain(k, (5, 3), stacked(k, go_backwards=True, unroll=True)))
# Equal cells: their variables differ by nothing but their place.
add("rnn_of_equal_cells", lambda k: chain(
    k, (5, 4), k.layers.RNN([k.layers.SimpleRNNCell(4), k.layers.SimpleRNNCell(4)])), containers=EVERY)
add("deep", lambda k: stack(
    k, (7, 3), k.layers.LSTM(5, return_sequences=True), k.layers.LSTM(4, return_sequences=True),
    k.layers.GRU(4, return_sequences=True, go_backwards=True), k.layers.SimpleRNN(3)))


def states_as_outputs(k):
    start = k.Input((5, 3))
    sequence, hidden, cell = k.layers.LSTM(4, return_sequences=True, return_state=True, name="memory")(start)
    return k.Model(start, [cell, sequence, k.layers.Dense(2)(hidden), hidden])


add("states_as_outputs", states_as_outputs)
