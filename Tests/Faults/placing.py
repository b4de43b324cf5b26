"""Whether the layer that validate names is the one that was changed, in the names of the other file."""

import re


def same_layer(named, layer):
    """A nested model's layers are named by their path. `convolutional_3_bn` is a part of what `convolutional_3` became."""
    named, layer = named.split("/")[0], layer.split("/")[0]
    return named == layer or darknet_index(named) == darknet_index(layer) is not None


DARKNET_NAME = re.compile(
    r"(?:convolutional|deconvolutional|connected|local|batchnorm|activation|logistic|maxpool|avgpool|local_avgpool|route|shortcut"
    r"|upsample|reorg|reorg3d|scale_channels|sam|implicit|crop|dropout|cost|softmax|empty|silence|history|normalization|l2norm"
    r"|rnn|crnn|gru|lstm|conv_lstm|yolo|Gaussian_yolo|region|detection)_(\d+)(_\w+)?$")


def darknet_index(name):
    match = DARKNET_NAME.match(name)
    return int(match[1]) if match else None


def counterparts(subject, reference, candidate, layer):
    """What the reference may call a layer of the candidate: the same, what has the same numbers, or what stands between
    layers that have the same numbers as the candidate's on both sides."""
    other_names = [entry["name"] for entry in reference.summary["layers"]]
    names = [entry["name"] for entry in candidate.summary["layers"]]
    if subject.source.cfg or layer in other_names or layer not in names:
        return {layer}
    return {layer} | between(names, layer, candidate.layers_by_numbers, reference.layers_by_numbers, other_names)


def between(names, layer, mine, others, other_names):
    positions = {name: [] for name in names}
    for key, layers in mine.items():
        for name in layers:
            positions.setdefault(name, []).extend(other_names.index(o) for o in others.get(key, ()) if o in other_names)
    at = names.index(layer)
    before = max((p for name in names[:at] for p in positions[name]), default=0)
    first, last = min(positions[layer], default=before), max(positions[layer], default=before)
    # Activations and paddings stand in layers of their own on one side only.
    after = min((p for name in names[at + 1:] for p in positions[name] if p > last), default=len(other_names))
    return set(other_names[first:max(last, after) + 1])
