"""Convolutions: plain, transposed, depthwise and separable, along one to three axes."""

import numpy as np

from .case import BOTH, EVERY, KERAS_2, KERAS_3, Family, chain

models = Family(__name__)
add, layer = models.add, models.layer


def channels_last(k, model):
    """The same one layer with the channels moved to the end and back."""
    single = model.layers[-1]
    config = single.get_config() | {"data_format": "channels_last"}
    twin = type(single).from_config(config)
    rank = len(model.inputs[0].shape)
    start = k.Input(model.inputs[0].shape[1:])
    ends = k.layers.Permute((*range(2, rank), 1))
    y = k.layers.Permute((rank - 1, *range(1, rank - 1)))(twin(ends(start)))
    twin.set_weights(single.get_weights())
    return k.Model(start, y)


def dense_kernel(k, model):
    """The same one layer with zeros between the numbers of its kernel in the place of its dilation."""
    single = model.layers[-1]
    rate = single.dilation_rate[0]
    weights = single.get_weights()
    kernel = weights[0]
    spatial = kernel.ndim - 2
    spread = np.zeros([(size - 1) * rate + 1 for size in kernel.shape[:spatial]] + list(kernel.shape[spatial:]), kernel.dtype)
    spread[(slice(None, None, rate),) * spatial] = kernel
    twin = type(single).from_config(single.get_config() | {"dilation_rate": 1, "kernel_size": spread.shape[:spatial]})
    start = k.Input(model.inputs[0].shape[1:])
    y = twin(start)
    twin.set_weights([spread, *weights[1:]])
    return k.Model(start, y)

add("classifier", lambda k: chain(
    k, (8, 7, 3), k.layers.Conv2D(4, 3, padding="same", activation="relu"), k.layers.BatchNormalization(),
    k.layers.MaxPooling2D(), k.layers.DepthwiseConv2D(3, padding="same"), k.layers.SeparableConv2D(5, 2),
    k.layers.Flatten(), k.layers.Dense(3)), containers=EVERY, layers=True)

SIZES = {1: (11, 4), 2: (9, 8, 4), 3: (6, 7, 5, 4)}


def label_of(options):
    def text(value):
        return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "_".join(f"{key}_{text(value)}" for key, value in options.items()) or "plain"


for axes, shape in SIZES.items():
    for options in (
        {}, dict(padding="same"), dict(strides=2), dict(padding="same", strides=2), dict(padding="same", strides=3),
        dict(dilation_rate=2), dict(padding="same", dilation_rate=2), dict(groups=2), dict(groups=4, padding="same"),
        dict(padding="same", groups=2, strides=2), dict(use_bias=False, activation="relu"),
    ):
        layer(f"conv{axes}d_{label_of(options)}", shape, f"Conv{axes}D", 8, 3 if axes < 3 else 2, **options)
    layer(f"conv{axes}d_channels_first", (shape[-1], *shape[:-1]), f"Conv{axes}D", 7, 2, strides=2, padding="same",
          data_format="channels_first", about=dict(twin=channels_last))
    layer(f"conv{axes}d_kernel_1", shape, f"Conv{axes}D", 3, 1, strides=2)
    layer(f"conv{axes}d_of_unknown_size", (*(None,) * axes, 2), f"Conv{axes}D", 3, 3, padding="same")
    layer(f"conv{axes}d_kernel_covers_all", shape, f"Conv{axes}D", 3, shape[:-1])
    layer(f"conv{axes}d_kernel_larger_than_input", shape, f"Conv{axes}D", 3, 8, padding="same")
layer("conv2d_dilated_groups", SIZES[2], "Conv2D", 4, 3, dilation_rate=2, groups=2)
layer("conv2d_uneven", SIZES[2], "Conv2D", 3, (2, 3), strides=(2, 1), padding="same")
layer("conv2d_uneven_dilation", SIZES[2], "Conv2D", 3, (2, 3), dilation_rate=(1, 3))
layer("conv2d_even_kernel_same", SIZES[2], "Conv2D", 3, 4, padding="same")
layer("conv2d_even_kernel_same_strided", SIZES[2], "Conv2D", 3, (4, 2), strides=2, padding="same")
layer("conv3d_uneven", SIZES[3], "Conv3D", 3, (2, 1, 3), strides=(1, 2, 2), padding="same")
layer("conv3d_leaves_cells_out", (3, 5, 6, 3), "Conv3D", 2, 1, strides=3, padding="same")
layer("conv2d_of_rank5", (2, 6, 5, 3), "Conv2D", 3, 2, on=KERAS_2)
layer("conv1d_of_rank4", (2, 6, 3), "Conv1D", 3, 2, on=KERAS_2)
for options in ({}, dict(strides=2), dict(dilation_rate=3), dict(groups=2), dict(dilation_rate=2, use_bias=False)):
    layer(f"conv1d_causal_{label_of(options)}", SIZES[1], "Conv1D", 6, 3, padding="causal", **options)

