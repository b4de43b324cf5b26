"""The numbers of a model file, array by array, with what each of their axes is."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(eq=False)
class Array:
    """One array of a file. Faults change `values` in place or set others of the same shape."""
    # The layer that the file's own names put it in.
    layer: str
    name: str
    # kernel, recurrent_kernel, depthwise_kernel, pointwise_kernel, bias, gamma, beta, mean, variance, other.
    role: str
    values: np.ndarray
    # Where it is: an offset in bytes or the path of a dataset.
    place: object
    # Axes of a kernel; None where they are not known.
    out_axis: int = None
    in_axis: int = None
    spatial: tuple = ()

    def copy(self):
        return replace(self, values=self.values.copy())

    @property
    def is_kernel(self):
        return self.role.endswith("kernel")

    @property
    def key(self):
        """Equal for arrays that hold the same numbers in whatever order."""
        return self.values.size, np.sort(self.values, axis=None).astype(np.float32).tobytes()


DARKNET_ROLES = {"biases": "bias", "scales": "gamma", "rolling_mean": "mean", "rolling_variance": "variance",
                 "weights": "kernel"}


def darknet_array(layer, parameter, values, siblings):
    """`layer` and `parameter` are those of `nnfmt inspect --json`; `siblings`: the names of all its arrays."""
    part, _, kind = parameter["name"].rpartition(".")
    role = DARKNET_ROLES.get(kind, "other")
    if role == "bias" and f"{part}.scales".lstrip(".") in siblings:
        role = "beta"
    array = Array(layer["name"], parameter["name"], role, values, parameter["offset"])
    if role == "kernel" and layer["type"] not in ("shortcut", "implicit", "local"):
        turned = layer["type"] == "deconvolutional"
        if values.ndim == 2:
            array.out_axis, array.in_axis = 0, 1
        elif values.ndim == 4:
            array.out_axis, array.in_axis, array.spatial = int(turned), 1 - int(turned), (2, 3)
    elif role == "kernel":
        array.role = "other"
    return array


KERAS_ROLES = {"moving_mean": "mean", "moving_variance": "variance", "running_mean": "mean", "running_std": "variance",
               "W": "kernel", "b": "bias"}
KEPT_ROLES = {"kernel", "recurrent_kernel", "depthwise_kernel", "pointwise_kernel", "bias", "gamma", "beta"}


def keras_array(layer, name, values, place, class_name):
    """`name` is the variable's, without the `:0` of TensorFlow."""
    last = name.split("/")[-1]
    # Keras 1: convolution2d_1_W
    role = last if last in KEPT_ROLES else KERAS_ROLES.get(last) or KERAS_ROLES.get(last.split("_")[-1], "other")
    array = Array(layer, name, role, values, place)
    if array.is_kernel and 2 <= values.ndim <= 5 and "Attention" not in class_name:
        turned = "Transpose" in class_name or "Deconvolution" in class_name
        array.out_axis, array.in_axis = (-2, -1) if turned else (-1, -2)
        array.spatial = tuple(range(values.ndim - 2))
    return array
