"""Layers that move, cut, pad and repeat values."""

from .case import BOTH, KERAS_3, Family, chain

models = Family(__name__, sequential=True)
add, layer = models.add, models.layer

for shape, target in (
    ((6,), (2, 3)), ((6,), (3, -1)), ((2, 3), (-1,)), ((2, 3, 4), (4, 6)), ((2, 3, 4), (-1, 2)), ((6,), (6, 1)), ((1,), (1, 1, 1)),
    ((6,), (1, 2, 3)), ((2, 3), (2, -1, 1)), ((1,), ()),
):
    layer(f"reshape_{'x'.join(map(str, shape))}_to_{'x'.join(map(str, target)) or 'scalar'}", shape, "Reshape", target)
for shape, order in (((2, 3), (2, 1)), ((2, 3, 4), (3, 1, 2)), ((2, 3, 4), (2, 3, 1)), ((2, 3, 4), (1, 3, 2)), ((2, 3, 4, 2), (4, 2, 1, 3))):
    layer(f"permute_{'_'.join(map(str, order))}", shape, "Permute", order)
for shape in ((5,), (2, 3), (2, 3, 4), (2, 3, 2, 3), ()):
    label = f"flatten_rank{len(shape) + 1}"
    layer(label, shape, "Flatten")
    layer(label + "_channels_first", shape, "Flatten", data_format="channels_first")
layer("repeat_vector", (4,), "RepeatVector", 3)

CUTS = {
    1: ((7, 3), (1, (2, 1), (0, 3))),
    2: ((7, 8, 2), (1, (2, 1), ((1, 0), (2, 3)), ((0, 0), (0, 1)))),
    3: ((5, 6, 7, 2), (1, (2, 1, 0), ((1, 0), (2, 3), (0, 1)))),
}
for axes, (shape, amounts) in CUTS.items():
    first = (shape[-1], *shape[:-1])
    for amount in amounts:
        label = str(amount).replace(" ", "").replace("(", "").replace(")", "").replace(",", "_")
        layer(f"cropping{axes}d_{label}", shape, f"Cropping{axes}D", amount)
        layer(f"zero_padding{axes}d_{label}", shape, f"ZeroPadding{axes}D", amount)
    layer(f"zero_padding{axes}d_of_unknown_size", (*(None,) * axes, 2), f"ZeroPadding{axes}D", 2)
    if axes == 1:
        layer("zero_padding1d_channels_first", first, "ZeroPadding1D", (2, 1), data_format="channels_first", on=KERAS_3)
    else:
        layer(f"zero_padding{axes}d_channels_first", first, f"ZeroPadding{axes}D", amounts[2], data_format="channels_first")
        layer(f"cropping{axes}d_channels_first", first, f"Cropping{axes}D", amounts[2], data_format="channels_first")

layer("up_sampling1d", (3, 2), "UpSampling1D", 3)
layer("up_sampling2d_channels_first", (2, 3, 4), "UpSampling2D", (2, 3), data_format="channels_first", on=BOTH)
for size in (2, 3, (2, 3), (1, 2), 1):
    label = "x".join(map(str, size)) if isinstance(size, tuple) else str(size)
    for way in ("nearest", "bilinear"):
        layer(f"up_sampling2d_{label}_{way}", (3, 4, 2), "UpSampling2D", size, interpolation=way)
for way in ("bicubic", "lanczos3", "lanczos5"):
    layer(f"up_sampling2d_{way}", (5, 4, 2), "UpSampling2D", 2, interpolation=way)
    layer(f"up_sampling2d_{way}_uneven", (5, 4, 2), "UpSampling2D", (3, 2), interpolation=way)
for way in ("area", "gaussian", "mitchellcubic"):
    layer(f"up_sampling2d_{way}", (5, 4, 2), "UpSampling2D", 2, interpolation=way, on="tf_keras")
layer("up_sampling2d_bilinear_channels_first", (2, 3, 4), "UpSampling2D", 2, interpolation="bilinear", data_format="channels_first")
for size in (2, (1, 2, 3)):
    label = "x".join(map(str, size)) if isinstance(size, tuple) else str(size)
    layer(f"up_sampling3d_{label}", (2, 3, 2, 2), "UpSampling3D", size)
layer("up_sampling3d_channels_first", (2, 2, 3, 2), "UpSampling3D", (1, 2, 3), data_format="channels_first", on=BOTH)
add("chain", lambda k: chain(
    k, (4, 6), k.layers.Reshape((4, 2, 3)), k.layers.Permute((3, 1, 2)), k.layers.ZeroPadding2D(1), k.layers.UpSampling2D(2),
    k.layers.Cropping2D(((1, 2), (3, 0))), k.layers.Flatten(), k.layers.RepeatVector(2)))
