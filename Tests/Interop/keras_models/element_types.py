"""In which type of numbers functions outside layers compute: that of what they are given, not that of any layer."""

import numpy as np

from .case import BFLOAT, HALF, KERAS_2, KERAS_3, Family

models = Family(__name__, keras_3_impossible={
    "h5": "Keras 3 doesn't find the classes of keras.ops when it reads an .h5"})

SHAPE = (3, 4)


def of(function):
    def build(k):
        start = k.Input(SHAPE)
        return k.Model(start, function(k, start))
    return build


def half(k, x):
    return k.layers.Dense(4, dtype="float16")(x)


def brain(k, x):
    return k.layers.Dense(4, dtype="bfloat16")(x)


def nested(k, x, dtype, function):
    start = k.Input(SHAPE, dtype=dtype)
    return k.Model(start, function(start))(x)


def shown(value):
    """What is left of a value when a large number was added in between: of 16 bits, steps of 2 or 16."""
    return (value + 4000.7) - 4000


for name, function in {
    "half_plus_number": lambda k, x: shown(half(k, x)), "half_times_number": lambda k, x: half(k, x) * 3.14159,
    "number_minus_half": lambda k, x: 3000 - (3000.3 - half(k, x)), "half_by_number": lambda k, x: half(k, x) / 3,
    "half_sliced": lambda k, x: shown(half(k, x)[:, 1]), "half_behind_float32": lambda k, x: shown(k.layers.ReLU()(half(k, x))),
    "half_dropout": lambda k, x: shown(k.layers.Dropout(0.3, dtype="float16")(x)),
    "sum_of_both": lambda k, x: shown(k.layers.Add()([half(k, x), brain(k, x)])),
    "half_model": lambda k, x: nested(k, x, "float16", shown),
    "float32_model": lambda k, x: nested(k, half(k, x), "float32", shown),
}.items():
    models.add(name, of(function), tolerance=BFLOAT if "both" in name else HALF)


def whole(k, x):
    if hasattr(k, "ops"):
        return k.ops.cast(x * 7, "int32")
    import tensorflow as tf
    return tf.cast(x * 7, "int32")


for name, function in {
    "whole_model": lambda k, x: nested(k, x * 7, "int32", lambda y: y * 2), "whole_halves": lambda k, x: whole(k, x) / 2,
    "whole_average_layer": lambda k, x: k.layers.Average()([whole(k, x), whole(k, x) + 1]),
    "whole_pooled": lambda k, x: k.layers.GlobalAveragePooling1D()(whole(k, x)),
    "whole_relu_pooled": lambda k, x: k.layers.GlobalAveragePooling1D()(k.layers.ReLU()(whole(k, x))),
    "whole_dense": lambda k, x: k.layers.Dense(2)(whole(k, x)), "whole_floor": lambda k, x: whole(k, x) // 2,
    "whole_rest": lambda k, x: whole(k, x) % 3,
}.items():
    models.add(name, of(function))


def tf_mean(make, **options):
    def build(k):
        import tensorflow as tf
        start = k.Input(SHAPE)
        return k.Model(start, tf.reduce_mean(make(k, tf, whole(k, start), start), **options))
    return build


for name, make in {
    "plain": lambda k, tf, x, _: x, "reshaped": lambda k, tf, x, _: k.layers.Reshape((2, 6))(x), "sliced": lambda k, tf, x, _: x[:, 1:],
    "added": lambda k, tf, x, _: k.layers.Add()([x, x]), "where": lambda k, tf, x, start: tf.where(start > 0, 1, 2),
    "joined": lambda k, tf, x, _: tf.concat([x, x], axis=1), "of_truths": lambda k, tf, x, _: tf.cast(x > 0, "int64"),
    "distributed": lambda k, tf, x, _: k.layers.TimeDistributed(k.layers.Reshape((2, 2)))(x),
}.items():
    models.add(f"tf_mean_{name}", tf_mean(make, axis=1), KERAS_2)
models.add("tf_mean_all", tf_mean(lambda k, tf, x, _: x, axis=[1, 2]), KERAS_2)
models.add("tf_mean_kept", tf_mean(lambda k, tf, x, _: x, axis=-1, keepdims=True), KERAS_2)

for name, function in {
    "array_float32": lambda k, x: k.ops.add(half(k, x), np.full(4, 4000.7, "f4")) - 4000,
    "array_float16": lambda k, x: k.ops.add(half(k, x), np.full(4, 4000.7, "f2")) - 4000,
    "half_and_float32": lambda k, x: shown(half(k, x) + x), "half_and_brain": lambda k, x: shown(half(k, x) + brain(k, x)),
    "cast_to_half": lambda k, x: shown(k.ops.cast(x, "float16")), "cast_to_brain": lambda k, x: shown(k.ops.cast(x, "bfloat16")),
    "half_variance": lambda k, x: k.ops.var(half(k, x), axis=1), "half_rest": lambda k, x: k.ops.mod(half(k, x), 2),
    "half_and_whole": lambda k, x: shown(half(k, x) + whole(k, x)), "whole_mean": lambda k, x: k.ops.mean(whole(k, x), axis=1),
    "whole_plus_half": lambda k, x: whole(k, x) + 0.5, "truths_summed": lambda k, x: k.ops.sum(x > 0, axis=1),
    "truths_times_number": lambda k, x: (x < 0.2) * 0.5, "chosen_numbers": lambda k, x: k.ops.where(x > 0, 1.5, 0.1),
    "chosen_whole": lambda k, x: k.ops.where(x > 0, 1, 2) / 3,
}.items():
    models.add(f"ops_{name}", of(function), KERAS_3, tolerance=BFLOAT if "brain" in name else HALF)


# Wrappers and the layers in them, where both say their type.
models.add("distributed_half_in_float32", of(lambda k, x: k.layers.TimeDistributed(k.layers.Dense(2, dtype="float16"))(x)), tolerance=HALF)
models.add("distributed_float32_in_half", of(lambda k, x: k.layers.TimeDistributed(k.layers.Dense(2), dtype="float16")(x)))
models.add("both_ways_half_in_float32", of(
    lambda k, x: k.layers.Bidirectional(k.layers.LSTM(2, dtype="float16", recurrent_initializer="glorot_uniform"))(x)), tolerance=HALF)


def bytes_below_zero(k):
    x = k.Input((3,), dtype="uint8")
    return k.Model(x, k.ops.cast(k.ops.clip(x, -1, 2), "float32"))


# Keras makes 255 of -1.
models.add("clipped_bytes", bytes_below_zero, KERAS_3, feed=lambda random: [np.array([[0, 5, 250]], np.uint8)])


def of_infinities(k, last):
    x = k.Input((3,))
    return k.Model(x, last(k)(x))


# Nothing of infinity is not a number.
for label, last in {"relu": lambda k: k.layers.Activation("relu"), "relu6": lambda k: k.layers.ReLU(6.0), "hard": lambda k: k.layers.Activation("hard_sigmoid")}.items():
    models.add(f"infinities_{label}", lambda k, last=last: of_infinities(k, last), feed=lambda random: [
        np.array([[np.inf, 1, -1], [-np.inf, 0.5, 7]], np.float32)])
