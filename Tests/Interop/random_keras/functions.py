"""Operators and functions of values outside of layers: keras.ops in Keras 3, TensorFlow's own in Keras 2."""

import numpy as np

from .description import Layer
from .plain import folded

UNARY_THIRD = ("abs relu sigmoid tanh sin cos arctan arcsinh square softplus softsign silu elu selu gelu relu6 hard_sigmoid "
               "hard_silu leaky_relu log_sigmoid sign floor ceil round negative erf celu hard_tanh tanh_shrink trunc softmax "
               "log_softmax").split()
UNARY_SECOND = ("nn.relu nn.sigmoid nn.tanh nn.softmax nn.elu nn.gelu nn.leaky_relu nn.softplus nn.swish nn.silu nn.relu6 nn.selu "
                "nn.log_softmax math.square abs sin cos floor sign tanh sigmoid nn.softsign negative math.softplus").split()
# Functions that want a positive value, or one that is not large.
POSITIVE = "sqrt rsqrt log log1p log2 log10 reciprocal cbrt".split()
SMALL = "exp expm1 sinh cosh exp2 tan arcsin arccos arctanh".split()
# What nnfmt is known to refuse, so that it is not in every model.
EXOTIC_THIRD = "cumsum cumprod sort argsort argmax diff roll tile norm normalize take top_k moveaxis logaddexp hypot".split()
EXOTIC_SECOND = "cumsum sort tile l2_normalize argmax reverse roll".split()


def array(grower, x):
    """Numbers for the last axis."""
    return np.array([grower.draw.number() for _ in range(x.shape[-1])], np.float32)


def number(draw):
    return draw.one((draw.number(), draw.number(), draw.integer(1, 3), 0.5, 1.0, 2.0))


def partner(grower, x):
    """A value that can stand beside x: itself, one of its shape, or a part of it that is repeated."""
    draw = grower.draw
    kind = draw.weighted(((3, "itself"), (4, "like"), (2, "part")))
    if kind == "itself":
        return x
    if kind == "like" or x.rank == 0:
        return draw.one(grower.like(x))
    at = draw.integer(0, x.rank - 1)
    return grower.call("operator.getitem", x, tuple(slice(None) for _ in range(at + 1)) + (slice(0, 1),))


def operators(grower):
    draw, x = grower.draw, grower.value()
    if x is None:
        return
    kind = draw.weighted(((6, "number"), (5, "two"), (2, "division"), (2, "power"), (2, "comparison"), (1, "unary"), (1, "matmul")))
    if kind == "unary":
        grower.call(draw.one(("operator.neg", "operator.abs")), x)
    elif kind == "division":
        if draw.chance(0.5):
            below = grower.call("operator.add", grower.call("operator.abs", partner(grower, x)), 0.5)
            grower.call("operator.truediv", draw.one((x, number(draw))), below)
        else:
            grower.call(draw.one(("operator.truediv", "operator.truediv", "operator.mod", "operator.floordiv")), x, draw.one((0.7, 2.0, 3, -1.5)))
    elif kind == "power":
        if draw.chance(0.5):
            grower.call("operator.pow", x, 2)
        else:
            positive = grower.call("operator.add", grower.call("operator.abs", x), 0.5)
            grower.call("operator.pow", positive, draw.one((0.5, -1.0, 1.5, 3)))
    elif kind == "comparison":
        comparison(grower, x)
    elif kind == "matmul" and 2 <= x.rank <= 3:
        other = draw.one([v for v in grower.values if v.rank == x.rank and v.is_float and v.shape[-2] == x.shape[-1]
                          and v.shape[:-2] == x.shape[:-2]])
        grower.call(draw.one(("operator.matmul", "ops.matmul" if not grower.second else "tf.matmul")), x, other)
    else:
        other = number(draw) if kind == "number" else partner(grower, x)
        if grower.traits.exotic and x.rank and x.shape[-1] and draw.chance(0.2):
            other = array(grower, x)
        pair = [x, other]
        draw.random.shuffle(pair)
        grower.call(binary(grower), *pair)


