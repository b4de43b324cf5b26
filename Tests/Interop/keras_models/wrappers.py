"""Bidirectional and TimeDistributed."""

from .case import EVERY, KERAS_2, KERAS_3, RECURRENT, Family, chain, stack

models = Family(__name__, tolerance=RECURRENT)
add = models.add

add("tagger", lambda k: stack(
    k, (6,), k.layers.Embedding(9, 4), k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True)),
    k.layers.TimeDistributed(k.layers.Dense(3, activation="softmax"))), containers=EVERY,
    feed=lambda random: [random.integers(0, 9, (2, 6)).astype("float32")])

for kind in ("SimpleRNN", "LSTM", "GRU"):
    for mode in ("concat", "sum", "mul", "ave", None):
        for sequences in (False, True):
            label = f"bidirectional_{kind.lower()}_{mode}" + "_sequences" * sequences
            add(label, lambda k, kind=kind, mode=mode, sequences=sequences: chain(
                k, (5, 3), k.layers.Bidirectional(
                    getattr(k.layers, kind)(4, return_sequences=sequences), merge_mode=mode)))
    add(f"bidirectional_{kind.lower()}_state", lambda k, kind=kind: chain(
        k, (5, 3), k.layers.Bidirectional(getattr(k.layers, kind)(4, return_state=True))))
    add(f"bidirectional_{kind.lower()}_sequences_and_state_sum", lambda k, kind=kind: chain(
        k, (5, 3), k.layers.Bidirectional(
            getattr(k.layers, kind)(4, return_state=True, return_sequences=True), merge_mode="sum")))
    add(f"bidirectional_{kind.lower()}_state_none", lambda k, kind=kind: chain(
        k, (5, 3), k.layers.Bidirectional(getattr(k.layers, kind)(4, return_state=True), merge_mode=None)))
    add(f"bidirectional_of_backwards_{kind.lower()}", lambda k, kind=kind: chain(
        k, (5, 3), k.layers.Bidirectional(getattr(k.layers, kind)(4, go_backwards=True, return_sequences=True))), on=KERAS_2)

    def with_initial_state(k, kind=kind):
        x = k.Input((5, 3))
        states = [k.Input((4,)) for _ in range(4 if kind == "LSTM" else 2)]
        layer = k.layers.Bidirectional(getattr(k.layers, kind)(4, return_sequences=True))
        return k.Model([x, *states], layer(x, initial_state=states))
    add(f"bidirectional_{kind.lower()}_initial_state", with_initial_state)
add("bidirectional_backward_layer", lambda k: chain(
    k, (5, 3), k.layers.Bidirectional(
        k.layers.LSTM(4, return_sequences=True),
        backward_layer=k.layers.GRU(3, return_sequences=True, go_backwards=True, reset_after=False))))
add("bidirectional_backward_layer_sum", lambda k: chain(
    k, (5, 3), k.layers.Bidirectional(
        k.layers.LSTM(4, activation="relu"), merge_mode="sum",
        backward_layer=k.layers.LSTM(4, go_backwards=True, use_bias=False))),
    impossible={KERAS_2: {"h5": "Keras 2 gives half of the weights to each layer"}})
add("bidirectional_of_cells", lambda k: chain(
    k, (5, 3), k.layers.Bidirectional(k.layers.RNN(k.layers.LSTMCell(4), return_sequences=True))))
add("bidirectional_of_stacked_cells", lambda k: chain(
    k, (5, 3), k.layers.Bidirectional(k.layers.RNN([k.layers.GRUCell(4), k.layers.SimpleRNNCell(3)]))))
add("bidirectional_twice", lambda k: chain(
    k, (5, 3), k.layers.Bidirectional(k.layers.GRU(3, return_sequences=True)),
    k.layers.Bidirectional(k.layers.LSTM(2)), k.layers.Dense(2)))


def stateful(k):
    start = k.Input(batch_shape=(2, 5, 3))
    return k.Model(start, k.layers.Bidirectional(k.layers.LSTM(3, stateful=True))(start))


