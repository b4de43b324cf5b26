"""Embedding, and what it is fed with."""

from .case import BATCH, KERAS_3, Family, chain, integers, stack

models = Family(__name__)
add = models.add

for dtype in ("int32", "int64", "uint8", "float32"):
    add(f"of_{dtype}", lambda k, dtype=dtype: chain(k, (4,), k.layers.Embedding(9, 3), dtype=dtype), feed=integers(9, 4))
add("rank2", lambda k: chain(k, (), k.layers.Embedding(9, 3), dtype="int32"), feed=integers(9))
add("rank4", lambda k: chain(k, (2, 3), k.layers.Embedding(9, 3), dtype="int32"), feed=integers(9, 2, 3))
add("of_unknown_length", lambda k: chain(k, (None,), k.layers.Embedding(9, 3), dtype="int32"), feed=integers(9, 5))
add("sequential", lambda k: stack(
    k, (4,), k.layers.Embedding(9, 3), k.layers.Flatten(), k.layers.Dense(2)), feed=integers(9, 4))
add("of_fractions", lambda k: chain(k, (4,), k.layers.Embedding(9, 3)),
    feed=lambda random: [random.uniform(0, 8.99, (BATCH, 4)).astype("float32")])
add("lora", lambda k: chain(k, (4,), k.layers.Embedding(9, 3, lora_rank=2), dtype="int32"), on=KERAS_3, feed=integers(9, 4))
add("reversible", lambda k: chain(k, (4,), k.layers.ReversibleEmbedding(9, 3), dtype="int32"), on=KERAS_3, feed=integers(9, 4))


def reversed_embedding(tie, cap=None):
    def build(k):
        start = k.Input((4,), dtype="int32")
        embedding = k.layers.ReversibleEmbedding(9, 3, tie_weights=tie, logit_soft_cap=cap)
        hidden = k.layers.Dense(3, activation="tanh")(embedding(start))
        return k.Model(start, embedding(hidden, reverse=True))
    return build


add("reversed_tied", reversed_embedding(True), on=KERAS_3, feed=integers(9, 4))
add("reversed_untied", reversed_embedding(False), on=KERAS_3, feed=integers(9, 4))
add("reversed_capped", reversed_embedding(True, 0.8), on=KERAS_3, feed=integers(9, 4))


def factorization(k):
    user, item = k.Input((1,), dtype="int32"), k.Input((1,), dtype="int32")
    embedded = [k.layers.Flatten()(k.layers.Embedding(9, 4)(x)) for x in (user, item)]
    return k.Model([user, item], k.layers.Dense(1, activation="sigmoid")(k.layers.Dot(axes=1)(embedded)))


add("factorization", factorization, feed=lambda random: integers(9, 1)(random) + integers(9, 1)(random))
