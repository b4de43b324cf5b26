"""Attention: of several heads, grouped, by dot products and by sums."""

import numpy as np

from .case import BATCH, KERAS_2, KERAS_3, Family

models = Family(__name__)
OPS_NOT_IN_H5 = {KERAS_3: {"h5": "Keras 3 doesn't find the classes of keras.ops when it reads an .h5"}}
add = models.add

KEPT = np.array([[1, 1, 0, 1, 0], [1, 0, 0, 1, 1]], bool)
PAIRS = np.array([[[1, 1, 0, 1, 0]] * 4, [[1, 0, 0, 0, 1]] * 4], bool)
PAIRS[0, 1], PAIRS[1, 2] = [0, 1, 1, 1, 0], [1, 1, 1, 1, 1]
# The same with a step that sees nothing.
UNSEEN = PAIRS.copy()
UNSEEN[0, 2] = UNSEEN[1, 0] = 0


def called(make, shapes=((4, 6), (5, 6)), order="qv", mask=None, **arguments):
    """A model that calls make(k) with inputs `q`, `v`, `k`, in the given order, and a mask of a given kind."""
    def build(k):
        inputs = [k.Input(shape) for shape in shapes]
        by_letter = dict(zip(order, inputs))
        given = {"query": by_letter["q"], "value": by_letter.get("v", by_letter["q"])}
        if "k" in by_letter:
            given["key"] = by_letter["k"]
        if mask is not None:
            masks = [k.Input(array.shape[1:], dtype="bool") for array in mask.values()]
            given |= dict(zip(mask, masks))
            inputs = inputs + masks
        outputs = make(k)(**given, **arguments)
        return k.Model(inputs, outputs)

    def feed(random):
        arrays = [random.normal(0.1, 1, (BATCH, *shape)).astype(np.float32) for shape in shapes]
        return arrays + list((mask or {}).values())
    return dict(build=build, feed=feed)


def multi(**options):
    return lambda k: k.layers.MultiHeadAttention(**{"num_heads": 2, "key_dim": 3} | options)