TRANSPOSED = {1: (5, 3), 2: (4, 5, 3), 3: (3, 4, 3, 2)}
for axes, shape in TRANSPOSED.items():
    for options in (
        {}, dict(padding="same"), dict(strides=2), dict(padding="same", strides=2), dict(strides=3),
        dict(padding="same", strides=3, activation="relu"), dict(strides=2, output_padding=1), dict(strides=2, use_bias=False),
        dict(padding="same", strides=2, output_padding=1), dict(padding="same", strides=3, output_padding=0),
        dict(padding="same", strides=3, output_padding=2), dict(padding="same", strides=2, output_padding=0),
    ):
        layer(f"conv{axes}d_transpose_{label_of(options)}", shape, f"Conv{axes}DTranspose", 4, 3, **options)
    for size, stride, padding in ((2, 2, "same"), (2, 3, "valid"), (2, 3, "same"), (4, 2, "same"), (4, 2, "valid"), (5, 2, "same"), (1, 2, "same"), (1, 2, "valid")):
        layer(f"conv{axes}d_transpose_size{size}_stride{stride}_{padding}", shape, f"Conv{axes}DTranspose", 2, size,
              strides=stride, padding=padding)
    for padding in ("valid", "same"):
        # Keras 2 forgets the dilation of a volume, in its computation and in the file.
        layer(f"conv{axes}d_transpose_dilated_{padding}", shape, f"Conv{axes}DTranspose", 2, 2,
              dilation_rate=2, padding=padding, about=dict(twin=dense_kernel), on=KERAS_3 if axes == 3 else BOTH)
    layer(f"conv{axes}d_transpose_channels_first", (shape[-1], *shape[:-1]), f"Conv{axes}DTranspose", 2, 3, strides=2,
          padding="same", data_format="channels_first", about=dict(twin=channels_last))
layer("conv2d_transpose_uneven", TRANSPOSED[2], "Conv2DTranspose", 3, (2, 3), strides=(2, 1), padding="same")
layer("conv2d_transpose_of_unknown_size", (None, None, 3), "Conv2DTranspose", 3, 3, strides=2, padding="same")
layer("conv2d_transpose_uneven_output_padding", TRANSPOSED[2], "Conv2DTranspose", 3, 3, strides=(2, 3),
      output_padding=(1, 2))

for axes in (1, 2):
    shape = SIZES[axes]
    for options in (
        {}, dict(padding="same"), dict(strides=2), dict(strides=2, padding="same"), dict(depth_multiplier=3),
        dict(depth_multiplier=2, padding="same", strides=2), dict(dilation_rate=2), dict(dilation_rate=2, padding="same"),
        dict(use_bias=False, activation="relu"),
    ):
        layer(f"depthwise{axes}d_{label_of(options)}", shape, f"DepthwiseConv{axes}D", 3, **options)
        layer(f"separable{axes}d_{label_of(options)}", shape, f"SeparableConv{axes}D", 5, 3, **options)
    layer(f"depthwise{axes}d_channels_first", (shape[-1], *shape[:-1]), f"DepthwiseConv{axes}D", 3, padding="same",
          data_format="channels_first", about=dict(twin=channels_last))
    layer(f"separable{axes}d_channels_first", (shape[-1], *shape[:-1]), f"SeparableConv{axes}D", 3, 3, padding="same",
          data_format="channels_first", about=dict(twin=channels_last))
layer("depthwise2d_uneven", SIZES[2], "DepthwiseConv2D", (2, 4), padding="same")
layer("separable2d_uneven", SIZES[2], "SeparableConv2D", 4, (2, 4), padding="same")
layer("separable1d_causal", SIZES[1], "SeparableConv1D", 5, 3, padding="causal", dilation_rate=2, on=KERAS_2)
layer("conv2d_lora", SIZES[2], "Conv2D", 5, 3, lora_rank=2, on=KERAS_3)
layer("locally_connected1d", (7, 3), "LocallyConnected1D", 4, 3, strides=2, on=KERAS_2)
layer("locally_connected1d_implementation2", (7, 3), "LocallyConnected1D", 4, 3, padding="same", implementation=2, on=KERAS_2)
layer("locally_connected2d", (5, 4, 2), "LocallyConnected2D", 3, (3, 2), on=KERAS_2)
layer("locally_connected2d_implementation2", (5, 4, 2), "LocallyConnected2D", 3, (3, 2), padding="same", implementation=2, on=KERAS_2)
layer("locally_connected2d_implementation3", (5, 4, 2), "LocallyConnected2D", 3, (3, 2), implementation=3, on=KERAS_2)

# `ops.add` of Keras 3 with TensorFlow goes by the number of places, not by the axis.
models.add("as_many_filters_as_columns", lambda k: chain(
    k, (2, 3, 3, 4), k.layers.Conv3D(4, 1, data_format="channels_first")), KERAS_3)
