"""Masks: who makes them, who hands them on, who heeds them."""

import numpy as np

from .case import BATCH, BOTH, KERAS_2, KERAS_3, RECURRENT, Family, chain

# In Keras 3 the making of a mask is a node of the graph, NotEqual, if a layer takes the mask.
models = Family(__name__, tolerance=RECURRENT, keras_3_impossible={
    "h5": "Keras 3 doesn't find the classes of keras.ops when it reads an .h5"})

# Both rows end in padding, the second earlier, and the first has a hole.
TOKENS = np.array([[3, 1, 4, 0, 2, 0], [5, 2, 0, 0, 0, 0]], np.float32)
ALL_MASKED = np.array([[3, 1, 4, 0, 2, 0], [0, 0, 0, 0, 0, 0]], np.float32)
STARTS_MASKED = np.array([[0, 0, 4, 3, 0, 1], [0, 5, 2, 1, 1, 4]], np.float32)


def padded(random):
    x = random.normal(0.1, 1, (BATCH, 6, 3)).astype(np.float32)
    x[0, 4:] = x[1, 2:] = x[1, 0] = 0
    x[0, 1, 1] = 0
    return [x]


def masked(name, make, **about):
    """make(k): layers behind an Embedding with mask_zero."""
    models.add(f"{name}_after_embedding", lambda k: chain(k, (6,), k.layers.Embedding(7, 3, mask_zero=True), *make(k)),
               feed=lambda random: [TOKENS], **about)


def both_ways(name, make, **about):
    """The same, and behind Masking."""
    models.add(f"{name}_after_masking", lambda k: chain(k, (6, 3), k.layers.Masking(), *make(k)), feed=padded, **about)
    masked(name, make, **about)


both_ways("nothing", lambda k: [])
models.add("masking_value", lambda k: chain(k, (6, 3), k.layers.Masking(-1.5), k.layers.LSTM(4)), feed=lambda random: [
    np.where(padded(random)[0] == 0, np.float32(-1.5), padded(random)[0])])
for kind in ("SimpleRNN", "LSTM", "GRU"):
    for label, options in {
        "plain": {}, "sequences": dict(return_sequences=True), "backwards": dict(go_backwards=True, return_sequences=True),
        "unroll": dict(unroll=True, return_sequences=True), "state": dict(return_sequences=True, return_state=True),
        "unroll_backwards": dict(unroll=True, go_backwards=True),
    }.items():
        (both_ways if label in ("plain", "sequences") else masked)(f"{kind.lower()}_{label}", lambda k, kind=kind, options=options: [getattr(k.layers, kind)(4, **options)])
    # zero_output_for_mask is an option of the base class that Keras 3's own layers take too.
    masked(f"{kind.lower()}_zero_output", lambda k, kind=kind: [
        getattr(k.layers, kind)(4, return_sequences=True, zero_output_for_mask=True)])
    masked(f"{kind.lower()}_deep", lambda k, kind=kind: [
        getattr(k.layers, kind)(4, return_sequences=True), getattr(k.layers, kind)(3)])
    for mode in ("concat", "sum", None):
        masked(f"bidirectional_{kind.lower()}_{mode}", lambda k, kind=kind, mode=mode: [
            k.layers.Bidirectional(getattr(k.layers, kind)(3, return_sequences=True), merge_mode=mode)])
    both_ways(f"bidirectional_{kind.lower()}_last", lambda k, kind=kind: [
        k.layers.Bidirectional(getattr(k.layers, kind)(3))])
    for label, tokens in (("all_masked", ALL_MASKED), ("starts_masked", STARTS_MASKED)):
        models.add(f"{kind.lower()}_{label}", lambda k, kind=kind: chain(
            k, (6,), k.layers.Embedding(7, 3, mask_zero=True), getattr(k.layers, kind)(4)),
            feed=lambda random, tokens=tokens: [tokens])
        models.add(f"bidirectional_{kind.lower()}_{label}", lambda k, kind=kind: chain(
            k, (6,), k.layers.Embedding(7, 3, mask_zero=True),
            k.layers.Bidirectional(getattr(k.layers, kind)(3, return_sequences=True))),
            feed=lambda random, tokens=tokens: [tokens])
masked("rnn_of_cells", lambda k: [k.layers.RNN([k.layers.LSTMCell(4), k.layers.GRUCell(3)], return_sequences=True)])
masked("rnn_of_cell_zero_output", lambda k: [
    k.layers.RNN(k.layers.GRUCell(3), return_sequences=True, zero_output_for_mask=True)])