def grouped(**options):
    return lambda k: k.layers.GroupQueryAttention(**{"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2} | options)


SELF, KEYED = dict(shapes=((5, 6),), order="q"), dict(shapes=((4, 6), (5, 7), (5, 8)), order="qvk")
for label, make in {"multi": multi, "grouped": grouped}.items():
    on = (KERAS_2, KERAS_3) if label == "multi" else KERAS_3
    add(f"{label}_cross", **called(make()), on=on)
    add(f"{label}_self", **called(make(), **SELF), on=on)
    add(f"{label}_own_key", **called(make(), **(KEYED if label == "multi" else dict(shapes=((4, 6), (5, 6), (5, 6)), order="qvk"))), on=on)
    add(f"{label}_no_bias", **called(make(use_bias=False)), on=on)
    add(f"{label}_dropout", **called(make(dropout=0.3)), on=on)
    add(f"{label}_causal", **called(make(), **SELF, use_causal_mask=True), on=on)
    add(f"{label}_causal_cross", **called(make(), use_causal_mask=True), on=on)
    add(f"{label}_attention_mask", **called(make(), mask=dict(attention_mask=PAIRS)), on=on)
    add(f"{label}_sees_nothing", **called(make(), mask=dict(attention_mask=UNSEEN)), on=on)
    add(f"{label}_sees_nothing_scores", **called(make(), mask=dict(attention_mask=UNSEEN), return_attention_scores=True), on=on)
    add(f"{label}_sees_nothing_dropout", **called(make(dropout=0.3), mask=dict(attention_mask=UNSEEN)), on=on)
    add(f"{label}_attention_mask_and_causal", **called(make(), mask=dict(attention_mask=PAIRS), use_causal_mask=True), on=on)
    add(f"{label}_scores", **called(make(), return_attention_scores=True), on=on)
    add(f"{label}_scores_masked", **called(make(), mask=dict(attention_mask=PAIRS), return_attention_scores=True), on=on)
    add(f"{label}_explicit_masks", **called(make(), mask=dict(
        query_mask=np.array([[1, 1, 0, 1], [1, 0, 1, 1]], bool), value_mask=KEPT)), on=KERAS_3)
    add(f"{label}_explicit_key_mask", **called(make(), mask=dict(key_mask=KEPT)), on=KERAS_3)
    add(f"{label}_of_unknown_length", **called(make(), shapes=((4, 6), (5, 6))), on=on)

    def implicit_masks(k, make=make):
        query, value = k.Input((4,)), k.Input((5,))
        embedding = k.layers.Embedding(6, 6, mask_zero=True)
        return k.Model([query, value], k.layers.LSTM(3)(make()(k)(embedding(query), embedding(value))))
    add(f"{label}_implicit_masks", implicit_masks, on=on, impossible=OPS_NOT_IN_H5, feed=lambda random: [
        np.array([[1, 2, 0, 0], [3, 0, 5, 1]], np.float32), KEPT * np.array([[1, 2, 3, 4, 5]], np.float32)])

    def implicit_masks_self(k, make=make):
        tokens = k.Input((5,))
        x = k.layers.Embedding(6, 6, mask_zero=True)(tokens)
        return k.Model(tokens, k.layers.GlobalAveragePooling1D()(make()(k)(x, x, use_causal_mask=True)))
    add(f"{label}_implicit_masks_self_causal", implicit_masks_self, on=on, impossible=OPS_NOT_IN_H5, feed=lambda random: [
        KEPT * np.array([[1, 2, 3, 4, 5]], np.float32)])
add("multi_value_dim", **called(multi(value_dim=5)))
add("multi_output_shape", **called(multi(output_shape=4)))
add("multi_output_shape_of_two", **called(multi(output_shape=(2, 3))))
add("multi_one_head", **called(multi(num_heads=1)))


def scores_used(k, make, listed=False):
    """A layer behind the scores, whose shape has to be known for its weights. Keras 3 takes it for square."""
    query, value = k.Input((4, 6)), k.Input((4, 6))
    given = [[query, value]] if listed else [query, value]
    result, scores = make(k)(*given, return_attention_scores=True)
    return k.Model([query, value], [k.layers.Dense(2)(result), k.layers.Dense(3)(scores)])


add("multi_scores_used", lambda k: scores_used(k, multi()))
add("grouped_scores_used", lambda k: scores_used(k, grouped()), on=KERAS_3)
for axes in ((1,), (2,), (1, 2)):
    label = "_".join(map(str, axes))
    add(f"multi_axes_{label}", **called(multi(attention_axes=axes), shapes=((3, 4, 6),), order="q"))
    add(f"multi_axes_{label}_scores", **called(
        multi(attention_axes=axes), shapes=((3, 4, 6),), order="q", return_attention_scores=True))
add("multi_axes_negative", **called(multi(attention_axes=(-2,)), shapes=((3, 4, 6),), order="q"))
add("multi_axes_2_cross", **called(multi(attention_axes=(2,)), shapes=((3, 4, 6), (3, 5, 6))))
add("multi_images", **called(multi(), shapes=((3, 4, 6),), order="q"))
add("multi_sliding_window", **called(multi(sliding_window=2), **SELF), on=KERAS_3)
add("multi_sliding_window_causal", **called(multi(sliding_window=2), **SELF, use_causal_mask=True), on=KERAS_3)
add("multi_gate", **called(multi(use_gate=True)), on=KERAS_3)
add("multi_flash_off", **called(multi(flash_attention=False)), on=KERAS_3)
add("multi_robust_softmax", **called(multi(softmax_robust_masking=True), mask=dict(attention_mask=PAIRS)), on=KERAS_2)
add("grouped_one_group", **called(grouped(num_key_value_heads=1)), on=KERAS_3)
add("grouped_as_many", **called(grouped(num_key_value_heads=4)), on=KERAS_3)
add("grouped_gate", **called(grouped(use_gate=True)), on=KERAS_3)
add("grouped_sliding_window", **called(grouped(sliding_window=2), **SELF), on=KERAS_3)


def transformer(k):
    x = start = k.Input((5,))
    x = k.layers.Embedding(9, 6)(x)
    y = k.layers.LayerNormalization(epsilon=1e-5)(x)
    x = k.layers.Add()([x, k.layers.MultiHeadAttention(2, 3)(y, y)])
    y = k.layers.LayerNormalization()(x)
    x = k.layers.Add()([x, k.layers.Dense(6)(k.layers.Dense(8, activation="gelu")(y))])
    return k.Model(start, k.layers.Dense(3)(k.layers.GlobalAveragePooling1D()(x)))


add("transformer", transformer, tolerance=4e-6, feed=lambda random: [random.integers(0, 9, (BATCH, 5)).astype(np.float32)])


# Attention of Keras 3.15 writes a function as the score mode into an .h5.
NOT_IN_H5 = {KERAS_3: {"h5": "Keras 3 writes the address of a function as score_mode"}}


def listed(class_name, options, shapes=((4, 6), (5, 6)), masks=(), **arguments):
    """Attention and AdditiveAttention take lists: [query, value] or [query, value, key]."""
    def build(k):
        inputs = [k.Input(shape) for shape in shapes]
        given = [k.Input(mask.shape[1:], dtype="bool") for mask in masks]
        more = {"mask": given} if given else {}
        return k.Model(inputs + given, getattr(k.layers, class_name)(**options)(inputs, **more, **arguments))

    def feed(random):
        return [random.normal(0.1, 1, (BATCH, *shape)).astype(np.float32) for shape in shapes] + list(masks)
    return dict(build=build, feed=feed, impossible=NOT_IN_H5)


QUERY_KEPT = np.array([[1, 1, 0, 1], [1, 0, 1, 1]], bool)
for class_name, label in (("Attention", "dot"), ("AdditiveAttention", "additive")):
    add(f"{label}_plain", **listed(class_name, {}))
    add(f"{label}_scaled", **listed(class_name, dict(use_scale=True)))
    add(f"{label}_not_scaled", **listed(class_name, dict(use_scale=False)))
    add(f"{label}_own_key", **listed(class_name, {}, ((4, 6), (5, 6), (5, 6))))
    add(f"{label}_causal", **listed(class_name, {}, use_causal_mask=True))
    add(f"{label}_causal_square", **listed(class_name, {}, ((4, 6), (4, 6)), use_causal_mask=True))
    add(f"{label}_dropout", **listed(class_name, dict(dropout=0.4)))
    add(f"{label}_scores_used", lambda k, class_name=class_name: scores_used(
        k, lambda k: getattr(k.layers, class_name)(), listed=True), impossible=NOT_IN_H5)
    add(f"{label}_scores", **listed(class_name, {}, return_attention_scores=True))
    add(f"{label}_masks", **listed(class_name, {}, masks=(QUERY_KEPT, KEPT)))
    add(f"{label}_masks_scores_causal", **listed(
        class_name, {}, masks=(QUERY_KEPT, KEPT), return_attention_scores=True, use_causal_mask=True))

    def implicit(k, class_name=class_name):
        query, value = k.Input((4,)), k.Input((5,))
        embedding = k.layers.Embedding(6, 6, mask_zero=True)
        attended = getattr(k.layers, class_name)()([embedding(query), embedding(value)])
        return k.Model([query, value], [k.layers.GlobalAveragePooling1D()(attended), attended])
    add(f"{label}_implicit_masks", implicit, impossible=NOT_IN_H5, feed=lambda random: [
        np.array([[1, 2, 0, 0], [3, 0, 5, 1]], np.float32), KEPT * np.array([[1, 2, 3, 4, 5]], np.float32)])

    def behind_lstm(k, class_name=class_name):
        x = start = k.Input((5, 3))
        x = k.layers.LSTM(4, return_sequences=True)(x)
        return k.Model(start, k.layers.Concatenate()([x, getattr(k.layers, class_name)()([x, x])]))
    add(f"{label}_behind_lstm", behind_lstm, impossible=NOT_IN_H5)
add("dot_concat", **listed("Attention", dict(score_mode="concat")))
add("dot_concat_scaled", **listed("Attention", dict(score_mode="concat", use_scale=True)))
add("dot_concat_masks", **listed("Attention", dict(score_mode="concat", use_scale=True), masks=(QUERY_KEPT, KEPT)))
add("dot_rank4", **listed("Attention", {}, ((2, 4, 6), (2, 5, 6))), on=KERAS_2)


def many_heads(k):
    x = k.Input((4, 6))
    return k.Model(x, k.layers.MultiHeadAttention(4, 1)(x, x))


models.add("as_many_heads_as_steps", many_heads, KERAS_3)
