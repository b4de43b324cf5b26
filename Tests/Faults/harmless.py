"""Changes that mean nothing for what a model computes: validate must match.

Each is a kind as faults are; some of them are made in addition to a fault, which must be found all the same.
"""

import io
import json
import re
import struct
import zipfile

import h5py
import numpy as np

from graph_faults import rename
from keras_config import layer_list
from kinds import Change, kind, pick


def harmless(name, *of):
    return kind(name, of, harmless=True, needs="states")


# Keras

@harmless("a layer renamed", "keras")
def layer_renamed(model, random):
    if not model.config:
        return None
    layers = [layer for layer in model.layers_of(model.config) if layer["class_name"] != "InputLayer"]
    layer = pick(random, layers)
    if not layer:
        return None
    old, new = layer["config"]["name"], f"other_{random.randrange(100)}"
    layer["config"]["name"] = new
    if "name" in layer:
        layer["name"] = new
    for other in layer_list(model.config):
        rename(other.get("inbound_nodes"), old, new)
    if isinstance(model.config["config"], dict):
        rename(model.config["config"].get("output_layers"), old, new)

    def edit(file):
        root = file.get("model_weights", file)
        if old in root and "layers" not in root:
            root.move(old, new)
            for key in [key for key in root.attrs if key.startswith("layer_names")]:
                listed = [n if isinstance(n, bytes) else n.encode() for n in root.attrs[key]]
                root.attrs[key] = np.array([new.encode() if n == old.encode() else n for n in listed])
    if not model.is_archive:
        model.hdf5_edits.append(edit)
    return Change({new})


def config_value(name, key, value, classes=None):
    @harmless(name, "keras")
    def apply(model, random):
        if model.config:
            found = pick(random, [config for _, layer, config in model.every_layer()
                                  if key in config and (classes is None or layer["class_name"] in classes)])
            if found is not None:
                found[key] = value(found[key], random)
                return Change()


config_value("a dropout's rate", "rate", lambda old, random: round(random.uniform(0.05, 0.9), 3),
             ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "AlphaDropout"))
config_value("momentum", "momentum", lambda old, random: round(random.uniform(0.5, 0.999), 3))
config_value("trainable", "trainable", lambda old, random: not old)
config_value("an initializer", "kernel_initializer", lambda old, random: "zeros")
config_value("a regularizer", "kernel_regularizer", lambda old, random: {"class_name": "L2", "config": {"l2": 0.01}} if old is None else None)
config_value("a constraint", "kernel_constraint", lambda old, random: None)
config_value("noise in training", "stddev", lambda old, random: 0.7, ("GaussianNoise",))
config_value("how a recurrence is computed", "implementation", lambda old, random: 3 - old if old in (1, 2) else old)
config_value("a recurrence unrolled", "unroll", lambda old, random: not old)
config_value("a recurrence's dropout", "recurrent_dropout", lambda old, random: 0.25)


@harmless("the order of keys in JSON", "keras")
def key_order(model, random):
    def shuffled(value):
        if isinstance(value, dict):
            keys = list(value)
            random.shuffle(keys)
            return {key: shuffled(value[key]) for key in keys}
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    if model.config:
        indent = random.choice((None, 2))
        model.text_edits.append(lambda text: json.dumps(shuffled(json.loads(text)), indent=indent))
        return Change()


def stored_otherwise(**storage):
    """The arrays written anew in another form."""
    def apply(model, random):
        def edit(file):
            for array in model.arrays:
                if array.place in model.dropped or not array.values.ndim:
                    continue
                old = file[array.place]
                values, attributes = old[()], dict(old.attrs)
                options = dict(storage)
                values = values.astype(options.pop("dtype", lambda t: t)(values.dtype))
                if options.get("chunks"):
                    options["chunks"] = tuple(max(1, n // 2) for n in values.shape)
                del file[array.place]
                new = file.create_dataset(array.place, data=values, **options)
                for key, value in attributes.items():
                    new.attrs[key] = value
        if any(a.values.ndim for a in model.arrays):
            model.hdf5_edits.append(edit)
            return Change()
    return apply


harmless("compression", "keras")(stored_otherwise(chunks=True, compression="gzip", compression_opts=4))
harmless("shuffled and checked chunks", "keras")(stored_otherwise(chunks=True, shuffle=True, fletcher32=True, compression="gzip"))
harmless("chunks", "keras")(stored_otherwise(chunks=True))
harmless("byte order", "keras")(stored_otherwise(dtype=lambda t: t.newbyteorder(">")))
harmless("numbers in a wider type", "keras")(stored_otherwise(dtype=lambda t: np.float64 if t == np.float32 else t))


@harmless("a newer form of HDF5", "keras")
def newer_form(model, random):
    version = random.choice(("earliest", "latest"))

    def edit(content):
        buffer = io.BytesIO()
        with h5py.File(io.BytesIO(content), "r") as old, h5py.File(buffer, "w", libver=version) as new:
            for key, value in old.attrs.items():
                new.attrs[key] = value
            for name in old:
                old.copy(name, new)
        return buffer.getvalue()

    model.file_edits.append(edit)
    return Change()


@harmless("an optimizer's state", "keras")
def optimizer(model, random):
    def edit(file):
        if "model_weights" in file and "optimizer_weights" not in file:
            group = file.create_group("optimizer_weights")
            group.attrs["weight_names"] = np.array([b"Adam/iterations:0", b"Adam/m/kernel:0"])
            group["Adam/iterations:0"] = np.int64(5)
            group["Adam/m/kernel:0"] = np.ones((3, 2), np.float32)
        elif "optimizer_weights" in file:
            del file["optimizer_weights"]
        file.attrs.pop("training_config", None)

    if not model.is_archive and model.config:
        model.hdf5_edits.append(edit)
        return Change()


@harmless("what else is in an HDF5 file", "keras")
def more_groups(model, random):
    def edit(file):
        file.attrs["note"] = "of no meaning"
        file.create_group("notes")["history"] = np.arange(5.0)
    model.hdf5_edits.append(edit)
    return Change()


@harmless("how an archive is packed", "keras")
def packed(model, random):
    def edit(members, order, compression, date):
        order = list(order)
        random.shuffle(order)
        return order, random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)), (2021, 5, 6, 7, 8, 10)
    if model.is_archive:
        model.archive_edits.append(edit)
        return Change()


