"""Preprocessing that computes something definite, and layers that do nothing at inference."""

import numpy as np

from .case import BATCH, KERAS_2, KERAS_3, Family, chain, integers, numbers

models = Family(__name__)
add, layer = models.add, models.layer
ONE_AXIS_ONLY = {KERAS_3: {"h5": "Keras 3 reads any axes but one back as the last"}}

layer("rescaling", (3, 4), "Rescaling", 1 / 127.5, offset=-1)
layer("rescaling_without_offset", (3, 4), "Rescaling", 0.25)
layer("rescaling_lists", (3, 4, 3), "Rescaling", [0.5, 2.0, 3.0], offset=[1.0, 0.0, -1.0])
layer("rescaling_list_of_scales", (3, 4, 3), "Rescaling", [0.5, 2.0, 3.0])
layer("rescaling_nested_lists", (2, 3), "Rescaling", [[0.5], [2.0]], offset=[[1.0, 2.0, 3.0]], on=KERAS_2)
add("rescaling_of_bytes", lambda k: chain(k, (3, 4), k.layers.Rescaling(1 / 255), dtype="uint8"), feed=lambda random: [
    random.integers(0, 256, (BATCH, 3, 4)).astype(np.uint8)])

for shape, options in (
    ((4,), dict(mean=[1.0, 2.0, 0.0, -1.0], variance=[0.5, 1.0, 2.0, 4.0])), ((4,), dict(mean=0.5, variance=2.0, axis=None)),
    ((3, 4), dict(axis=1, mean=[1.0, 2.0, 0.0], variance=[0.5, 1.0, 2.0])), ((4,), dict(mean=[1.0] * 4, variance=[0.0, 1.0, 1e-20, 4.0])),
    ((2, 3), dict(axis=(1, 2), mean=[[1.0, 2.0, 0.0], [0.5, 0.25, 1.0]], variance=[[0.5, 1.0, 2.0], [3.0, 0.1, 1.0]])),
):
    for invert in (False, True):
        label = f"{len(shape) + 1}_axis_{options.get('axis', -1)}_variance_{np.ravel(options['variance'])[0]}".replace("(", "").replace(")", "").replace(", ", "_")
        layer(f"normalization_rank{label}" + "_inverted" * invert, shape, "Normalization", invert=invert, **options,
              about=dict(impossible=ONE_AXIS_ONLY if isinstance(options.get("axis"), tuple) else {}))


def adapted(axis, shape, invert=False):
    def build(k):
        normalization = k.layers.Normalization(axis=axis, invert=invert)
        normalization.adapt(np.random.default_rng(5).normal(2, 3, (20, *shape)).astype(np.float32))
        return chain(k, shape, normalization, k.layers.Dense(3))
    return build


for axis, shape in ((-1, (4,)), (-1, (2, 3, 4)), (1, (2, 3)), (None, (3,)), ((1, 2), (2, 3))):
    add(f"normalization_adapted_rank{len(shape) + 1}_axis_{str(axis).replace(', ', '_').strip('()')}", adapted(axis, shape),
        impossible=ONE_AXIS_ONLY if axis is None or isinstance(axis, tuple) else {})
add("normalization_adapted_inverted", adapted(-1, (4,), invert=True))

for mode in ("one_hot", "multi_hot", "count"):
    shapes = {"one_hot": ((1,),), "multi_hot": ((4,), (1,)), "count": ((4,), (1,))}[mode]
    for shape in shapes:
        add(f"category_{mode}_of_{shape[0]}", lambda k, mode=mode, shape=shape: chain(
            k, shape, k.layers.CategoryEncoding(num_tokens=6, output_mode=mode), dtype="int32"), feed=integers(6, *shape))
add("category_one_hot_of_scalars", lambda k: chain(
    k, (), k.layers.CategoryEncoding(num_tokens=6, output_mode="one_hot"), dtype="int32"), feed=integers(6))


