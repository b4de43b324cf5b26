"""Copies of model files with another configuration, or with one number changed."""

import io
import json
import shutil
import zipfile

import h5py
import numpy as np


def configuration(path):
    """The configuration of a model in an HDF5 file or an archive; `None` if it has none."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    with h5py.File(path) as file:
        config = file.attrs.get("model_config")
    return None if config is None else json.loads(config)


def with_entry(path, target, name, content):
    """A copy of an archive with one member replaced."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.namelist():
            new.writestr(item, content if item == name else old.read(item))


def with_configuration(path, target, config):
    if zipfile.is_zipfile(path):
        with_entry(path, target, "config.json", json.dumps(config))
        return
    shutil.copy(path, target)
    with h5py.File(target, "r+") as file:
        file.attrs["model_config"] = json.dumps(config)


def change_one_number(values, random):
    """One number of an array, by a quarter of itself and a little: no rounding."""
    place = np.unravel_index(random.randrange(values.size), values.shape)
    values[place] = values[place] * 1.25 + 0.125
    return values


def change_dataset(file, random):
    """One number of one weight."""
    weights = []

    def visit(name, item):
        parts = name.split("/")
        if isinstance(item, h5py.Dataset) and item.size and item.dtype.kind == "f" and not (
                {"optimizer_weights", "optimizer", "metrics", "darknet"} & set(parts)):
            weights.append(item)

    file.visititems(visit)
    if not weights:
        return False
    weight = random.choice(weights)
    weight[...] = change_one_number(weight[...], random)
    return True


def with_changed_weight(path, target, random):
    """A copy with one number changed; says whether there was one."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "model.weights.h5" not in archive.namelist():
                return False
            buffer = io.BytesIO(archive.read("model.weights.h5"))
        with h5py.File(buffer, "r+") as file:
            found = change_dataset(file, random)
        with_entry(path, target, "model.weights.h5", buffer.getvalue())
        return found
    shutil.copy(path, target)
    if h5py.is_hdf5(path):
        with h5py.File(target, "r+") as file:
            return change_dataset(file, random)
    content = bytearray(path.read_bytes())
    major, minor = np.frombuffer(content[:8], "<i4")
    header = 20 if major * 10 + minor >= 2 else 16
    values = np.frombuffer(content[header:], "<f4").copy()
    if values.size:
        content[header:] = change_one_number(values, random).tobytes()
        target.write_bytes(content)
    return values.size > 0
