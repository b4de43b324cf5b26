"""All cases of all families."""

import importlib

FAMILIES = (
    "dense_and_activations function_layers convolutions pooling normalizations recurrent recurrent_convolutions wrappers masking "
    "attention embedding merging reshaping preprocessing topology operators unusual_numbers precision element_types "
    "refused").split()


def all_cases():
    for family in FAMILIES:
        yield from importlib.import_module(f"keras_models.{family}").models.cases


def all_files():
    """Each case with each container that Keras can write it in."""
    for case in all_cases():
        for container in case.containers:
            if container not in case.impossible:
                yield case, container
