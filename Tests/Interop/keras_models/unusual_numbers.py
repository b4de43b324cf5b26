"""Infinities, numbers that are none, and zeros of both signs, in functions of single numbers, of pairs and of rows.

Left out is what TensorFlow's own kernels don't agree on among themselves: a softmax of infinities.
"""

import numpy as np

from .case import KERAS_2, KERAS_3, Family, chain
from .operators import applied, tensorflow

models = Family(__name__, keras_3_impossible={
    "h5": "Keras 3 doesn't find the classes of keras.ops when it reads an .h5"})

UNUSUAL = np.array([np.inf, -np.inf, np.nan, 0, -0.0, 1, -1, 0.5, -2.5, 7, -100], np.float32)
COUNT = len(UNUSUAL)


def pairs(_):
    """Each of the numbers with each: along the samples, and along a sample."""
    return list(np.meshgrid(UNUSUAL, UNUSUAL, indexing="ij"))


def one(_):
    return [UNUSUAL[:, None]]


def rows(_):
    """Rows of three, most of them with something unusual."""
    return [np.array([(a, b, c) for a in UNUSUAL for b in UNUSUAL for c in (np.inf, 1, np.nan)], np.float32)]


SHARED = ("abs ceil cos cosh erf exp expm1 floor log log1p negative reciprocal round rsqrt sigmoid sign sin sinh softplus softsign "
          "sqrt square tan tanh").split()
for name in SHARED + ("arccos arccosh arcsin arcsinh arctan arctanh exp2 isfinite isinf isnan log10 log2 relu relu6 silu trunc cbrt "
                      "celu elu gelu hard_sigmoid hard_tanh leaky_relu selu").split():
    models.add(f"ops_{name}", applied(lambda o, x, name=name: getattr(o, name)(x), (1,), module=lambda k: k.ops), KERAS_3, feed=one)
for name in SHARED + "acos acosh asin asinh atan atanh is_finite is_inf is_nan".split():
    models.add(f"tf_{name}", applied(lambda t, x, name=name: getattr(t.math, name)(x), (1,), module=tensorflow), KERAS_2, feed=one)

COMPARISONS = "equal greater greater_equal less less_equal not_equal".split()
for name in COMPARISONS + "add subtract multiply divide maximum minimum power floor_divide mod logical_and logical_or".split():
    models.add(f"ops_{name}", applied(
        lambda o, x, y, name=name: getattr(o, name)(x, y), (COUNT,), (COUNT,), module=lambda k: k.ops), KERAS_3, feed=pairs)
for name in COMPARISONS + "add subtract multiply divide maximum minimum pow floordiv floormod".split():
    models.add(f"tf_{name}", applied(
        lambda t, x, y, name=name: getattr(t.math, name)(x, y), (COUNT,), (COUNT,), module=tensorflow), KERAS_2, feed=pairs)
models.add("ops_where", applied(lambda o, x, y: o.where(x > y, x, y), (COUNT,), (COUNT,), module=lambda k: k.ops), KERAS_3, feed=pairs)
models.add("ops_counted", applied(
    lambda o, x: o.isnan(x) + 3, (1,), module=lambda k: k.ops), KERAS_3, feed=one)

for name in "max min sum mean prod var std any all logsumexp".split():
    models.add(f"ops_{name}", applied(
        lambda o, x, name=name: getattr(o, name)(x, axis=-1), (3,), module=lambda k: k.ops), KERAS_3, feed=rows)
for name in "max min sum mean prod variance std logsumexp".split():
    models.add(f"tf_reduce_{name}", applied(
        lambda t, x, name=name: getattr(t.math, f"reduce_{name}")(x, axis=-1), (3,), module=tensorflow), KERAS_2, feed=rows)

for label, make in {
    "relu": lambda k: k.layers.ReLU(), "relu_6": lambda k: k.layers.ReLU(max_value=6.0), "relu_slope": lambda k: k.layers.ReLU(negative_slope=0.1),
    "leaky_relu": lambda k: k.layers.LeakyReLU(), "elu": lambda k: k.layers.ELU(), "rescaling": lambda k: k.layers.Rescaling(2.0, 1.0),
    "discretization": lambda k: k.layers.Discretization(bin_boundaries=[-1.0, 0.0, 2.0]),
    "normalization": lambda k: k.layers.Normalization(mean=0.5, variance=4.0),
}.items():
    models.add(f"layer_{label}", lambda k, make=make: chain(k, (1,), make(k)), feed=one)