masked("lstm_unrolled_backwards_zeroed", lambda k: [
    k.layers.LSTM(3, return_sequences=True, unroll=True, go_backwards=True, zero_output_for_mask=True)], on=KERAS_2)
masked("bidirectional_unrolled", lambda k: [k.layers.Bidirectional(k.layers.GRU(3, return_sequences=True, unroll=True))])
masked("bidirectional_unrolled_last", lambda k: [k.layers.Bidirectional(k.layers.GRU(3, unroll=True))])
masked("gru_reset_before", lambda k: [k.layers.GRU(3, reset_after=False)])
# The mask passes through these to the LSTM behind them, or ends at them.
for label, make in {
    "dense": lambda k: k.layers.Dense(3), "dropout": lambda k: k.layers.Dropout(0.4),
    "activation": lambda k: k.layers.Activation("tanh"), "relu": lambda k: k.layers.ReLU(),
    "leaky": lambda k: k.layers.LeakyReLU(),
    "batch_normalization": lambda k: k.layers.BatchNormalization(), "layer_normalization": lambda k: k.layers.LayerNormalization(),
    "unit_normalization": lambda k: k.layers.UnitNormalization(),
    "normalization": lambda k: k.layers.Normalization(mean=0.5, variance=2.0),
    "spatial_dropout": lambda k: k.layers.SpatialDropout1D(0.3), "noise": lambda k: k.layers.GaussianNoise(0.3),
    "time_distributed": lambda k: k.layers.TimeDistributed(k.layers.Dense(3)), "conv1d": lambda k: k.layers.Conv1D(3, 3, padding="same"),
    "conv1d_causal": lambda k: k.layers.Conv1D(3, 2, padding="causal"),
    "prelu": lambda k: k.layers.PReLU(), "elu": lambda k: k.layers.ELU(), "identity": lambda k: k.layers.Identity(),
    "rescaling": lambda k: k.layers.Rescaling(0.5), "activity": lambda k: k.layers.ActivityRegularization(0.1),
    "einsum": lambda k: k.layers.EinsumDense("abc,cd->abd", (None, 3)), "max_pooling": lambda k: k.layers.MaxPooling1D(2),
    "average_pooling": lambda k: k.layers.AveragePooling1D(2),
    "reshape": lambda k: k.layers.Reshape((6, 3)), "permute": lambda k: k.layers.Permute((1, 2)),
    "cropping": lambda k: k.layers.Cropping1D(1), "zero_padding": lambda k: k.layers.ZeroPadding1D(1), "up_sampling": lambda k: k.layers.UpSampling1D(2),
    "second_masking": lambda k: k.layers.Masking(0.25),
    "separable": lambda k: k.layers.SeparableConv1D(3, 2, padding="same"), "depthwise": lambda k: k.layers.DepthwiseConv1D(3, padding="same"),
    "conv1d_transpose": lambda k: k.layers.Conv1DTranspose(3, 2, padding="same"),
    "nested": lambda k: chain(k, (6, 3), k.layers.Dense(3)), "nested_lstm": lambda k: chain(k, (6, 3), k.layers.LSTM(3, return_sequences=True)),
    "nested_sequential": lambda k: k.Sequential([k.layers.Dense(3)]),
}.items():
    masked(f"lstm_behind_{label}", lambda k, make=make: [make(k), k.layers.LSTM(3, return_sequences=True)])
masked("lstm_inside_nested_sequential", lambda k: [k.Sequential([k.layers.LSTM(3)])])
masked("lstm_inside_nested_functional", lambda k: [chain(k, (6, 3), k.layers.Dropout(0.1), k.layers.GRU(3))])
for class_name in ("AugMix", "MixUp", "CutMix", "RandAugment"):
    models.add(f"lstm_behind_{class_name}", lambda k, class_name=class_name: chain(
        k, (6, 3), k.layers.Masking(), getattr(k.layers, class_name)(), k.layers.LSTM(3)), KERAS_3, feed=lambda random: [
            random.normal(0, 1, (BATCH, 6, 3)).astype(np.float32) * (TOKENS > 0)[:, :, None]])
