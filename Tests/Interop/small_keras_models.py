"""Small Keras models in legacy HDF5 files, written without Keras: what the tests of `validate` change and compare."""

import json

import h5py
import numpy as np


def layer(class_name, name, inputs, variables=(), **options):
    """A layer with the shapes of its variables: (name, shape)."""
    return {"class_name": class_name, "name": name, "inputs": inputs, "variables": variables,
            "config": {"name": name, "trainable": True, "dtype": "float32", **options}}


def image(name, *shape):
    entry = layer("InputLayer", name, [], batch_input_shape=[None, *shape])
    return entry


def conv(name, source, channels, filters, activation="linear", size=3, use_bias=True, padding="same"):
    variables = [("kernel:0", (size, size, channels, filters)), ("bias:0", (filters,))]
    return layer(
        "Conv2D", name, [source], variables[:1 + use_bias],
        filters=filters, kernel_size=[size, size], strides=[1, 1], padding=padding, data_format="channels_last",
        dilation_rate=[1, 1], groups=1, activation=activation, use_bias=use_bias)


def dense(name, source, inputs, units, activation="linear"):
    return layer("Dense", name, [source], (("kernel:0", (inputs, units)), ("bias:0", (units,))),
                 units=units, activation=activation, use_bias=True)


def normalization(name, source, channels, epsilon=1e-3):
    return layer(
        "BatchNormalization", name, [source],
        [(f"{part}:0", (channels,)) for part in ("gamma", "beta", "moving_mean", "moving_variance")],
        axis=[3], momentum=0.99, epsilon=epsilon, center=True, scale=True)


def pooling(class_name, name, source):
    return layer(class_name, name, [source], pool_size=[2, 2], strides=[2, 2], padding="valid",
                 data_format="channels_last")


# Name: (layers, outputs).
MODELS = {
    "two_outputs": ([
        image("x", 8, 6, 3), conv("a", "x", 3, 4), normalization("n", "a", 4), layer("ReLU", "r", ["n"], max_value=6.0),
        conv("b", "r", 4, 5)], ["r", "b"]),
    "three_outputs": ([
        image("x", 8, 6, 3), conv("a", "x", 3, 4), conv("b", "a", 4, 4, "relu"), conv("c", "b", 4, 4)], ["c", "a", "b"]),
    "branches": ([
        image("x", 8, 8, 3), conv("b", "x", 3, 4), conv("a", "x", 3, 4, "relu"), layer("ELU", "e", ["b"], alpha=1.0),
        layer("Concatenate", "j", ["a", "e"], axis=-1), pooling("MaxPooling2D", "p", "j"),
        pooling("AveragePooling2D", "q", "p"), conv("c", "q", 8, 6, "tanh")], ["c"]),
    "classifier": ([
        image("x", 8, 8, 3), conv("a", "x", 3, 4), layer("ReLU", "r", ["a"], max_value=None, negative_slope=0.0, threshold=0.0),
        layer("GlobalAveragePooling2D", "g", ["r"], data_format="channels_last", keepdims=False),
        dense("d", "g", 4, 5, "softmax")], ["d"]),
    "kept_axes": ([
        image("x", 8, 8, 3), conv("a", "x", 3, 4, "relu"),
        layer("GlobalAveragePooling2D", "g", ["a"], data_format="channels_last", keepdims=True)], ["g"]),
    "normalized": ([
        image("x", 8, 8, 3), conv("a", "x", 3, 4, use_bias=False), normalization("n", "a", 4),
        layer("Activation", "r", ["n"], activation="tanh"), conv("b", "r", 4, 5)], ["b"]),
    # As detectors are written by hand, in front of the heads of a cfg: zeros in layers of their own.
    "detector": ([
        image("x", 8, 8, 3), layer("ZeroPadding2D", "z", ["x"], padding=[[1, 1], [1, 1]], data_format="channels_last"),
        conv("a", "z", 3, 4, use_bias=False, padding="valid"), normalization("n", "a", 4, 1e-5),
        layer("LeakyReLU", "l", ["n"], alpha=0.1), pooling("MaxPooling2D", "p", "l"), conv("b", "p", 4, 7, size=1)], ["b"]),
    "vector": ([image("x", 4), normalization("n", "x", 4), layer("Activation", "r", ["n"], activation="tanh")], ["r"]),
    # No network of darknet.
    "masked": ([
        image("x", 6, 3), layer("Masking", "m", ["x"], mask_value=0.0),
        layer("SimpleRNN", "s", ["m"], (("kernel:0", (3, 4)), ("recurrent_kernel:0", (4, 4)), ("bias:0", (4,))),
              units=4, activation="tanh", use_bias=True, return_sequences=False)], ["s"]),
}


def write(name, path, seed=5):
    """Writes a model with random numbers, positive where they are variances."""
    layers, outputs = MODELS[name]
    config = {"class_name": "Functional", "config": {
        "name": name, "trainable": True,
        "layers": [{"class_name": entry["class_name"], "config": entry["config"], "name": entry["name"],
                    "inbound_nodes": [[[source, 0, 0, {}] for source in entry["inputs"]]] if entry["inputs"] else []}
                   for entry in layers],
        "input_layers": [["x", 0, 0]], "output_layers": [[output, 0, 0] for output in outputs]}}
    draw = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [entry["name"].encode() for entry in layers]
        for entry in layers:
            group = weights.create_group(entry["name"])
            names = [f"{entry['name']}/{variable}" for variable, _ in entry["variables"]]
            group.attrs["weight_names"] = [full.encode() for full in names] or np.zeros(0, "S1")
            for full, (variable, shape) in zip(names, entry["variables"]):
                values = draw.uniform(0.5, 1.5, shape) if "variance" in variable else draw.normal(0, 0.4, shape)
                group.create_dataset(full, data=values.astype(np.float32))
    return path
