"""Normalizations."""

from .case import EVERY, FLOAT32, KERAS_2, KERAS_3, NORMALIZED, Family, chain

models = Family(__name__, tolerance=NORMALIZED)
LAST_AXIS_ONLY = {KERAS_3: {"h5": "Keras 3 reads several axes back as the last one"}}
add, layer = models.add, models.layer

for shape, options in (
    ((5,), {}), ((4, 5), {}), ((3, 4, 5), {}), ((2, 3, 2, 5), {}), ((4, 5), dict(axis=1)), ((3, 4, 5), dict(axis=1)),
    ((3, 4, 5), dict(axis=2)), ((3, 4, 5), dict(axis=-2)), ((5,), dict(scale=False)), ((5,), dict(center=False)),
    ((4, 5), dict(center=False, scale=False)), ((4, 5), dict(epsilon=0.2)), ((3, 4, 5), dict(axis=1, scale=False, epsilon=0.01)),
):
    label = "_".join(f"{key}_{value}" for key, value in options.items()) or "plain"
    layer(f"batch_rank{len(shape) + 1}_{label}", shape, "BatchNormalization", **options, about=dict(tolerance=FLOAT32))
layer("batch_synchronized", (4, 5), "BatchNormalization", synchronized=True, about=dict(tolerance=FLOAT32))
# What corrects a batch's statistics in training is of no matter at inference.
layer("batch_renormalized", (4, 5), "BatchNormalization", renorm=True, on=KERAS_2, about=dict(tolerance=FLOAT32, containers=EVERY))
layer("batch_renormalized_bare", (3, 4, 5), "BatchNormalization", renorm=True, center=False, scale=False, axis=1, on=KERAS_2,
      about=dict(tolerance=FLOAT32))
add("batch_of_several_devices", lambda k: chain(
    k, (6, 5, 3), k.layers.Conv2D(4, 3), k.layers.experimental.SyncBatchNormalization(epsilon=0.01)), on=KERAS_2,
    containers=EVERY, tolerance=FLOAT32)
layer("batch_axes_list", (3, 4, 5), "BatchNormalization", axis=[1, 3], on=KERAS_2, about=dict(tolerance=FLOAT32))
add("batch_between_convolutions", lambda k: chain(
    k, (6, 5, 3), k.layers.Conv2D(4, 3, use_bias=False), k.layers.BatchNormalization(), k.layers.Activation("relu"),
    k.layers.Conv2D(3, 2)), containers=EVERY, layers=True)

for shape, options in (
    ((6,), {}), ((4, 6), {}), ((3, 4, 6), {}), ((4, 6), dict(axis=1)), ((3, 4, 6), dict(axis=[1, 2])),
    ((3, 4, 6), dict(axis=[2, 3])), ((3, 4, 6), dict(axis=[1, 2, 3])), ((3, 4, 6), dict(axis=[1, 3])), ((3, 4, 6), dict(axis=[3, 1])),
    ((4, 6), dict(center=False)), ((4, 6), dict(scale=False)), ((4, 6), dict(scale=False, center=False)),
    ((4, 6), dict(epsilon=0.3)), ((3, 4, 6), dict(axis=-2)),
):
    label = "_".join(f"{key}_{value}" for key, value in options.items()) or "plain"
    label = label.replace("[", "").replace("]", "").replace(", ", "_")
    layer(f"layer_rank{len(shape) + 1}_{label}", shape, "LayerNormalization", **options,
          about=dict(impossible=LAST_AXIS_ONLY if isinstance(options.get("axis"), list) else {}))
layer("layer_rms", (4, 6), "LayerNormalization", rms_scaling=True, on=KERAS_3)
layer("layer_rms_axis_1", (4, 6), "LayerNormalization", rms_scaling=True, axis=1, on=KERAS_3)

for shape, groups, options in (
    ((8,), 2, {}), ((5, 8), 4, {}), ((3, 4, 8), 2, {}), ((3, 4, 8), 8, {}), ((3, 4, 8), 1, {}), ((3, 4, 8), -1, {}),
    ((8, 5), 2, dict(axis=1)), ((4, 3, 5), 2, dict(axis=1)), ((3, 4, 5), 2, dict(axis=2)), ((3, 4, 5), 2, dict(axis=-2)),
    ((5, 8), 2, dict(scale=False)), ((5, 8), 2, dict(center=False)), ((5, 8), 2, dict(epsilon=0.2)), ((2, 3, 2, 6), 3, {}),
):
    label = "_".join(f"{key}_{value}" for key, value in options.items()) or "plain"
    layer(f"group{groups}_rank{len(shape) + 1}_{label}", shape, "GroupNormalization", groups=groups, **options)

for shape, axis in (((6,), -1), ((4, 6), 1), ((3, 4, 6), (1, 2)), ((3, 4, 6), -1), ((3, 4, 6), [1, 3])):
    label = "_".join(map(str, axis)) if isinstance(axis, (list, tuple)) else str(axis)
    layer(f"unit_rank{len(shape) + 1}_axis_{label}", shape, "UnitNormalization", axis=axis,
          about=dict(impossible=LAST_AXIS_ONLY if isinstance(axis, (list, tuple)) else {}))
add("unit_of_zeros", lambda k: chain(k, (6,), k.layers.ReLU(threshold=100.0), k.layers.UnitNormalization()))
for shape, options in (((6,), {}), ((4, 6), {}), ((4, 6), dict(epsilon=0.3)), ((3, 4, 6), dict(axis=[2, 3]))):
    label = "_".join(f"{key}_{value}" for key, value in options.items()) or "plain"
    label = label.replace("[", "").replace("]", "").replace(", ", "_")
    layer(f"rms_rank{len(shape) + 1}_{label}", shape, "RMSNormalization", **options, on=KERAS_3,
          about=dict(impossible=LAST_AXIS_ONLY if "axis" in options else {}))

# tf_keras 2.21 does not find this class of its own when it reads a model.
add("spectral_dense", lambda k: chain(k, (6,), k.layers.SpectralNormalization(k.layers.Dense(4))), on=KERAS_3)
add("spectral_conv", lambda k: chain(
    k, (6, 5, 3), k.layers.SpectralNormalization(k.layers.Conv2D(4, 3, activation="relu"), power_iterations=2)), on=KERAS_3)
# The answer is cast to the type of the input: whole numbers come out, cut off.
add("spectral_embedding_of_integers", lambda k: chain(
    k, (4,), k.layers.SpectralNormalization(k.layers.Embedding(7, 3)), dtype="int32"), on=KERAS_3)
add("spectral_embedding", lambda k: chain(k, (4,), k.layers.SpectralNormalization(k.layers.Embedding(7, 3))),
    on=KERAS_3, feed=lambda random: [random.integers(0, 7, (2, 4)).astype("float32")])
