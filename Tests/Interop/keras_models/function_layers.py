"""Layers in place of the function that a layer ends with, and functions that go by the axes."""

import numpy as np

from .case import EVERY, FLOAT32, KERAS_3, NORMALIZED, Family, chain, stack

models = Family(__name__, tolerance=FLOAT32)
layer = models.layer

IMAGE = (4, 5, 3)


def called(build):
    """The model after a call: Keras 3 builds a layer in the place of a function when it has numbers to work on."""
    def make(k):
        model = build(k)
        model(np.zeros([1, *(6 if extent is None else extent for extent in model.inputs[0].shape[1:])], np.float32))
        return model
    return make


def add(name, build, is_called=True, **about):
    models.add(name, called(build) if is_called else build, **about)


def ending_with(shape, class_name, *arguments, make=lambda k: k.layers.PReLU(), **options):
    """A model of a layer that ends with another one."""
    return lambda k: chain(
        k, shape, getattr(k.layers, class_name)(*arguments, activation=make(k), **options), k.layers.Dense(2))


def shared_axes(*axes):
    return lambda k: k.layers.PReLU(shared_axes=axes)


add("dense", ending_with((5,), "Dense", 6), containers=EVERY)
add("dense_of_images", ending_with(IMAGE, "Dense", 2))
add("activation", lambda k: chain(k, (5,), k.layers.Activation(k.layers.PReLU())))
add("conv1d", ending_with((6, 3), "Conv1D", 4, 2))
add("conv2d_shared", ending_with(IMAGE, "Conv2D", 4, 2, make=shared_axes(1, 2)), containers=EVERY)
add("conv2d_of_any_size", lambda k: chain(
    k, (None, None, 3), k.layers.Conv2D(4, 2, activation=k.layers.PReLU(shared_axes=[1, 2])), k.layers.Conv2D(2, 1)))
add("depthwise", ending_with(IMAGE, "DepthwiseConv2D", 2))
add("separable", ending_with(IMAGE, "SeparableConv2D", 4, 2))
add("transposed", ending_with(IMAGE, "Conv2DTranspose", 4, 2))
add("einsum", ending_with((3, 4), "EinsumDense", "abc,cd->abd", (None, 2), bias_axes="d"))
add("frozen", ending_with((5,), "Dense", 6, make=lambda k: k.layers.PReLU(trainable=False)), containers=EVERY)
add("normalization", ending_with((5,), "Dense", 6, make=lambda k: k.layers.BatchNormalization()), on=KERAS_3,
    tolerance=NORMALIZED)
add("dense_in_dense", ending_with((5,), "Dense", 6, make=lambda k: k.layers.Dense(6, use_bias=False)), on=KERAS_3)
add("model", ending_with((5,), "Dense", 6, make=lambda k: stack(k, (6,), k.layers.Dense(4), k.layers.Dense(6))), on=KERAS_3)
add("each_step", lambda k: chain(k, (3, 5), k.layers.TimeDistributed(k.layers.Dense(6, activation=k.layers.PReLU()))))
add("around_model", lambda k: chain(
    k, (5,), stack(k, (5,), k.layers.Dense(6, activation=k.layers.PReLU()), k.layers.Dense(3)), k.layers.Dense(2)))


def called_twice(k):
    start, shared = k.Input((5,)), k.layers.Dense(5, activation=k.layers.PReLU())
    return k.Model(start, shared(shared(start)))


add("called_twice", called_twice)
add("never_called", ending_with((5,), "Dense", 6), is_called=False, on=KERAS_3)
# Where the variables stand goes by the version, and by whether the layer was built; named and refused.
add("recurrent", lambda k: chain(k, (4, 3), k.layers.LSTM(3, activation=k.layers.PReLU())))
add("recurrent_gates", lambda k: chain(k, (4, 3), k.layers.GRU(3, recurrent_activation=k.layers.PReLU())), on=KERAS_3)


# Where the channels come first, the last axis is another one.
def after_permuting(function, axes=3):
    """A convolution with the channels moved to the end and back, and the function behind it; TensorFlow has none with the
    channels in front on a CPU."""
    def twin(k, model):
        single = model.layers[-1]
        plain = type(single).from_config(single.get_config() | {"data_format": "channels_last", "activation": None})
        start = k.Input(model.inputs[0].shape[1:])
        image = plain(k.layers.Permute((*range(2, axes + 1), 1))(start))
        weights = single.get_weights()
        count = len(plain.get_weights())
        plain.set_weights(weights[:count])
        value = k.layers.Permute((axes, *range(1, axes)))(image)
        ending = k.layers.Activation(function) if isinstance(function, str) else function(k)
        value = ending(value)
        if weights[count:]:
            ending.set_weights(weights[count:])
        return k.Model(start, value)
    return twin


for label, shape, class_name, arguments, functions in (
    ("conv2d", (3, 4, 5), "Conv2D", (2, 2), ("softmax", "log_softmax", "sparsemax")),
    ("conv1d", (3, 5), "Conv1D", (2, 2), ("glu",)), ("depthwise", (3, 4, 5), "DepthwiseConv2D", (2,), ("softmax",)),
    ("separable", (3, 4, 5), "SeparableConv2D", (2, 2), ("softmax",)),
    ("transposed", (3, 4, 5), "Conv2DTranspose", (2, 2), ("softmax",)),
):
    for function in functions:
        layer(f"channels_first_{label}_{function}", shape, class_name, *arguments, activation=function,
              data_format="channels_first", on=KERAS_3, about=dict(twin=after_permuting(function, len(shape))))
for label, make in (("prelu", lambda k: k.layers.PReLU()), ("shared_prelu", shared_axes(2, 3)),
                    ("normalization", lambda k: k.layers.BatchNormalization(axis=1)),
                    ("softmax_layer", lambda k: k.layers.Softmax(axis=1))):
    def channels_first(k, make=make):
        function = make(k)
        # On a CPU the model can't be called, which would build the layer.
        function.build((None, 5, 3, 4))
        return chain(k, (3, 4, 5), k.layers.Conv2D(5, 2, data_format="channels_first", activation=function))

    add(f"channels_first_{label}", channels_first, on=KERAS_3, tolerance=NORMALIZED, twin=after_permuting(make), is_called=False)
layer("channels_first_recurrence_log_softmax", (3, 2, 4, 5), "ConvLSTM2D", 3, 2, activation="log_softmax",
      data_format="channels_first", on=KERAS_3, about=dict(twin=lambda k, model: chain(k, (3, 2, 4, 5), k.layers.Flatten())))