add("bidirectional_stateful", stateful)


def bidirectional_encoder(k):
    source, target = k.Input((5, 3)), k.Input((4, 2))
    _, h0, c0, h1, c1 = k.layers.Bidirectional(k.layers.LSTM(3, return_state=True))(source)
    h, c = k.layers.Concatenate()([h0, h1]), k.layers.Concatenate()([c0, c1])
    return k.Model([source, target], k.layers.LSTM(6, return_sequences=True)(target, initial_state=[h, c]))


add("bidirectional_encoder", bidirectional_encoder)

add("time_dense", lambda k: chain(k, (4, 5), k.layers.TimeDistributed(k.layers.Dense(3, activation="relu"))))
add("time_dense_rank4", lambda k: chain(k, (4, 2, 5), k.layers.TimeDistributed(k.layers.Dense(3))))
add("time_dense_twice", lambda k: chain(
    k, (4, 2, 5), k.layers.TimeDistributed(k.layers.TimeDistributed(k.layers.Dense(3)))))
add("time_of_unknown_length", lambda k: chain(k, (None, 5), k.layers.TimeDistributed(k.layers.Dense(3))))
add("time_conv2d", lambda k: chain(
    k, (3, 6, 5, 2), k.layers.TimeDistributed(k.layers.Conv2D(3, 3, padding="same", strides=2)),
    k.layers.TimeDistributed(k.layers.MaxPooling2D(2, padding="same")), k.layers.TimeDistributed(k.layers.Flatten()), k.layers.LSTM(3)))
add("time_conv1d", lambda k: chain(k, (3, 6, 2), k.layers.TimeDistributed(k.layers.Conv1D(3, 3))))
add("time_batch_normalization", lambda k: chain(k, (3, 4, 2), k.layers.TimeDistributed(k.layers.BatchNormalization())))
add("time_layer_normalization", lambda k: chain(k, (3, 4, 2), k.layers.TimeDistributed(k.layers.LayerNormalization())))
add("time_lstm", lambda k: chain(k, (3, 4, 2), k.layers.TimeDistributed(k.layers.LSTM(3))))
add("time_gru_sequences", lambda k: chain(k, (3, 4, 2), k.layers.TimeDistributed(k.layers.GRU(3, return_sequences=True))))
add("time_bidirectional", lambda k: chain(
    k, (3, 4, 2), k.layers.TimeDistributed(k.layers.Bidirectional(k.layers.GRU(3)))))
add("time_embedding", lambda k: chain(
    k, (3, 4), k.layers.TimeDistributed(k.layers.Embedding(5, 3)), dtype="int32"),
    feed=lambda random: [random.integers(0, 5, (2, 3, 4)).astype("int32")])
add("time_softmax", lambda k: chain(k, (3, 4, 2), k.layers.TimeDistributed(k.layers.Softmax(axis=1))))
add("time_reshape", lambda k: chain(k, (3, 4, 2), k.layers.TimeDistributed(k.layers.Reshape((2, 4)))))
add("time_global_pooling", lambda k: chain(k, (3, 4, 5, 2), k.layers.TimeDistributed(k.layers.GlobalAveragePooling2D())))
add("time_nested_functional", lambda k: chain(
    k, (3, 5), k.layers.TimeDistributed(chain(
        k, (5,), k.layers.Dense(4, activation="relu"), k.layers.BatchNormalization(), k.layers.Dense(2))), k.layers.GRU(2)))
add("time_nested_sequential", lambda k: chain(
    k, (3, 5, 4, 2), k.layers.TimeDistributed(stack(
        k, (5, 4, 2), k.layers.Conv2D(3, 2), k.layers.GlobalMaxPooling2D(), k.layers.Dense(2)))))
add("spectral_inside_time", lambda k: chain(
    k, (3, 5), k.layers.TimeDistributed(k.layers.SpectralNormalization(k.layers.Dense(4)))), on=KERAS_3)
