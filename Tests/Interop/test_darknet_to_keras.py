"""The darknet networks of the corpus, converted: both Kerases predict what darknet recorded."""

import json
import re
from collections import Counter

import numpy as np
import pytest

import conversion_cases
from frameworks import FRAMEWORKS, assert_equal, predict

HEADS = {"yolo", "gaussian_yolo", "region", "detection"}
# What a network of random numbers, up to 25 layers deep, makes of Keras's order of summation.
TOLERANCE = 2e-5


def recorded(case):
    """What darknet put out for the case's input, for each output of its Keras model; `None` if it was not kept."""
    layers = json.loads((case.path.parent / "layers.json").read_text())["layers"]
    types = [layer["type"].lower() for layer in layers]
    # The model ends at what enters the heads; a loss puts out nothing.
    ends = [i - 1 for i, type in enumerate(types) if type in HEADS] or [len(types) - 1 - (types[-1] == "cost")]
    paths = [case.path.parent / "outputs" / f"{i:03d}.npy" for i in ends]
    return [np.load(path) if path.exists() else None for path in paths]


def input_of(case):
    """The case's input as a batch of one sample."""
    return np.load(case.path.parent / "input.npy")[None]


def keras_layout(values):
    """A sample with its channels last: an image, of one pixel if it is a vector."""
    image = values if values.ndim == 3 else values[:, None, None]
    return image.transpose(1, 2, 0)[None]


def in_order_of(theirs, mine):
    """An image of which darknet has forgotten that it is one, as the vector that it has."""
    return mine.transpose(0, 3, 1, 2).reshape(1, -1) if mine.ndim == 4 and theirs.ndim == 1 else mine


@pytest.mark.parametrize("kind", ["layers", "random"])
def test_corpus(kind, nnfmt, corpus, tmp_path, note):
    counts, refusals, wrong = Counter(), Counter(), []
    for case in conversion_cases.corpus_cases(corpus):
        if not case.name.startswith(f"{kind}/"):
            continue
        counts["all"] += 1
        model = tmp_path / f"{case.path.parent.name}.h5"
        options = ["--dialect", case.dialect] if case.dialect else []
        answer = nnfmt("convert", case.path, model, "--cfg", case.cfg, *options, code=None)
        if answer.code == 69:
            assert not model.exists()
            counts["refused"] += 1
            refusals[re.search(r"layer \d+ \[(\w+)\]", answer.err)[1]] += 1
            continue
        assert answer.code == 0, f"{case.name}: {answer.err}"
        want = recorded(case)
        counts["recorded"] += any(values is not None for values in want)
        try:
            for framework in FRAMEWORKS:
                got = predict(framework, model, input_of(case))
                assert len(got) == len(want), f"{framework}: {len(got)} outputs, expected {len(want)}"
                for mine, theirs in zip(got, want):
                    if theirs is not None:
                        assert_equal([in_order_of(theirs, mine)], [keras_layout(theirs)], TOLERANCE, framework)
        except Exception as failure:  # Keras raises whatever it likes
            wrong.append(f"{case.name}: {type(failure).__name__}: {str(failure)[:300]}")
    converted = counts["all"] - counts["refused"]
    note(
        f"{kind}: {converted - len(wrong)} of {converted} predict what darknet computed, {counts['refused']} refused "
        f"({', '.join(f'{n} × {type}' for type, n in refusals.most_common())}); of {converted - counts['recorded']} "
        "no output was recorded, they only load")
    assert counts["recorded"] > 0
    assert not wrong, "\n".join(wrong)
