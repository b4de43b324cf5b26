"""A Keras model as faults see it: the layers of its configuration and the arrays of its file."""

import copy
import hashlib
import io
import json
import os
import re
import zipfile

import h5py
import numpy as np

from arrays import keras_array
from keras_config import layer_list


class KerasModel:
    # Seconds since 1970, if the file is to be dated.
    date = None

    def __init__(self, path, summary, carries=False):
        self.bytes, self.suffix, self.dialect = path.read_bytes(), path.suffix, None
        self.is_archive = zipfile.is_zipfile(path)
        self.summary = {layer["name"]: layer for layer in summary["layers"]}
        self.names = list(self.summary)
        self.config = self._configuration()
        self._before = json.dumps(self.config)
        self.dropped = set()
        # Of the HDF5 file, its bytes, the archive and the configuration's text, after everything else.
        self.hdf5_edits, self.file_edits, self.archive_edits, self.text_edits = [], [], [], []
        self.arrays = []
        # What an .h5 that nnfmt made carries of the darknet model, by path.
        self.carried = {}
        with self._hdf5() as file:
            self._find_arrays(file)
            if carries:
                file["darknet"].visititems(lambda name, item: self.carried.update(
                    {name: item[()].tobytes()}) if isinstance(item, h5py.Dataset) else None)
        order = {name: position for position, name in enumerate(self.names)}
        self.arrays.sort(key=lambda array: order.get(array.layer, len(order)))

    def copy(self):
        other = copy.copy(self)
        other.config = json.loads(self._before)
        other.dropped = set()
        other.hdf5_edits, other.file_edits, other.archive_edits, other.text_edits = [], [], [], []
        other.arrays = [array.copy() for array in self.arrays]
        return other

    # Reading

    def _configuration(self):
        if self.is_archive:
            with zipfile.ZipFile(io.BytesIO(self.bytes)) as archive:
                return json.loads(archive.read("config.json"))
        with self._hdf5() as file:
            config = file.attrs.get("model_config")
        return None if config is None else json.loads(config)

    def _hdf5(self):
        content = self.bytes
        if self.is_archive:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read("model.weights.h5")
        return h5py.File(io.BytesIO(content), "r")

    def _find_arrays(self, file):
        root = file["model_weights"] if "model_weights" in file else file
        if "layers" in root or "_layer_checkpoint_dependencies" in root:
            self._find_by_directory(root.get("layers", root.get("_layer_checkpoint_dependencies")))
            return
        for layer in root:
            names = [name for key in sorted(root[layer].attrs) if key.startswith("weight_names") for name in root[layer].attrs[key]]
            for name in names:
                name = name.decode() if isinstance(name, bytes) else name
                self._add(layer, re.sub(r":0$", "", name), root[layer][name])

    def _find_by_directory(self, root):
        """Keras 3's layout: directories are named by class and number, variables by number."""
        layers = self.layers_of(self.config) if self.config else []
        directories, counts = {}, {}
        for layer in layers:
            base = snake_case(layer["class_name"])
            number = counts[base] = counts.get(base, -1) + 1
            directories[base + (f"_{number}" if number else "")] = layer["config"]["name"]

        def visit(path, item):
            parts = path.split("/")
            if isinstance(item, h5py.Dataset) and "vars" in parts and "seed_generator" not in parts:
                layer = directories.get(parts[0], parts[0])
                known = self.summary.get(layer, {}).get("parameters", [])
                digest = hashlib.sha256(np.ascontiguousarray(item[()]).tobytes()).hexdigest()
                names = [p["name"] for p in known if p.get("sha256") == digest]
                # Equal arrays of a layer are told apart by their numbers, in the order of its variables.
                names = [name for name in names if name not in {a.name for a in self.arrays if a.layer == layer}]
                self._add(layer, names[0] if names else path, item)

        root.visititems(visit)

    def _add(self, layer, name, dataset):
        if dataset.dtype.kind == "f" and dataset.size:
            values = dataset[()].astype(dataset.dtype.newbyteorder("="))
            self.arrays.append(keras_array(layer, name, np.asarray(values), dataset.name, self.class_of(layer)))

    def class_of(self, name):
        return self.summary.get(name, {}).get("class_name", "")

    def output_shape(self, name):
        return self.summary.get(name, {}).get("output_shape")

    @staticmethod
    def layers_of(config):
        return [layer for layer in layer_list(config) if "name" in layer["config"]]

    def every_layer(self):
        """(name of the outermost layer, class, options) of each layer, nested and wrapped ones too."""
        def walk(layer, name):
            config = layer.get("config")
            if not isinstance(config, dict):
                return
            yield name, layer, config
            for inner in config.get("layers", ()):
                yield from walk(inner, name)
            for key in ("layer", "backward_layer", "cell"):
                if isinstance(config.get(key), dict):
                    yield from walk(config[key], name)

        for layer in self.layers_of(self.config):
            yield from walk(layer, layer["config"]["name"])

    # Writing

    def saved(self, folder):
        path = folder / f"m{self.suffix}"
        changed = json.dumps(self.config) != self._before or self.text_edits
        text = json.dumps(self.config) if changed else None
        for edit in self.text_edits:
            text = edit(text)
        if not self.is_archive:
            path.write_bytes(self._hdf5_bytes(self.bytes, text))
            return self._dated(path)
        with zipfile.ZipFile(io.BytesIO(self.bytes)) as old:
            members = {name: old.read(name) for name in old.namelist()}
        members["model.weights.h5"] = self._hdf5_bytes(members["model.weights.h5"], None)
        if text is not None:
            members["config.json"] = text.encode()
        order, compression, date = list(members), zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0)
        for edit in self.archive_edits:
            order, compression, date = edit(members, order, compression, date)
        with zipfile.ZipFile(path, "w") as new:
            for name in order:
                new.writestr(zipfile.ZipInfo(name, date), members[name], compression)
        return self._dated(path)

    def _dated(self, path):
        if self.date:
            os.utime(path, (self.date, self.date))
        return path

    def _hdf5_bytes(self, content, text):
        buffer = io.BytesIO(content)
        with h5py.File(buffer, "r+") as file:
            for array in self.arrays:
                if array.place not in self.dropped:
                    file[array.place][()] = array.values
            for place in self.dropped:
                drop(file, place)
            if text is not None:
                file.attrs["model_config"] = text
            for edit in self.hdf5_edits:
                edit(file)
        content = buffer.getvalue()
        for edit in self.file_edits:
            content = edit(content)
        return content

    def state(self):
        return ([array.values.tobytes() for array in self.arrays], json.dumps(self.config), sorted(self.dropped),
                len(self.hdf5_edits), len(self.file_edits), len(self.archive_edits), len(self.text_edits))


def drop(file, place):
    """Takes a dataset out of a file, and out of the list of its layer's weights."""
    group = file[place].parent
    while "weight_names" not in group.attrs and group.name != "/":
        group = group.parent
    del file[place]
    if "weight_names" in group.attrs:
        relative = place[len(group.name):].lstrip("/").encode()
        left = [n if isinstance(n, bytes) else n.encode() for n in group.attrs["weight_names"]]
        group.attrs["weight_names"] = np.array([n for n in left if n != relative])


def snake_case(name):
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
