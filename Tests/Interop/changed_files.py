"""Copies of model files with another configuration."""

import io
import json
import shutil
import zipfile

import h5py


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
