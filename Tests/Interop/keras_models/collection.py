"""All cases of all families."""

import importlib

FAMILIES = (
    "dense_and_activations convolutions pooling normalizations recurrent recurrent_convolutions wrappers masking "
    "attention embedding merging reshaping preprocessing topology operators precision").split()


def all_cases():
    for family in FAMILIES:
        yield from importlib.import_module(f"keras_models.{family}").models.cases