def binary(grower):
    name = grower.draw.one(("add", "sub", "mul", "add", "sub", "mul", "maximum", "minimum", "add", "multiply", "subtract"))
    if name in ("add", "sub", "mul") and grower.draw.chance(0.8):
        return f"operator.{name}"
    if grower.second:
        return f"tf.{name if name in ('add', 'subtract', 'multiply', 'maximum', 'minimum') else {'sub': 'subtract', 'mul': 'multiply'}[name]}"
    return f"ops.{ {'sub': 'subtract', 'mul': 'multiply'}.get(name, name)}"


def comparison(grower, x):
    """Truth values, and what is made of them."""
    draw = grower.draw
    other = draw.one((draw.number(-0.5, 0.5), partner(grower, x)))
    found = grower.call(f"operator.{draw.one(('gt', 'lt', 'ge', 'le'))}", *draw.one(((x, other), (x, other), (other, x))))
    module = "tf" if grower.second else "ops"
    kind = draw.integer(0, 2)
    if kind == 0:
        grower.call(f"{module}.cast", found, "float32")
    elif kind == 1:
        grower.call(f"{module}.where", found, x, draw.one((partner(grower, x), 0.25)))
    elif kind == 2:
        more = grower.call(f"operator.{draw.one(('gt', 'lt'))}", x, draw.number(-1, 1))
        name = draw.one(("logical_and", "logical_or"))
        grower.call(f"{module}.cast", grower.call(f"{module}.{name}", found, more), "float32")


def functions(grower):
    draw, x = grower.draw, grower.value()
    if x is None:
        return
    if grower.traits.exotic and draw.chance(0.4):
        exotic(grower, x)
        return
    kind = draw.weighted(((6, unary), (5, reduction), (3, shaping), (3, joining), (1, padding), (1, parts), (1, whole)))
    kind(grower, x)


def unary(grower, x):
    draw = grower.draw
    if grower.second:
        name = draw.one(UNARY_SECOND + ["sqrt", "math.log", "math.rsqrt", "exp", "clip_by_value"])
        if name == "clip_by_value":
            grower.call("tf.clip_by_value", x, -0.5, draw.one((0.25, 1.5)))
        elif name in ("sqrt", "math.log", "math.rsqrt"):
            grower.call(f"tf.{name}", positive(grower, x))
        elif name == "exp":
            grower.call("tf.exp", grower.call("tf.tanh", x))
        elif name in ("nn.softmax", "nn.log_softmax"):
            grower.call(f"tf.{name}", x, **({"axis": draw.one((-1, x.rank))} if draw.chance(0.5) else {}))
        elif name in ("nn.leaky_relu", "nn.gelu") and draw.chance(0.5):
            grower.call(f"tf.{name}", x, draw.one((0.3, 0.05)) if name == "nn.leaky_relu" else draw.chance(0.5))
        else:
            grower.call(f"tf.{name}", x)
        return
    name = draw.one(UNARY_THIRD + POSITIVE + SMALL + ["clip"])
    module = "activations" if name in ("relu", "elu", "gelu", "softplus") and draw.chance(0.2) else "ops"
    if name in POSITIVE:
        grower.call(f"ops.{name}", positive(grower, x))
    elif name in SMALL:
        small = grower.call("ops.tanh", x)
        grower.call(f"ops.{name}", grower.call("operator.mul", small, 0.5) if name.startswith("arc") else small)
    elif name == "clip":
        grower.call("ops.clip", x, -0.5, draw.one((0.25, 1.5)))
    elif name in ("softmax", "log_softmax"):
        grower.call(f"ops.{name}", x, **({"axis": draw.integer(1, x.rank)} if x.rank and draw.chance(0.5) else {}))
    elif name in ("leaky_relu", "elu", "celu", "gelu", "softplus") and draw.chance(0.5):
        options = {"leaky_relu": {"negative_slope": 0.3}, "elu": {"alpha": 0.4}, "celu": {"alpha": 0.7}, "gelu": {"approximate": draw.chance(0.5)}}
        grower.call(f"ops.{name}", x, **options.get(name, {}))
    elif name == "round" and draw.chance(0.4):
        grower.call("ops.round", x, draw.one((0, 1, 2)))
    else:
        grower.call(f"{module}.{name}", x)


