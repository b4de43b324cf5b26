"""Models of which training leaves parts as they are: builders for `topology`."""

from .case import chain, stack
from .nested_models import encoder


def frozen(k):
    model = chain(k, (6,), encoder(k), k.layers.Dense(4), k.layers.BatchNormalization(), k.layers.Dense(2))
    model.layers[1].trainable = False
    model.layers[3].trainable = False
    return model


def whole_frozen(k):
    model = chain(k, (6,), k.layers.BatchNormalization(), k.layers.Dense(4), k.layers.BatchNormalization())
    model.trainable = False
    return model


def frozen_inside_nested(k):
    inner = chain(k, (6,), k.layers.BatchNormalization(), k.layers.Dense(5), k.layers.BatchNormalization(), k.layers.Dense(4))
    inner.layers[2].trainable = False
    return chain(k, (6,), k.layers.Dense(6), inner, k.layers.BatchNormalization())


def frozen_wrappers(k):
    """Keras 2 freezes what is in a frozen layer; Keras 3 goes by the flag of the layer that made a variable."""
    layers = k.layers
    x = start = k.Input((4, 3))
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True), merge_mode="sum", trainable=False)(x)
    x = layers.TimeDistributed(layers.Dense(3), trainable=False)(x)
    x = layers.TimeDistributed(layers.Dense(3, trainable=False))(x)
    x = layers.MultiHeadAttention(1, 3, trainable=False)(x, x)
    x = layers.Dense(3)(x)
    x = layers.RNN([layers.SimpleRNNCell(3), layers.SimpleRNNCell(3, trainable=False)], return_sequences=True)(x)
    x = layers.RNN(layers.SimpleRNNCell(3), trainable=False)(x)
    return chain(k, (4, 3), k.Model(start, layers.Dense(3)(x)))


def frozen_spectral(k):
    layers = k.layers
    inner = stack(k, (3,), layers.SpectralNormalization(layers.Dense(3), trainable=False), layers.BatchNormalization(), layers.SpectralNormalization(
        layers.Dense(3, trainable=False)), layers.Dense(3))
    return chain(k, (3,), inner, layers.SpectralNormalization(layers.Dense(3), trainable=False))
