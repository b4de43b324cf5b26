"""ConvLSTM1D to ConvLSTM3D."""

from .case import RECURRENT, Family, chain

models = Family(__name__, tolerance=RECURRENT)
add, layer = models.add, models.layer


def channels_last_in_time(k, model):
    """The same one layer, whose answer is a picture, with the channels moved to the end and back."""
    single = model.layers[-1]
    twin = type(single).from_config(single.get_config() | {"data_format": "channels_last"})
    shape = model.inputs[0].shape
    rank = len(shape)
    start = k.Input(shape[1:])
    y = twin(k.layers.Permute((1, *range(3, rank), 2))(start))
    twin.set_weights(single.get_weights())
    return k.Model(start, k.layers.Permute((rank - 2, *range(1, rank - 2)))(y))

SIZES = {1: (4, 7, 2), 2: (4, 5, 6, 2), 3: (3, 4, 3, 4, 2)}
for axes, shape in SIZES.items():
    for label, options in {
        "plain": {}, "same": dict(padding="same"), "strides": dict(strides=2, padding="same"), "sequences": dict(return_sequences=True),
        "dilated": dict(dilation_rate=2, kernel_size=2), "backwards": dict(go_backwards=True, return_sequences=True),
        "no_bias": dict(use_bias=False), "strides_valid": dict(strides=2), "sigmoid_gate": dict(recurrent_activation="sigmoid"),
        "relu": dict(activation="relu", recurrent_activation="relu"),
    }.items():
        layer(f"conv_lstm{axes}d_{label}", shape, f"ConvLSTM{axes}D", **{"filters": 3, "kernel_size": 3 if axes < 3 else 2} | options)
    layer(f"conv_lstm{axes}d_state", shape, f"ConvLSTM{axes}D", 3, 2, return_state=True, padding="same")
    layer(f"conv_lstm{axes}d_channels_first", (shape[0], shape[-1], *shape[1:-1]), f"ConvLSTM{axes}D", 2, 2, padding="same",
          data_format="channels_first", about=dict(twin=channels_last_in_time))
layer("conv_lstm2d_uneven", SIZES[2], "ConvLSTM2D", 3, (2, 3), strides=(1, 2), padding="same", return_sequences=True)
add("conv_lstm2d_deep", lambda k: chain(
    k, SIZES[2], k.layers.ConvLSTM2D(3, 2, return_sequences=True), k.layers.BatchNormalization(),
    k.layers.ConvLSTM2D(2, 2), k.layers.Flatten(), k.layers.Dense(2)))
add("conv_lstm2d_bidirectional", lambda k: chain(
    k, SIZES[2], k.layers.Bidirectional(k.layers.ConvLSTM2D(2, 2, return_sequences=True))))


def with_initial_state(k):
    x, h, c = k.Input((4, 5, 6, 2)), k.Input((5, 6, 3)), k.Input((5, 6, 3))
    return k.Model([x, h, c], k.layers.ConvLSTM2D(3, 3, padding="same")(x, initial_state=[h, c]))


add("conv_lstm2d_initial_state", with_initial_state)