def whole(grower, x):
    """Whole numbers, and what is made of them."""
    draw, module = grower.draw, "tf" if grower.second else "ops"
    # A little more, since a softmax of one channel is 1, or the number before it, by TensorFlow's choice of a kernel.
    found = grower.call(f"{module}.cast", grower.call("operator.add", grower.call("operator.mul", x, 4), 0.3), draw.one(("int32", "int32", "int64")))
    kind = draw.one(("reduce", "reduce", "operator", "operator", "divide", "layer", "float"))
    if kind == "reduce" and x.rank:
        name = draw.one(("mean", "mean", "sum", "max", "min"))
        found = grower.call(f"tf.reduce_{name}" if grower.second else f"ops.{name}", found, axis=draw.integer(1, x.rank))
    elif kind == "operator":
        found = grower.call(f"operator.{draw.one(('add', 'sub', 'mul', 'floordiv', 'mod'))}", found, draw.integer(1, 3))
    elif kind == "divide":
        found = grower.call("operator.truediv", found, draw.integer(2, 3))
    elif kind == "layer" and x.rank == 2:
        found = grower.layer(Layer(draw.one(("GlobalAveragePooling1D", "GlobalMaxPooling1D", "Flatten", "ReLU")), {}), found)
    # Whatever it is of by now.
    grower.call("operator.mul", grower.call(f"{module}.cast", found, "float32"), 0.25)


def positive(grower, x):
    return grower.call("operator.add", grower.call("operator.abs", x), 0.5)


def reduction(grower, x):
    draw = grower.draw
    if not x.rank:
        return
    axes = sorted(draw.sample(range(1, x.rank + 1), draw.integer(1, min(x.rank, 2))))
    if draw.chance(0.3):
        axes = [axis - x.rank - 1 for axis in axes]
    if grower.second:
        name = draw.one(("reduce_mean", "reduce_sum", "reduce_max", "reduce_min", "reduce_prod", "math.reduce_std", "math.reduce_variance",
                         "reduce_logsumexp"))
        prefix, axis, more = "tf", axes[0] if len(axes) == 1 else axes, {}
    else:
        name = draw.one("mean sum max min prod var std logsumexp mean sum max amax".split())
        prefix, axis, more = "ops", axes[0] if len(axes) == 1 else tuple(axes), {}
        if name in ("max", "min") and draw.chance(0.2):
            more["initial"] = 0.25
    if draw.chance(0.4):
        more["keepdims"] = True
    if "std" in name:
        # Of values that differ, since a root is steep at 0.
        x = grower.call("operator.add", x, 0.0)
    if draw.chance(0.2):
        grower.call(f"{prefix}.{name}", x, axis, **more)
    else:
        grower.call(f"{prefix}.{name}", x, axis=axis, **more)


def shaping(grower, x):
    draw, module = grower.draw, "tf" if grower.second else "ops"
    if not x.rank:
        return
    kind = draw.one(("reshape", "transpose", "expand_dims", "squeeze", "repeat", "flip", "swapaxes"))
    if kind == "reshape" and None not in x.shape:
        grower.call(f"{module}.reshape", x, (-1, *folded(draw, x.shape)))
    elif kind == "transpose" and x.rank > 1:
        grower.call(f"{module}.transpose", x, (0, *draw.sample(range(1, x.rank + 1), x.rank)))
    elif kind == "expand_dims":
        grower.call(f"{module}.expand_dims", x, draw.one((*range(1, x.rank + 2), -1)))
    elif kind == "squeeze" and 1 in x.shape:
        grower.call(f"{module}.squeeze", x, x.shape.index(1) + 1)
    elif kind == "repeat":
        grower.call(f"{module}.repeat", x, draw.integer(2, 3), axis=draw.integer(1, x.rank))
    elif kind in ("flip", "swapaxes") and not grower.second:
        axes = (draw.integer(1, x.rank),) if kind == "flip" else (draw.integer(1, x.rank), -1)
        grower.call(f"ops.{kind}", x, *axes)


