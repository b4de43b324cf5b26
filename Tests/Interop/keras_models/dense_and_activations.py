"""Dense, and activations: by name, as layers, with parameters."""

from .case import EVERY, KERAS_2, KERAS_3, Family, chain, numbers, stack

models = Family(__name__)
add, layer = models.add, models.layer

add("mlp", lambda k: stack(
    k, (7,), k.layers.Dense(6, activation="relu"), k.layers.Dense(5, activation="tanh", use_bias=False),
    k.layers.Dense(3, activation="softmax")), containers=EVERY, layers=True)
for shape in ((5,), (4, 5), (2, 3, 5), (2, 2, 3, 5), (2, 1, 2, 3, 5)):
    layer(f"dense_rank{len(shape) + 1}", shape, "Dense", 4)
layer("dense_without_bias", (3, 5), "Dense", 4, use_bias=False)
layer("dense_softmax_rank3", (3, 5), "Dense", 4, activation="softmax")
layer("dense_lora", (5,), "Dense", 4, lora_rank=2, on=KERAS_3)
layer("einsum_lora", (3, 5), "EinsumDense", "abc,cd->abd", (None, 4), bias_axes="d", lora_rank=2, on=KERAS_3)
layer("dense_unknown_length", (None, 5), "Dense", 4)
for equation, shape, output, bias in (
    ("ab,bc->ac", (5,), 4, "c"), ("abc,cd->abd", (3, 5), (None, 4), "d"), ("abc,cd->abd", (3, 5), (None, 4), None),
    ("...x,xy->...y", (3, 5), 4, "y"), ("abc,cde->abde", (3, 4), (None, 2, 3), "de"),
    ("abcd,cde->abe", (3, 2, 4), (None, 5), "e"), ("abc,bd->adc", (3, 4), (5, 4), "dc"),
    ("abc,bde->aecd", (3, 4), (2, 4, 5), "ed"),
):
    label = equation.replace(",", "_").replace("->", "_to_").replace("...", "dots_")
    layer(f"einsum_{label}_bias_{bias}", shape, "EinsumDense", equation, output, bias_axes=bias)
layer("einsum_activation", (3, 5), "EinsumDense", "abc,cd->abd", (None, 4), activation="relu", bias_axes="d")

PLAIN = "elu exponential gelu hard_sigmoid linear mish relu selu sigmoid softmax softplus softsign swish tanh".split()
NEWER = ("celu hard_shrink hard_silu hard_swish hard_tanh leaky_relu log_sigmoid log_softmax relu6 silu soft_shrink "
         "sparse_plus sparse_sigmoid sparsemax squareplus tanh_shrink").split()
WIDE = numbers((4, 9), low=-7, high=7)
for name in PLAIN:
    layer(f"activation_{name}", (4, 9), "Activation", name, about=dict(feed=WIDE))
    layer(f"dense_{name}", (6,), "Dense", 5, activation=name)
for name in NEWER:
    layer(f"activation_{name}", (4, 9), "Activation", name, on=KERAS_3, about=dict(feed=WIDE))
    layer(f"dense_{name}", (6,), "Dense", 5, activation=name, on=KERAS_3)
layer("activation_glu", (4, 10), "Activation", "glu", on=KERAS_3)
layer("activation_softmax_rank2", (9,), "Activation", "softmax")
layer("activation_softmax_rank4", (2, 3, 4), "Activation", "softmax")
layer("conv_softmax", (4, 4, 2), "Conv2D", 3, 2, activation="softmax")
# The ends of what float32 holds: exp must neither overflow nor give NaN.
for name in ("softplus", "sigmoid", "softmax", "tanh", "swish", "mish", "elu", "selu", "gelu", "softsign"):
    layer(f"far_{name}", (4, 9), "Activation", name, about=dict(feed=numbers((4, 9), low=-300, high=300)))
