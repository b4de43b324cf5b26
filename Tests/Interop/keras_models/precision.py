"""Policies of precision, and weights quantized to int8."""

import numpy as np

from .case import BFLOAT, BOTH, FLOAT32, HALF, KERAS_2, KERAS_3, QUANTIZED, Family, chain, integers

models = Family(__name__)


NO_BFLOAT = {KERAS_2: dict.fromkeys(("h5", "keras"), "h5py reads bfloat16 as bytes"), KERAS_3: {"h5": "h5py reads bfloat16 as bytes"}}


def under(policy, build):
    def made(k):
        setting = k.config.set_dtype_policy if hasattr(k, "config") else k.mixed_precision.set_global_policy
        setting(policy)
        try:
            return build(k)
        finally:
            setting("float32")
    return made


def convolutional(k):
    return chain(k, (6, 5, 3), k.layers.Conv2D(4, 3), k.layers.BatchNormalization(), k.layers.ReLU(),
                 k.layers.GlobalAveragePooling2D(), k.layers.Dense(3, activation="softmax", dtype="float32"))


def recurrent(k):
    return chain(k, (5,), k.layers.Embedding(7, 4), k.layers.LSTM(4, recurrent_initializer="glorot_uniform"), k.layers.Dense(3), dtype="int32")


def attentive(k):
    start = k.Input((4, 6))
    return k.Model(start, k.layers.MultiHeadAttention(2, 3)(start, start))


for policy, tolerance in (("mixed_float16", HALF), ("mixed_bfloat16", BFLOAT), ("float16", HALF), ("bfloat16", BFLOAT), ("float64", FLOAT32)):
    for label, build, feed in (
        ("dense", lambda k: chain(k, (6,), k.layers.Dense(5, activation="relu"), k.layers.Dense(3)), None),
        ("convolutional", convolutional, None), ("recurrent", recurrent, integers(7, 5)), ("attention", attentive, None),
        ("normalization", lambda k: chain(k, (4, 6), k.layers.LayerNormalization(), k.layers.Dense(3)), None),
    ):
        models.add(f"{policy}_{label}", under(policy, build), BOTH, feed=feed, tolerance=tolerance,
                   impossible=NO_BFLOAT if policy == "bfloat16" else {})
# Keras 2 rounds at every step, where a deviation that is small beside the mean loses most of its bits.
for dtype, tolerance in (("float16", HALF / 4), ("bfloat16", BFLOAT / 4)):
    models.add(f"groups_{dtype}", lambda k, dtype=dtype: chain(k, (3, 32), k.layers.GroupNormalization(16, dtype=dtype)), KERAS_2,
               feed=lambda random: [(1.5 + random.normal(0, 0.05, (2, 3, 32))).astype(np.float32)], tolerance=tolerance,
               impossible=NO_BFLOAT if dtype == "bfloat16" else {})
models.add("one_layer_float16", lambda k: chain(
    k, (6,), k.layers.Dense(5, dtype="float16"), k.layers.Dense(3)), tolerance=HALF)
models.add("one_layer_float64", lambda k: chain(k, (6,), k.layers.Dense(5, dtype="float64"), k.layers.Dense(3)))


def quantize(mode):
    return lambda model, k: model.quantize(mode)


for label, build, feed in (
    ("dense", lambda k: chain(k, (6,), k.layers.Dense(5)), None),
    ("dense_no_bias", lambda k: chain(k, (6,), k.layers.Dense(5, use_bias=False)), None),
    ("dense_activation", lambda k: chain(k, (3, 6), k.layers.Dense(5, activation="relu")), None),
    ("mlp", lambda k: chain(k, (6,), k.layers.Dense(8, activation="relu"), k.layers.Dense(3, activation="softmax")), None),
    ("einsum", lambda k: chain(k, (3, 6), k.layers.EinsumDense("abc,cd->abd", (None, 5), bias_axes="d")), None),
    ("einsum_two", lambda k: chain(k, (3, 6), k.layers.EinsumDense("abc,cde->abde", (None, 2, 4), bias_axes="de")), None),
    ("einsum_reduces_two", lambda k: chain(k, (3, 2, 4), k.layers.EinsumDense("abcd,cde->abe", (None, 5))), None),
    ("embedding", lambda k: chain(k, (5,), k.layers.Embedding(7, 4), dtype="int32"), integers(7, 5)),
    ("embedding_dense", lambda k: chain(k, (5,), k.layers.Embedding(7, 4), k.layers.Dense(3), dtype="int32"), integers(7, 5)),
    ("reversible_embedding", lambda k: chain(k, (5,), k.layers.ReversibleEmbedding(7, 4), dtype="int32"), integers(7, 5)),
    ("convolutional", lambda k: chain(k, (6, 5, 3), k.layers.Conv2D(4, 3), k.layers.Flatten(), k.layers.Dense(3)), None),
):
    models.add(f"int8_{label}", build, KERAS_3, feed=feed, finish=quantize("int8"), tolerance=QUANTIZED)
# An Embedding has no way to be stored in float8; it keeps the wish in its configuration, and is as it was.
models.add("float8_embedding", lambda k: chain(k, (4,), k.layers.Embedding(9, 3), dtype="int32"), KERAS_3,
           feed=integers(9, 4), finish=quantize("float8"))
for mode in ("int4", "float8"):
    models.add(f"{mode}_dense", lambda k: chain(k, (6,), k.layers.Dense(5)), KERAS_3, finish=quantize(mode), tolerance=QUANTIZED,
               impossible={KERAS_3: {"h5": "Keras 3 reads the weights back in another order"}} if mode == "float8" else {})
