"""Operators and functions on Keras tensors: keras.ops in Keras 3, TensorFlow's own functions in Keras 2."""

import numpy as np

from .case import KERAS_2, KERAS_3, Family

models = Family(__name__, keras_3_impossible={
    "h5": "Keras 3 doesn't find the classes of keras.ops when it reads an .h5"})


def applied(function, *shapes, module=None):
    """The model of function(x, …) over inputs of the given shapes; the functions' module comes first if there is one."""
    def build(k):
        inputs = [k.Input(shape) for shape in shapes]
        if module is None:
            return k.Model(inputs, function(*inputs))
        return k.Model(inputs, function(module(k), *inputs))
    return build


def tensorflow(_):
    import tensorflow
    return tensorflow


def feed_for(shapes, positive):
    if not positive:
        return None
    return lambda random: [random.uniform(0.3, 0.9, (2, *shape)).astype(np.float32) for shape in shapes]


ELLIPSES = ("slice_ellipsis", "slice_ellipsis_index", "slice_new_axis_last")


def both(name, function, *shapes, positive=False):
    # Keras 2 has no form for an ellipsis.
    impossible = {KERAS_2: {"keras": "Keras 2 can't write an ellipsis"}} if name in ELLIPSES else {}
    models.add(name, applied(function, *shapes), feed=feed_for(shapes, positive), impossible=impossible)


def ops(name, function, *shapes, positive=False):
    models.add(f"ops_{name}", applied(function, *shapes, module=lambda k: k.ops), on=KERAS_3, feed=feed_for(shapes, positive))


def tf(name, function, *shapes, positive=False):
    models.add(f"tf_{name}", applied(function, *shapes, module=tensorflow), on=KERAS_2, feed=feed_for(shapes, positive))