def joining(grower, x):
    draw, module = grower.draw, "tf" if grower.second else "ops"
    if not x.rank:
        return
    given = [x] + [draw.one(grower.like(x)) for _ in range(draw.integer(1, 2))]
    draw.random.shuffle(given)
    name = "stack" if draw.chance(0.4) else "concat" if grower.second else "concatenate"
    axis = draw.one((-1, draw.integer(1, x.rank)))
    grower.call(f"{module}.{name}", given, axis) if draw.chance(0.3) else grower.call(f"{module}.{name}", given, axis=axis)


def padding(grower, x):
    draw = grower.draw
    around = [[0, 0]] + [[draw.integer(0, 2), draw.integer(0, 1)] for _ in x.shape]
    value = {"constant_values": draw.number()} if draw.chance(0.5) else {}
    if grower.second:
        grower.call("tf.pad", x, around, **value)
    else:
        grower.call("ops.pad", x, tuple(map(tuple, around)), **value)


def parts(grower, x):
    draw, module = grower.draw, "tf" if grower.second else "ops"
    axes = [i + 1 for i, extent in enumerate(x.shape) if extent and extent % 2 == 0]
    if axes:
        grower.call(f"{module}.split", x, 2, axis=draw.one(axes))
    elif x.rank and x.shape[0] and x.shape[0] < 5:
        grower.call(f"{module}.unstack", x, axis=1)


def exotic(grower, x):
    draw = grower.draw
    if not x.rank:
        return
    axis = draw.integer(1, x.rank)
    name = draw.one(EXOTIC_SECOND if grower.second else EXOTIC_THIRD)
    if grower.second:
        call = {"tile": lambda: grower.call("tf.tile", x, [1] + [2] * x.rank), "l2_normalize": lambda: grower.call("tf.math.l2_normalize", x, axis=axis),
                "reverse": lambda: grower.call("tf.reverse", x, [axis]), "roll": lambda: grower.call("tf.roll", x, 1, axis)}
        (call.get(name) or (lambda: grower.call(f"tf.{name}", x, axis=axis)))()
        return
    call = {"tile": lambda: grower.call("ops.tile", x, (1,) + (2,) * x.rank), "roll": lambda: grower.call("ops.roll", x, 1, axis),
            "take": lambda: grower.call("ops.take", x, [0, 0], axis=axis), "top_k": lambda: grower.call("ops.top_k", x, 1),
            "moveaxis": lambda: grower.call("ops.moveaxis", x, -1, 1), "logaddexp": lambda: grower.call("ops.logaddexp", x, partner(grower, x)),
            "hypot": lambda: grower.call("ops.hypot", x, partner(grower, x))}
    (call.get(name) or (lambda: grower.call(f"ops.{name}", x, axis=axis)))()


def slices(grower):
    draw, x = grower.draw, grower.value(lambda v: v.rank > 0)
    if x is None:
        return
    items = []
    for extent in x.shape:
        items.append(draw.weighted(((4, slice(None)), (3, part(draw, extent)), (1, index(draw, extent)))))
        if draw.chance(0.06):
            items.append(None)
    while items and items[-1] == slice(None) and draw.chance(0.7):
        items.pop()
    if draw.chance(0.12):
        # From the end, with an ellipsis for the rest, the batch's axis among it.
        grower.call("operator.getitem", x, (Ellipsis, draw.one((part(draw, x.shape[-1]), index(draw, x.shape[-1]), None))))
    else:
        grower.call("operator.getitem", x, (slice(None), *items))


def part(draw, extent):
    extent = extent or 3
    first = draw.integer(0, extent - 1)
    return draw.one((slice(first, None), slice(None, first + 1), slice(first, extent), slice(None, None, 2), slice(-1, None),
                     slice(None, None, -1), slice(first, extent, 2), slice(-extent, extent)))


def index(draw, extent):
    return draw.one((0, -1, draw.integer(0, (extent or 1) - 1)))
