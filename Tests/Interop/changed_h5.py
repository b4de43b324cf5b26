"""Copies of full models in `.h5` files whose configuration was changed."""

import json
import shutil

import h5py


def h5_changed(source, target, change):
    """A copy whose configuration `change` has altered."""
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change(config["config"])
        file.attrs["model_config"] = json.dumps(config)
    return target


def setting(layer, key, value):
    def change(config):
        for entry in config["layers"]:
            if entry["config"]["name"] == layer:
                entry["config"][key] = value
    return change