# darknet

@harmless("images seen", "darknet")
def seen(model, random):
    count, size = random.randrange(2**31), model.header_bytes - 12
    model.file_edits.append(lambda content: content[:12] + count.to_bytes(size, "little") + content[12 + size:])
    return Change()


@harmless("a header of another version", "darknet")
def version(model, random):
    if model.header_bytes == 20:
        def edit(content):
            count = min(struct.unpack("<Q", content[12:20])[0], 2**31 - 1)
            return struct.pack("<iiiI", 0, 1, 0, count) + content[20:]
        model.file_edits.append(edit)
        return Change()


def option(name, section, values, when=lambda model: True):
    @harmless(name, "darknet")
    def apply(model, random):
        places = [options for kind_of, options in model.sections if kind_of in section]
        options = pick(random, places)
        if options is not None and when(model):
            key, value = random.choice(values)
            options[key] = str(value)
            return Change()


option("learning rate and its policy", ("net", "network"), [
    ("learning_rate", 0.5), ("momentum", 0.1), ("decay", 0.3), ("policy", "poly"), ("power", 3), ("max_batches", 77),
    ("burn_in", 9), ("angle", 7), ("saturation", 1.7), ("exposure", 1.8), ("hue", 0.3), ("max_crop", 500)])
option("batch and subdivisions", ("net", "network"), [("batch", 8), ("subdivisions", 4)],
       lambda model: "time_steps" not in model.options(-1))
option("a head's training", ("yolo", "region", "Gaussian_yolo"), [
    ("jitter", 0.4), ("random", 1), ("ignore_thresh", 0.6), ("truth_thresh", 0.9), ("iou_loss", "ciou"),
    ("iou_normalizer", 0.2), ("cls_normalizer", 0.7), ("max_delta", 3)])
option("a dropout's probability", ("dropout",), [("probability", 0.9), ("probability", 0.05)])


@harmless("comments and blanks", "darknet")
def comments(model, random):
    def edit(text):
        lines = []
        for line in text.splitlines():
            lines += [random.choice(("# a comment", "", "; another")), line] if random.random() < 0.4 else [line]
        return "\n".join(lines) + random.choice(("\n", "", "\n\n\n"))
    model.text_edits.append(edit)
    return Change()


@harmless("spaces", "darknet")
def spaces(model, random):
    model.text_edits.append(lambda text: re.sub(r"^(\w+)\s*=\s*([^#\n]*)$", r"\1 = \2", text, flags=re.M))
    return Change()


@harmless("line ends of Windows", "darknet")
def line_ends(model, random):
    model.text_edits.append(lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"))
    return Change()


@harmless("the order of options", "darknet")
def option_order(model, random):
    for section in model.sections:
        keys = list(section[1])
        random.shuffle(keys)
        section[1] = {key: section[1][key] for key in keys}
    return Change()


@harmless("another name of a section", "darknet")
def alias(model, random):
    names = {"convolutional": "conv", "connected": "conn", "maxpool": "max", "deconvolutional": "deconv", "softmax": "soft",
             "avgpool": "avg"}
    section = pick(random, [s for s in model.sections if s[0] in names])
    if section:
        section[0] = names[section[0]]
        return Change()


# Files

@harmless("a file's date", "darknet", "keras")
def date(model, random):
    model.file_edits.append(lambda content: content)
    model.date = 10**9
    return Change()