both_ways("global_average", lambda k: [k.layers.GlobalAveragePooling1D()])
both_ways("global_average_keepdims", lambda k: [k.layers.GlobalAveragePooling1D(keepdims=True)])
both_ways("global_max", lambda k: [k.layers.GlobalMaxPooling1D()])
masked("activation_softmax", lambda k: [k.layers.Activation("softmax")])
both_ways("batch_normalization", lambda k: [k.layers.BatchNormalization()])
both_ways("flatten", lambda k: [k.layers.Flatten(), k.layers.Dense(3)])
both_ways("time_distributed", lambda k: [k.layers.TimeDistributed(k.layers.Dense(3))])
for label, inner in (("softmax", lambda k, width: k.layers.Softmax()), ("softmax_in_model", lambda k, width: chain(k, (width,), k.layers.Softmax()))):
    # As many channels as samples, or as samples and steps, so that both Kerases compute it.
    for framework, width in ((KERAS_2, 6 * BATCH), (KERAS_3, BATCH)):
        models.add(f"time_distributed_{label}", lambda k, inner=inner, width=width: chain(
            k, (6,), k.layers.Embedding(7, width, mask_zero=True), k.layers.TimeDistributed(inner(k, width))), framework, feed=lambda random: [TOKENS])
masked("time_distributed_model", lambda k: [k.layers.TimeDistributed(chain(k, (3,), k.layers.Dense(2, "tanh"))), k.layers.LSTM(2)])
masked("time_distributed_batch_normalization", lambda k: [k.layers.TimeDistributed(k.layers.BatchNormalization())])
# Keras 2 makes a number of each masked step out of the only one; the mask is that of the channels.
models.add("global_average_of_one_step", lambda k: chain(
    k, (6,), k.layers.Embedding(7, 1, mask_zero=True), k.layers.GlobalAveragePooling1D(data_format="channels_first")),
    KERAS_2, feed=lambda random: [TOKENS])
models.add("global_average_all_masked", lambda k: chain(
    k, (6,), k.layers.Embedding(7, 3, mask_zero=True), k.layers.GlobalAveragePooling1D()), feed=lambda random: [ALL_MASKED])


def time_distributed_lstm(k):
    return chain(k, (2, 6, 3), k.layers.TimeDistributed(k.layers.Masking()), k.layers.TimeDistributed(k.layers.LSTM(3)))


models.add("time_distributed_masking_and_lstm", time_distributed_lstm, feed=lambda random: [
    np.stack([padded(random)[0], padded(random)[0]], axis=1)])
models.add("masking_rank4_time_distributed_lstm", lambda k: chain(
    k, (2, 6, 3), k.layers.Masking(), k.layers.TimeDistributed(k.layers.LSTM(3))), feed=lambda random: [
    np.stack([padded(random)[0], padded(random)[0]], axis=1)])
models.add("conv_lstm_after_masking", lambda k: chain(
    k, (6, 5, 3), k.layers.TimeDistributed(k.layers.Masking()), k.layers.ConvLSTM1D(2, 2)), on=KERAS_3, feed=lambda random: [
    np.repeat(padded(random)[0][:, :, None], 5, axis=2)])


def joined(join, masks, behind):
    def build(k):
        inputs = [k.Input((6,)), k.Input((6,))]
        branches = [k.layers.Embedding(7, 3, mask_zero=mask)(x) for mask, x in zip(masks, inputs)]
        value = join(k)(branches)
        return k.Model(inputs, getattr(k.layers, behind)(4)(value) if behind == "LSTM" else k.layers.GlobalAveragePooling1D()(value))
    return build


def two_rows(random):
    return [TOKENS, np.array([[1, 0, 0, 2, 3, 0], [1, 1, 2, 6, 0, 0]], np.float32)]


for label, join in {
    "add": lambda k: k.layers.Add(), "multiply": lambda k: k.layers.Multiply(), "average": lambda k: k.layers.Average(),
    "maximum": lambda k: k.layers.Maximum(), "minimum": lambda k: k.layers.Minimum(), "subtract": lambda k: k.layers.Subtract(),
    "concatenate": lambda k: k.layers.Concatenate(), "concatenate_along_time": lambda k: k.layers.Concatenate(axis=1),
    "dot": lambda k: k.layers.Dot(axes=2),
}.items():
    for masks in ((True, True), (True, False), (False, True)):
        which = {(True, True): "both", (True, False): "first", (False, True): "second"}[masks]
        for behind in ("LSTM", "pooling"):
            # Keras 2 joins masks of different lengths here, and fails.
            on = KERAS_3 if label == "concatenate_along_time" and which != "both" else BOTH
            models.add(f"{label}_of_{which}_masked_before_{behind.lower()}", joined(join, masks, behind), on, feed=two_rows)