for name in ("log_softmax", "log_sigmoid", "sparsemax", "squareplus", "silu", "celu"):
    layer(f"far_{name}", (4, 9), "Activation", name, on=KERAS_3, about=dict(feed=numbers((4, 9), low=-300, high=300)))

for label, options in {
    "plain": {}, "maximum": dict(max_value=1.5), "slope": dict(negative_slope=0.2), "threshold": dict(threshold=0.5),
    "slope_and_threshold": dict(negative_slope=0.3, threshold=0.4),
    "all": dict(max_value=2.0, negative_slope=0.1, threshold=0.25),
    "maximum_and_threshold": dict(max_value=1.0, threshold=0.7),
    "maximum_6": dict(max_value=6.0), "maximum_and_slope": dict(max_value=1.0, negative_slope=0.5),
}.items():
    layer(f"relu_{label}", (4, 9), "ReLU", **options, about=dict(feed=WIDE))
layer("elu_plain", (4, 9), "ELU", about=dict(feed=WIDE))
layer("elu_alpha", (4, 9), "ELU", alpha=0.4, about=dict(feed=WIDE))
layer("leaky_plain", (4, 9), "LeakyReLU", about=dict(feed=WIDE))
layer("leaky_alpha", (4, 9), "LeakyReLU", alpha=0.07, on=KERAS_2, about=dict(feed=WIDE))
layer("leaky_slope", (4, 9), "LeakyReLU", negative_slope=0.07, on=KERAS_3, about=dict(feed=WIDE))
layer("thresholded", (4, 9), "ThresholdedReLU", on=KERAS_2, about=dict(feed=WIDE))
layer("thresholded_theta", (4, 9), "ThresholdedReLU", theta=2.5, on=KERAS_2, about=dict(feed=WIDE))
for shape, axes in (((5,), None), ((4, 3), None), ((4, 3), [1]), ((3, 4, 2), [1, 2]), ((3, 4, 2), [3]), ((3, 4, 2), [1, 3])):
    label = "_".join(map(str, axes)) if axes else "none"
    layer(f"prelu_rank{len(shape) + 1}_shared_{label}", shape, "PReLU", shared_axes=axes)
for shape, axis in (((5,), -1), ((3, 4), 1), ((3, 4), 2), ((3, 4, 2), -2), ((3, 4, 2), 1), ((3, 4, 2), (1, 2)), ((3, 4, 2), [1, 3])):
    label = "_".join(map(str, axis)) if isinstance(axis, (list, tuple)) else str(axis)
    layer(f"softmax_rank{len(shape) + 1}_axis_{label}", shape, "Softmax", axis=axis,
          about=dict(impossible={KERAS_3: {"h5": "Keras 3 reads several axes back as none"}} if isinstance(axis, (list, tuple)) else {}))

add("dense_activation_is_leaky_layer", lambda k: chain(
    k, (5,), k.layers.Dense(6, activation=k.layers.LeakyReLU(0.35))))
add("dense_activation_is_relu_layer", lambda k: chain(
    k, (5,), k.layers.Dense(6, activation=k.layers.ReLU(max_value=0.8, negative_slope=0.1))))
add("dense_activation_is_elu_layer", lambda k: chain(
    k, (5,), k.layers.Dense(6, activation=k.layers.ELU(alpha=0.5))))
add("dense_activation_is_softmax_layer", lambda k: chain(
    k, (4, 5), k.layers.Dense(6, activation=k.layers.Softmax(axis=1))))
add("activation_of_layer", lambda k: chain(
    k, (5,), k.layers.Activation(k.layers.LeakyReLU(0.35))), on=KERAS_3)

# The bias [3, 1] goes along the last axis in Keras 3 with TensorFlow, since that has 3 places too.
models.add("einsum_disputed_bias", lambda k: chain(k, (4,), k.layers.EinsumDense("ab,bcd->acd", (3, 3), bias_axes="c")), KERAS_3)
models.add("einsum_bias_in_the_middle", lambda k: chain(k, (4,), k.layers.EinsumDense("ab,bcd->acd", (3, 2), bias_axes="c")))