A, B = (3, 4), (3, 4)
both("add_one", lambda x: x + 1, A)
both("one_add", lambda x: 1 + x, A)
both("subtract_number", lambda x: x - 0.5, A)
both("number_subtract", lambda x: 2.0 - x, A)
both("times_number", lambda x: x * 3, A)
both("divided_by_number", lambda x: x / 4.0, A)
both("number_divided", lambda x: 2.0 / x, A, positive=True)
both("power", lambda x: x ** 2, A)
both("power_half", lambda x: x ** 0.5, A, positive=True)
both("number_to_the_power", lambda x: 2.0 ** x, A)
both("negative", lambda x: -x, A)
both("absolute", lambda x: abs(x), A)
both("floor_divided", lambda x: x // 0.5, A)
both("remainder", lambda x: x % 0.7, A)
for label, function in {
    "add": lambda x, y: x + y, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y, "divide": lambda x, y: x / y,
    "greater": lambda x, y: x > y, "less_or_equal": lambda x, y: x <= y,
}.items():
    both(f"two_{label}", function, A, B, positive=label == "divide")
    both(f"two_{label}_broadcast", function, A, (1, 4), positive=label == "divide")
both("two_add_ranks", lambda x, y: x + y, (2, 3, 4), (1, 3, 4))
both("matmul", lambda x, y: x @ y, (3, 4), (4, 5))
both("array_operand", lambda x: x * np.array([1.0, 2.0, 3.0, 4.0], np.float32) + np.float32(2), A)
both("with_itself", lambda x: x * x + x, A)
for label, function in {
    "range": lambda x: x[:, 1:3], "index": lambda x: x[:, 0], "last": lambda x: x[:, -1], "step": lambda x: x[:, ::2],
    "reversed": lambda x: x[:, ::-1], "ellipsis": lambda x: x[..., 1:], "ellipsis_index": lambda x: x[..., -1], "two_axes": lambda x: x[:, 1:, :2],
    "new_axis": lambda x: x[:, None], "new_axis_last": lambda x: x[..., None], "negative_range": lambda x: x[:, -2:], "mixed": lambda x: x[:, 1, 1:3],
    "to_negative": lambda x: x[:, :-1, 1:-1],
}.items():
    both(f"slice_{label}", function, (5, 4))

UNARY = ("abs relu sigmoid tanh exp expm1 sin cos tan arctan arcsinh sinh cosh square softplus softsign silu elu selu gelu relu6 "
         "hard_sigmoid hard_silu leaky_relu log_sigmoid sign floor ceil round negative erf celu hard_tanh tanh_shrink exp2 trunc").split()
for name in UNARY:
    ops(name, lambda o, x, name=name: getattr(o, name)(x), A)
for name in "sqrt rsqrt log log1p log2 log10 reciprocal arcsin arccos arctanh cbrt".split():
    ops(name, lambda o, x, name=name: getattr(o, name)(x), A, positive=True)
for name in "add subtract multiply divide maximum minimum power arctan2 logaddexp mod floor_divide greater less equal not_equal hypot".split():
    ops(name, lambda o, x, y, name=name: getattr(o, name)(x, y), A, B, positive=True)
for name in "mean sum max min prod var std logsumexp any all argmax argmin".split():
    # Of comparisons, not of all but surely true numbers.
    value = (lambda x: x > 0.5) if name in ("any", "all") else (lambda x: x)
    ops(f"{name}_axis_1", lambda o, x, name=name, value=value: getattr(o, name)(value(x), axis=1), (3, 4, 2))
    ops(f"{name}_axis_last_keepdims", lambda o, x, name=name, value=value: getattr(o, name)(value(x), axis=-1, keepdims=True), (3, 4, 2))
    if not name.startswith("arg"):
        ops(f"{name}_axes", lambda o, x, name=name, value=value: getattr(o, name)(value(x), axis=(1, 2)), (3, 4, 2))
ops("softmax", lambda o, x: o.softmax(x), A)
ops("softmax_axis_1", lambda o, x: o.softmax(x, axis=1), A)
ops("log_softmax", lambda o, x: o.log_softmax(x), A)
ops("leaky_relu_slope", lambda o, x: o.leaky_relu(x, negative_slope=0.3), A)
ops("gelu_exact", lambda o, x: o.gelu(x, approximate=False), A)
ops("gelu_approximate", lambda o, x: o.gelu(x, approximate=True), A)
ops("elu_alpha", lambda o, x: o.elu(x, alpha=0.4), A)
ops("reshape", lambda o, x: o.reshape(x, (-1, 6, 2)), A)
ops("reshape_all_but_batch", lambda o, x: o.reshape(x, (-1, 12)), A)
ops("transpose", lambda o, x: o.transpose(x, (0, 2, 1)), A)
ops("transpose_of_4", lambda o, x: o.transpose(x, (0, 3, 1, 2)), (3, 4, 2))
ops("swapaxes", lambda o, x: o.swapaxes(x, 1, 2), A)
ops("moveaxis", lambda o, x: o.moveaxis(x, -1, 1), (3, 4, 2))
ops("expand_dims", lambda o, x: o.expand_dims(x, 1), A)
ops("expand_dims_last", lambda o, x: o.expand_dims(x, -1), A)
ops("squeeze", lambda o, x: o.squeeze(x, 1), (1, 4))
ops("concatenate", lambda o, x, y: o.concatenate([x, y], axis=-1), A, (3, 2))
ops("concatenate_axis_1", lambda o, x, y: o.concatenate([x, y], axis=1), A, (2, 4))
ops("stack", lambda o, x, y: o.stack([x, y], axis=1), A, B)
ops("stack_last", lambda o, x, y: o.stack([x, y], axis=-1), A, B)
ops("split", lambda o, x: o.split(x, 2, axis=-1), A)
ops("split_at", lambda o, x: o.split(x, [1, 3], axis=-1), A)
ops("unstack", lambda o, x: o.unstack(x, axis=1), A)
ops("tile", lambda o, x: o.tile(x, (1, 2, 3)), A)
ops("repeat", lambda o, x: o.repeat(x, 2, axis=1), A)
ops("flip", lambda o, x: o.flip(x, axis=1), A)
ops("roll", lambda o, x: o.roll(x, 1, axis=1), A)
ops("pad", lambda o, x: o.pad(x, ((0, 0), (1, 2), (0, 1))), A)
ops("pad_value", lambda o, x: o.pad(x, ((0, 0), (1, 2), (0, 1)), constant_values=1.5), A)
for mode in ("reflect", "symmetric"):
    ops(f"pad_{mode}_of_all", lambda o, x, mode=mode: o.pad(x, ((0, 0), (2, 2), (3, 0)), mode=mode), A)
ops("pad_reflect", lambda o, x: o.pad(x, ((0, 0), (1, 2), (0, 1)), mode="reflect"), A)
ops("pad_symmetric", lambda o, x: o.pad(x, ((0, 0), (1, 2), (0, 1)), mode="symmetric"), A)
ops("clip", lambda o, x: o.clip(x, -0.5, 0.75), A)
ops("where", lambda o, x, y: o.where(x > y, x, y), A, B)
ops("cast", lambda o, x: o.cast(x > 0, "float32"), A)
ops("matmul", lambda o, x, y: o.matmul(x, y), (3, 4), (4, 5))
ops("matmul_of_4", lambda o, x, y: o.matmul(x, y), (2, 3, 4), (2, 4, 5))
ops("einsum", lambda o, x, y: o.einsum("bij,bkj->bik", x, y), A, (5, 4))
ops("dot_product_attention", lambda o, x, y, z: o.dot_product_attention(x, y, z), (4, 2, 3), (5, 2, 3), (5, 2, 3))
ops("take", lambda o, x: o.take(x, [2, 0], axis=1), A)
ops("cumsum", lambda o, x: o.cumsum(x, axis=1), A)
ops("cumprod", lambda o, x: o.cumprod(x, axis=1), A)
ops("sort", lambda o, x: o.sort(x, axis=-1), A)
ops("argsort", lambda o, x: o.argsort(x, axis=-1), A)
ops("top_k", lambda o, x: o.top_k(x, 2), A)
ops("one_hot", lambda o, x: o.one_hot(o.cast(x * 5, "int32"), 5), (3,), positive=True)
ops("norm", lambda o, x: o.norm(x, axis=-1), A)
ops("normalize", lambda o, x: o.normalize(x, axis=-1), A)
ops("max_pool", lambda o, x: o.max_pool(x, 2, 2, "same"), (5, 6, 2))
ops("average_pool", lambda o, x: o.average_pool(x, 2, 2, "valid"), (5, 6, 2))
ops("resize", lambda o, x: o.image.resize(x, (7, 9)), (5, 6, 2))
ops("zeros_like", lambda o, x: x + o.ones_like(x) - o.zeros_like(x), A)
ops("broadcast_to", lambda o, x: o.broadcast_to(x, (2, 3, 4)), (1, 4))
ops("meshed", lambda o, x, y: o.mean(o.relu(o.concatenate([x * 2 - y, x[:, :, ::-1]], axis=1)), axis=1) @ o.ones((4, 2)), A, B)
ARRAYS = np.random.default_rng(3)


def numbers(*shape):
    return ARRAYS.normal(0, 1, shape).astype(np.float32)


# Arrays as factors: the batch is the first axis of the value, and is never one of the array's.
for label, shape, left, right in (
    ("vector_by_matrix", (4,), None, numbers(4, 3)), ("vector_by_column", (4,), None, numbers(4, 1)),
    ("number_by_row", (1,), None, numbers(1, 3)), ("vector_by_vector", (4,), None, numbers(4)),
    ("rows_by_matrix", (5, 4), None, numbers(4, 3)), ("rows_by_vector", (5, 4), None, numbers(4)),
    ("rows_by_batch_of_one", (5, 4), None, numbers(1, 4, 3)), ("matrix_by_rows", (5, 4), numbers(3, 5), None),
    ("vector_by_rows", (5, 4), numbers(5), None), ("matrices_by_matrix", (2, 5, 4), None, numbers(4, 3)),
    ("matrices_by_matrices", (2, 5, 4), None, numbers(2, 4, 3)), ("matrix_by_matrices", (2, 5, 4), numbers(3, 5), None),
):
    ops(f"matmul_{label}", lambda o, x, left=left, right=right: o.matmul(x, right) if left is None else o.matmul(left, x), shape)
ops("dot_with_matrix", lambda o, x: o.dot(x, numbers(4, 3)), A)
ops("dot_with_vector", lambda o, x: o.dot(x, numbers(4)), A)
ops("outer_with_array", lambda o, x: o.matmul(x, np.arange(8, dtype=np.float32).reshape(4, 2)), A)
ops("lone_add", lambda o, x: o.add(x, 1), A)
ops("squeeze_all", lambda o, x: o.squeeze(x, axis=(1, 3)), (1, 4, 1))
ops("conv", lambda o, x: o.conv(x, np.linspace(-1, 1, 36).astype(np.float32).reshape(3, 3, 2, 2), 1, "same"), (5, 6, 2))
ops("diff", lambda o, x: o.diff(x, axis=1), A)
ops("logical", lambda o, x, y: o.logical_and(x > 0, o.logical_not(y > 0)), A, B)
ops("isnan", lambda o, x: o.isnan(x), A)
ops("tril", lambda o, x: o.tril(x), (4, 4))
ops("rms_normalization", lambda o, x: o.rms_normalization(x), A)
ops("layer_normalization", lambda o, x: o.layer_normalization(x), A)

for name in ("relu", "sigmoid", "tanh", "softmax", "elu", "gelu", "leaky_relu", "softplus", "swish", "relu6", "selu"):
    tf(f"nn_{name}", lambda t, x, name=name: getattr(t.nn, name)(x), A)
for name in ("exp", "square", "abs", "sin", "floor", "sign"):
    tf(name, lambda t, x, name=name: getattr(t.math, name)(x), A)
for name in ("sqrt", "log", "rsqrt", "reciprocal"):
    tf(name, lambda t, x, name=name: getattr(t.math, name)(x), A, positive=True)
for name in ("reduce_mean", "reduce_sum", "reduce_max", "reduce_min"):
    tf(f"{name}_axis_1", lambda t, x, name=name: getattr(t, name)(x, axis=1), (3, 4, 2))
    tf(f"{name}_keepdims", lambda t, x, name=name: getattr(t, name)(x, axis=[1, 2], keepdims=True), (3, 4, 2))
tf("reshape", lambda t, x: t.reshape(x, (-1, 6, 2)), A)
tf("concat", lambda t, x, y: t.concat([x, y], axis=-1), A, (3, 2))
tf("transpose", lambda t, x: t.transpose(x, (0, 2, 1)), A)
tf("expand_dims", lambda t, x: t.expand_dims(x, 1), A)
tf("squeeze", lambda t, x: t.squeeze(x, 1), (1, 4))
tf("matmul", lambda t, x, y: t.matmul(x, y), (3, 4), (4, 5))
tf("matmul_with_array", lambda t, x: t.matmul(x, numbers(4, 3)), (4,))
tf("matmul_with_turned_array", lambda t, x: t.matmul(x, numbers(3, 4), transpose_b=True), (4,))
tf("matmul_turned_with_array", lambda t, x: t.matmul(x, numbers(5, 3), transpose_a=True), (5, 4))
tf("matmul_of_array", lambda t, x: t.matmul(numbers(1, 3, 5), x), (5, 4))
for mode in ("reflect", "symmetric"):
    tf(f"pad_{mode}", lambda t, x, mode=mode: t.pad(x, [[0, 0], [1, 2], [0, 1]], mode=mode), A)
models.add("tf_dot", applied(lambda b, x: b.dot(x, b.constant(numbers(4, 3))), (4,), module=lambda k: k.backend), on=KERAS_2)
models.add("tf_dot_of_rows", applied(
    lambda b, x: b.dot(x, b.constant(numbers(4, 3))), (5, 4), module=lambda k: k.backend), on=KERAS_2)
tf("split_rest", lambda t, x: t.split(x, [1, -1, 1], axis=-1), A)
tf("matmul_transposed", lambda t, x, y: t.matmul(x, y, transpose_b=True), (3, 4), (5, 4))
tf("clip", lambda t, x: t.clip_by_value(x, -0.5, 0.75), A)
tf("maximum", lambda t, x, y: t.maximum(x, y), A, B)
tf("stack", lambda t, x, y: t.stack([x, y], axis=1), A, B)
tf("split", lambda t, x: t.split(x, 2, axis=-1), A)
tf("pad", lambda t, x: t.pad(x, [[0, 0], [1, 2], [0, 1]]), A)
tf("tile", lambda t, x: t.tile(x, [1, 2, 3]), A)
tf("cast", lambda t, x: t.cast(x > 0, t.float32), A)
tf("depth_to_space", lambda t, x: t.nn.depth_to_space(x, 2), (3, 4, 8))
tf("space_to_depth", lambda t, x: t.nn.space_to_depth(x, 2), (4, 6, 2))
tf("resize", lambda t, x: t.image.resize(x, (7, 9)), (5, 6, 2))
tf("l2_normalize", lambda t, x: t.math.l2_normalize(x, axis=-1), A)


def with_column(rows):
    def build(k):
        x = k.Input((rows, 3))
        return k.Model(x, x + np.arange(1, rows + 1, dtype=np.float32).reshape(rows, 1))
    return build


models.add("column_added", with_column(2), KERAS_3)
models.add("column_added_to_square", with_column(3), KERAS_3)
