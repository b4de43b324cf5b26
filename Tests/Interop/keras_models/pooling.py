"""Pooling: of windows, of all places, to a given size."""

from .case import BOTH, KERAS_3, Family

models = Family(__name__, sequential=True)
layer = models.layer

SIZES = {1: (9, 3), 2: (7, 8, 3), 3: (5, 6, 7, 2)}
for axes, shape in SIZES.items():
    first = (shape[-1], *shape[:-1])
    for kind in ("Max", "Average"):
        name = f"{kind}Pooling{axes}D"
        for size, strides, padding in (
            (2, None, "valid"), (2, None, "same"), (3, 2, "valid"), (3, 2, "same"), (3, 1, "same"), (2, 3, "valid"),
            (2, 3, "same"), (4, 1, "valid"), (4, 3, "same"),
        ):
            layer(f"{kind.lower()}{axes}d_size{size}_strides{strides}_{padding}", shape, name, size, strides=strides, padding=padding)
        # TensorFlow has no pooling of channels_first on the CPU; Keras 3 transposes there.
        layer(f"{kind.lower()}{axes}d_channels_first", first, name, 2, padding="same", data_format="channels_first",
              on=BOTH if axes == 1 else KERAS_3)
        for keeps in (False, True):
            label = f"global_{kind.lower()}{axes}d" + "_keepdims" * keeps
            layer(label, shape, f"Global{kind}Pooling{axes}D", keepdims=keeps)
            layer(label + "_channels_first", first, f"Global{kind}Pooling{axes}D", keepdims=keeps, data_format="channels_first")
        layer(f"global_{kind.lower()}{axes}d_of_unknown_size", (*(None,) * axes, 3), f"Global{kind}Pooling{axes}D")
        for size in (1, 2, 3, 4):
            layer(f"adaptive_{kind.lower()}{axes}d_to_{size}", shape, f"Adaptive{kind}Pooling{axes}D", size, on=KERAS_3)
        layer(f"adaptive_{kind.lower()}{axes}d_channels_first", first, f"Adaptive{kind}Pooling{axes}D", 3,
              data_format="channels_first", on=KERAS_3)
layer("max2d_uneven", SIZES[2], "MaxPooling2D", (2, 3), strides=(3, 1), padding="same")
layer("average2d_uneven", SIZES[2], "AveragePooling2D", (3, 2), strides=(1, 2), padding="same")
layer("adaptive_average2d_uneven", SIZES[2], "AdaptiveAveragePooling2D", (5, 3), on=KERAS_3)
layer("adaptive_max2d_uneven", SIZES[2], "AdaptiveMaxPooling2D", (5, 3), on=KERAS_3)
layer("adaptive_average2d_larger", (3, 4, 2), "AdaptiveAveragePooling2D", (5, 4), on=KERAS_3)
layer("adaptive_average3d_uneven", SIZES[3], "AdaptiveAveragePooling3D", (2, 4, 3), on=KERAS_3)
