"""What `inspect` says of saved models with one value changed is what real Kerases do: changes that a claim was wrong of."""

import json
import warnings
from collections import Counter

import pytest

from config_changes import layers, read, write
from frameworks import module
from test_loads_in import judge

MIXED = {"class_name": "DTypePolicy", "config": {"name": "mixed_bfloat16"}, "module": "keras", "registered_name": None}


def model(framework, build, path):
    k = module(framework)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        build(k).save(str(path))


def of_function(function):
    def build(k):
        i = k.Input((4, 6, 2))
        return k.Model(i, function(k.ops, i))
    return build


def convolved(k):
    i = k.Input((4, 6, 2))
    return k.Model(i, k.layers.BatchNormalization()(k.layers.Conv2D(2, 3)(i)))


def embedded(k):
    i = k.Input((4,))
    return k.Model(i, k.layers.Embedding(5, 3, input_length=4)(i))


def largest(k):
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    return k.Model([a, b], k.layers.Maximum(name="largest")([a, b]))


def intervals(k):
    i = k.Input((4,))
    return k.Model(i, k.layers.Discretization(bin_boundaries=[0.0, 1.0])(i))


def renamed(class_name, to):
    def change(config):
        for layer in layers(config):
            if layer["class_name"] == class_name:
                layer["class_name"] = to
    return change


def value(class_name, key, to):
    def change(config):
        for layer in layers(config):
            if layer["class_name"] == class_name:
                layer["config"][key] = to
    return change


def argument_beside(position):
    """An argument by name beside one of two values: the one beside the last is passed."""
    def change(config):
        for layer in layers(config):
            if layer["class_name"] == "Maximum":
                layer["inbound_nodes"][0][position][3:] = [{"foo": None}]
    return change


CASES = {
    **{f"pool_size_{name}": ("Keras 3", of_function(lambda o, x: o.max_pool(x, 2, 2)), value("MaxPool", "pool_size", to))
       for name, to in (("text", "x"), ("none", None), ("list", [1]), ("zero", 0), ("kept", [2, 2]))},
    **{f"prod_{name}": ("Keras 3", of_function(lambda o, x: o.prod(x, 1)), value("Prod", "dtype", to))
       for name, to in (("policy", MIXED), ("mixed", "mixed_float16"), ("float16", "float16"), ("none", None))},
    **{f"groups_{name}-{framework[-1]}": (framework, convolved, value("Conv2D", "groups", to))
       for framework in ("Keras 2", "Keras 3") for name, to in (("none", None), ("one", 1), ("text", "1"))},
    **{f"axis_{name}-{framework[-1]}": (framework, convolved, value("BatchNormalization", "axis", to))
       for framework in ("Keras 2", "Keras 3") for name, to in (("none", None), ("listed", [3]), ("last", -1))},
    **{f"input_length_{name}": ("Keras 2", embedded, value("Embedding", "input_length", to))
       for name, to in (("float", 1.0), ("none", None), ("kept", 4))},
    "boundaries_number": ("Keras 2", intervals, value("Discretization", "bin_boundaries", 1.0)),
    "boundaries_whole": ("Keras 2", intervals, value("Discretization", "bin_boundaries", 1)),
    "boundaries_kept": ("Keras 2", intervals, value("Discretization", "bin_boundaries", [0.5, 1.0])),
    "lacks_an_argument": ("Keras 3", of_function(lambda o, x: o.arctanh(x)), renamed("Arctanh", "GetItem")),
    "argument_first": ("Keras 2", largest, argument_beside(0)), "argument_last": ("Keras 2", largest, argument_beside(1)),
}


@pytest.mark.parametrize("container", ["h5", "keras"])
@pytest.mark.parametrize(("framework", "build", "change"), CASES.values(), ids=CASES)
def test_claims_of_changes(nnfmt, tmp_path, framework, build, change, container):
    source, path = tmp_path / f"saved.{container}", tmp_path / f"changed.{container}"
    model(framework, build, source)
    config = read(source)
    change(config)
    write(source, path, json.dumps(config))
    wrong = []
    judge(nnfmt, path, Counter(), wrong, "")
    assert not wrong, "\n".join(wrong)