def weighted_count(k):
    start, weights = k.Input((4,), dtype="int32"), k.Input((4,))
    encoded = k.layers.CategoryEncoding(num_tokens=6, output_mode="count")(start, count_weights=weights)
    return k.Model([start, weights], encoded)


add("category_weighted_count", weighted_count, feed=lambda random: integers(6, 4)(random) + numbers((4,))(random))

BOUNDARIES = [-1.0, 0.0, 0.5, 2.0]
add("discretization_int", lambda k: chain(k, (5,), k.layers.Discretization(bin_boundaries=BOUNDARIES)))
add("discretization_at_boundaries", lambda k: chain(k, (4,), k.layers.Discretization(bin_boundaries=BOUNDARIES)), feed=lambda random: [
    np.array([BOUNDARIES, [-1.001, -0.0, 0.49999, 1e9]], np.float32)])
for mode, shape in (("one_hot", (1,)), ("multi_hot", (5,)), ("count", (5,))):
    add(f"discretization_{mode}", lambda k, mode=mode, shape=shape: chain(
        k, shape, k.layers.Discretization(bin_boundaries=BOUNDARIES, output_mode=mode)))
add("discretization_embedded", lambda k: chain(
    k, (5,), k.layers.Discretization(bin_boundaries=BOUNDARIES), k.layers.Embedding(5, 3)))



def adapted_intervals(shape, **options):
    def build(k):
        intervals = k.layers.Discretization(num_bins=4, **options)
        intervals.adapt(np.random.default_rng(5).normal(0, 1, (50, 1)).astype(np.float32))
        return chain(k, shape, intervals)
    return build


add("discretization_adapted", adapted_intervals((5,)))
add("discretization_adapted_one_hot", adapted_intervals((1,), output_mode="one_hot"))

for way in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
    for size in ((4, 9), (9, 4), (10, 12), (5, 6), (3, 3)):
        layer(f"resizing_{way}_{size[0]}x{size[1]}", (5, 6, 2), "Resizing", *size, interpolation=way)
for way in ("area", "gaussian", "mitchellcubic"):
    layer(f"resizing_{way}", (5, 6, 2), "Resizing", 4, 9, interpolation=way, on=KERAS_2)
for size in ((4, 4), (3, 8), (9, 4)):
    layer(f"resizing_crops_to_{size[0]}x{size[1]}", (5, 7, 2), "Resizing", *size, crop_to_aspect_ratio=True)
    layer(f"resizing_pads_to_{size[0]}x{size[1]}", (5, 7, 2), "Resizing", *size, pad_to_aspect_ratio=True, fill_value=0.5, on=KERAS_3)
    layer(f"resizing_antialias_{size[0]}x{size[1]}", (8, 7, 2), "Resizing", *size, antialias=True, on=KERAS_3)
layer("resizing_antialias_bicubic", (8, 7, 2), "Resizing", 3, 4, antialias=True, interpolation="bicubic", on=KERAS_3)
layer("resizing_channels_first", (2, 5, 6), "Resizing", 4, 9, data_format="channels_first", on=KERAS_3)
for size in ((3, 4), (4, 3), (5, 6), (2, 5)):
    layer(f"center_crop_{size[0]}x{size[1]}", (5, 6, 2), "CenterCrop", *size)
# Where the picture is smaller than the crop it is resized first.
layer("center_crop_larger", (5, 6, 2), "CenterCrop", 7, 4)
layer("center_crop_channels_first", (2, 5, 6), "CenterCrop", 3, 4, data_format="channels_first", on=KERAS_3)

NOT_IN_H5 = ("RandomBrightness RandomSaturation RandomSharpness RandomPosterization RandomColorDegeneration "
             "Solarization").split()