def mask_argument(k):
    x, mask = k.Input((6, 3)), k.Input((6,), dtype="bool")
    return k.Model([x, mask], k.layers.LSTM(4, return_sequences=True)(x, mask=mask))


models.add("mask_as_an_input", mask_argument, feed=lambda random: [
    random.normal(0, 1, (BATCH, 6, 3)).astype(np.float32), TOKENS > 0])


def mask_handed_on(make):
    """What takes a mask as an argument hands it on to the layers behind."""
    def build(k):
        x, mask = k.Input((6, 3)), k.Input((6,), dtype="bool")
        y = make(k)(x, mask=mask)
        return k.Model([x, mask], [k.layers.LSTM(4)(y), k.layers.GlobalAveragePooling1D()(y)])
    return build


for label, make, on in (
    ("lstm", lambda k: k.layers.LSTM(3, return_sequences=True), BOTH), ("normalization", lambda k: k.layers.BatchNormalization(), KERAS_3),
    ("bidirectional", lambda k: k.layers.Bidirectional(k.layers.GRU(3, return_sequences=True)), BOTH),
    ("time_distributed", lambda k: k.layers.TimeDistributed(k.layers.Dense(3)), BOTH),
    ("nested", lambda k: chain(k, (6, 3), k.layers.Dense(3), k.layers.LSTM(3, return_sequences=True)), BOTH),
    ("nested_sequential", lambda k: k.Sequential([k.layers.LSTM(3, return_sequences=True)]), BOTH),
):
    models.add(f"mask_argument_of_{label}_handed_on", mask_handed_on(make), on, feed=lambda random: [
        random.normal(0, 1, (BATCH, 6, 3)).astype(np.float32), TOKENS > 0])


# As many steps as channels, and as samples: all else does not add up.
models.add("softmax_of_masked_steps", lambda k: chain(k, (BATCH,), k.layers.Embedding(7, BATCH, mask_zero=True), k.layers.Softmax()),
           feed=lambda random: [TOKENS[:, -2:]])


def softmax_mask(k):
    x, mask = k.Input((6,)), k.Input((6,), dtype="bool")
    return k.Model([x, mask], k.layers.Softmax()(x, mask))


models.add("softmax_with_mask", softmax_mask, feed=lambda random: [
    random.normal(0, 1, (BATCH, 6)).astype(np.float32), TOKENS > 0])


def masked_groups(k):
    """Keras 2 leaves the masked places out of mean and variance."""
    x, mask = k.Input((6,)), k.Input((6,), dtype="bool")
    return k.Model([x, mask], k.layers.GroupNormalization(2)(k.layers.Softmax()(x, mask)))


models.add("group_normalization_of_masked", masked_groups, KERAS_2, feed=lambda random: [
    random.normal(0, 1, (BATCH, 6)).astype(np.float32), TOKENS > 0])


def batch_normalization_mask(k):
    x, mask = k.Input((6, 3)), k.Input((6,), dtype="bool")
    return k.Model([x, mask], k.layers.BatchNormalization()(x, mask=mask))


models.add("batch_normalization_with_mask", batch_normalization_mask, on=KERAS_3, feed=lambda random: [
    random.normal(0, 1, (BATCH, 6, 3)).astype(np.float32), TOKENS > 0])


def encoder_decoder(k):
    source, target = k.Input((6,)), k.Input((6,))
    x = k.layers.Embedding(7, 3, mask_zero=True)(source)
    _, *states = k.layers.LSTM(4, return_state=True)(x)
    y = k.layers.Embedding(7, 3, mask_zero=True)(target)
    y = k.layers.LSTM(4, return_sequences=True)(y, initial_state=states)
    return k.Model([source, target], k.layers.Dense(3, activation="softmax")(y))


models.add("encoder_decoder", encoder_decoder, feed=two_rows)


def shared_embedding(k):
    first, second = k.Input((6,)), k.Input((6,))
    embedding = k.layers.Embedding(7, 3, mask_zero=True)
    memory = k.layers.Bidirectional(k.layers.GRU(3))
    return k.Model([first, second], k.layers.Subtract()([memory(embedding(first)), memory(embedding(second))]))


models.add("shared_embedding", shared_embedding, feed=two_rows)
models.add("masking_in_nested_model", lambda k: chain(
    k, (6,), k.Sequential([k.Input((6,)), k.layers.Embedding(7, 3, mask_zero=True)]), k.layers.LSTM(3)),
    feed=lambda random: [TOKENS])
