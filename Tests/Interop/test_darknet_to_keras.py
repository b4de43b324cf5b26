"""The darknet networks of the corpus, converted: both Kerases predict what darknet recorded."""

import json
import re
from collections import Counter

import h5py
import numpy as np
import pytest

import conversion_cases
from frameworks import FRAMEWORKS, load, module

pytestmark = pytest.mark.long

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


def time_steps(case):
    return int((re.findall(r"^time_steps\s*=\s*(\d+)", case.cfg.read_text(), re.MULTILINE) or [1])[0])


def channels_last(values, steps):
    """A batch of one sample, or of one sequence."""
    is_image = values.ndim - (steps > 1) == 3
    return (np.moveaxis(values, -3, -1) if is_image else values)[None]


def gap(mine, theirs, steps):
    """The scaled error. Of an image darknet may have forgotten that it is one."""
    if mine.ndim - (steps > 1) == 4 and theirs.ndim - (steps > 1) == 1:
        mine = np.moveaxis(mine, -1, -3)
    else:
        theirs = channels_last(theirs, steps)
    if mine.size != theirs.size:
        return np.inf
    return np.abs(mine.ravel() - theirs.ravel()).max() / (1 + np.abs(theirs).max())


def outputs_of(framework, path, x):
    try:
        answer = load(framework, path)(x, training=False)
        return answer if isinstance(answer, (list, tuple)) else [answer]
    finally:
        module(framework).backend.clear_session()


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
        want, steps = recorded(case), time_steps(case)
        x = channels_last(np.load(case.path.parent / "input.npy"), steps)
        counts["recorded"] += any(values is not None for values in want)
        try:
            for framework in FRAMEWORKS:
                got = [np.asarray(values) for values in outputs_of(framework, model, x)]
                assert len(got) == len(want), f"{framework}: {len(got)} outputs, expected {len(want)}"
                for mine, theirs in zip(got, want):
                    error = 0 if theirs is None else gap(mine, theirs, steps)
                    assert error <= TOLERANCE, f"{framework}: off by {error:.3g}"
        except Exception as failure:  # Keras raises whatever it likes
            wrong.append(f"{case.name}: {type(failure).__name__}: {str(failure)[:300]}")
    converted = counts["all"] - counts["refused"]
    note(
        f"{kind}: {converted - len(wrong)} of {converted} predict what darknet computed, {counts['refused']} refused "
        f"({', '.join(f'{n} × {type}' for type, n in refusals.most_common())}); of {converted - counts['recorded']} "
        "no output was recorded, they only load")
    assert counts["recorded"] > 0
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [
    "lstm_bn_t3", "gru_bn_t3", "rnn_bn_shortcut_t1", "crnn_bn_shortcut_t3", "conv_lstm_t3", "implicit_scale",
    "local_stride2_nopad", "shortcut_per_channel_relu_n2", "shortcut_per_feature_softmax_n2"])
def test_changed_values_arrive(name, nnfmt, corpus, tmp_path):
    """Every array is a variable of its own: all that is doubled in Keras's datasets is doubled in the weights."""
    case, model, back = corpus / "darknet" / "layers" / name, tmp_path / "m.h5", tmp_path / "m.weights"
    nnfmt("convert", case / "model.weights", model, "--cfg", case / "model.cfg")
    with h5py.File(model, "r+") as file:
        found = []
        file["model_weights"].visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
        for dataset in found:
            dataset[...] = dataset[...] * 2
    nnfmt("convert", model, back)
    before, after = ((case / "model.weights").read_bytes(), back.read_bytes())
    assert after[:20] == before[:20]
    assert (np.frombuffer(after[20:], "<f4") == np.frombuffer(before[20:], "<f4") * 2).all()


def test_batches_of_sequences(nnfmt, corpus, tmp_path):
    """Several sequences: time × batch in darknet, batch and time in Keras."""
    case, model, x = corpus / "darknet" / "layers" / "lstm_t3", tmp_path / "m.h5", tmp_path / "x.npy"
    nnfmt("convert", case / "model.weights", model, "--cfg", case / "model.cfg")
    values = np.random.default_rng(5).normal(size=(3, 4, 6)).astype(np.float32)
    np.save(x, values.reshape(12, 6))
    nnfmt("validate", case / "model.weights", model, "--cfg", case / "model.cfg", "--input", x)
    nnfmt("run", case / "model.weights", "--cfg", case / "model.cfg", "--input", x, "--output", tmp_path / "out")
    want = np.load(tmp_path / "out" / "output_0.npy").reshape(3, 4, 5).swapaxes(0, 1)
    for framework in FRAMEWORKS:
        got = np.asarray(outputs_of(framework, model, values.swapaxes(0, 1))[0])
        assert np.abs(got - want).max() <= 1e-6, framework


def test_too_many_steps_are_refused(nnfmt, tmp_path):
    """Keras could not load them: Python's limit of recursion."""
    (tmp_path / "m.cfg").write_text("[net]\nbatch=1\ninputs=1\ntime_steps=120\n[lstm]\noutput=1\n")
    floats = np.zeros(16, "<f4")
    (tmp_path / "m.weights").write_bytes(np.array([0, 2, 5, 0, 0], "<i4").tobytes() + floats.tobytes())
    answer = nnfmt("convert", tmp_path / "m.weights", tmp_path / "m.h5", code=69)
    assert "[lstm]" in answer.err and "time_steps" in answer.err
    assert not (tmp_path / "m.h5").exists()