VECTOR, PICTURE = (3, 4), (5, 6, 3)
for name, shape, options, on in (
    ("Dropout", VECTOR, dict(rate=0.5), None), ("SpatialDropout1D", VECTOR, dict(rate=0.5), None),
    ("SpatialDropout2D", PICTURE, dict(rate=0.5), None), ("SpatialDropout3D", (2, 3, 2, 3), dict(rate=0.5), None),
    ("GaussianDropout", VECTOR, dict(rate=0.5), None), ("GaussianNoise", VECTOR, dict(stddev=0.5), None),
    ("AlphaDropout", VECTOR, dict(rate=0.5), None), ("ActivityRegularization", VECTOR, dict(l1=0.1, l2=0.1), None),
    ("Identity", VECTOR, {}, None), ("RandomFlip", PICTURE, {}, None), ("RandomRotation", PICTURE, dict(factor=0.2), None),
    ("RandomZoom", PICTURE, dict(height_factor=0.2), None), ("RandomContrast", PICTURE, dict(factor=0.2), None),
    ("RandomTranslation", PICTURE, dict(height_factor=0.2, width_factor=0.2), None), ("RandomBrightness", PICTURE, dict(factor=0.2), None),
    # At inference this crops at the centre, after resizing where the sides don't fit.
    ("RandomCrop", PICTURE, dict(height=3, width=4), None), ("RandomHeight", PICTURE, dict(factor=0.2), KERAS_2),
    ("RandomWidth", PICTURE, dict(factor=0.2), KERAS_2), ("RandomErasing", PICTURE, {}, KERAS_3),
    ("RandomGrayscale", PICTURE, {}, KERAS_3), ("RandomHue", PICTURE, dict(factor=0.2), KERAS_3), ("RandomInvert", PICTURE, {}, KERAS_3),
    ("RandomSaturation", PICTURE, dict(factor=0.2), KERAS_3), ("RandomSharpness", PICTURE, dict(factor=0.2), KERAS_3),
    ("RandomPosterization", PICTURE, dict(factor=4), KERAS_3), ("RandomPerspective", PICTURE, {}, KERAS_3), ("RandomGaussianBlur", PICTURE, {}, KERAS_3),
    ("RandomElasticTransform", PICTURE, {}, KERAS_3), ("RandomColorJitter", PICTURE, dict(brightness_factor=0.2), KERAS_3),
    ("RandomColorDegeneration", PICTURE, dict(factor=0.2), KERAS_3), ("Solarization", PICTURE, {}, KERAS_3), ("AutoContrast", PICTURE, {}, KERAS_3),
    ("AugMix", PICTURE, {}, KERAS_3), ("RandAugment", PICTURE, {}, KERAS_3), ("MixUp", PICTURE, {}, KERAS_3),
    ("CutMix", PICTURE, {}, KERAS_3), ("ContrastLimitedAdaptiveHistogramEqualization", (16, 16, 3), {}, KERAS_3),
):
    chosen = (KERAS_2, KERAS_3) if on is None else on
    layer(f"at_inference_{name}", shape, name, **options, on=chosen, about=dict(
        feed=numbers(shape, low=0, high=255) if shape is PICTURE or shape[0] == 16 else None,
        impossible={KERAS_3: {"h5": "Keras 3 fails to copy the config"}} if name in NOT_IN_H5 else {}))
layer("random_crop_wide", (6, 12, 3), "RandomCrop", height=4, width=3)
layer("random_crop_tall", (12, 6, 3), "RandomCrop", height=4, width=5)
layer("random_crop_larger", (5, 6, 3), "RandomCrop", height=7, width=4)

# Windows come from scipy, which Keras does without where there is none to fetch.
for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft"):
    layer(f"stft_{mode}", (64, 1), "STFTSpectrogram", mode=mode, frame_length=16, frame_step=8, fft_length=32,
          padding="same", window=None, on=KERAS_3)
layer("mel_spectrogram", (400,), "MelSpectrogram", fft_length=64, sequence_stride=32, num_mel_bins=8, sampling_rate=8000, on=KERAS_3)
add("pipeline", lambda k: chain(
    k, (5, 6, 3), k.layers.Pipeline([k.layers.Rescaling(0.5), k.layers.CenterCrop(3, 4)])), on=KERAS_3)
