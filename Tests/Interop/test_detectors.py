"""The corpus's trained detectors in real Keras, against what real darknet computed."""

import numpy as np

import darknet_numpy
from darknet_numpy.heads import HEADS
from frameworks import FRAMEWORKS, load, outputs


def decoded(cfg, tensors):
    """Darknet's head formulas on the tensors that Keras computed, as {cfg index: buffer}."""
    heads = [(i, s) for i, s in enumerate(darknet_numpy.parse(cfg)[1:]) if s.type in HEADS]
    assert len(heads) == len(tensors)
    return {
        index: HEADS[head.type](head, tensor.transpose(0, 3, 1, 2).astype(np.float64), "alexeyab")
        for (index, head), tensor in zip(heads, tensors)
    }


def gap(case, framework, model, pictures):
    cfg = (case / "model.cfg").read_text()
    channels, height, width = darknet_numpy.input_shape(cfg)
    picture = np.load(pictures / f"dog_{width}x{height}_resize.npy").reshape(1, channels, height, width)
    buffers = decoded(cfg, outputs(load(framework, model), picture))
    return max(
        np.abs(buffer.ravel() - np.load(case / "outputs" / f"{index:03d}_resize.npy").ravel()).max()
        for index, buffer in buffers.items())


def test_detectors(corpus, nnfmt, tmp_path, note):
    real = corpus / "darknet" / "real"
    cases = sorted(path.parent for path in real.glob("*/model.weights"))
    assert cases, f"no detectors in {real}"
    agreeing, shortfalls = dict.fromkeys(FRAMEWORKS, 0), []
    for case in cases:
        model = tmp_path / f"{case.name}.h5"
        answer = nnfmt("convert", case / "model.weights", model, code=None)
        if answer.code:
            shortfalls.append(f"{case.name}: {answer.err.strip()}")
            continue
        for framework in FRAMEWORKS:
            try:
                off = gap(case, framework, model, real / "inputs")
            except Exception as problem:  # One that does not load must not hide the others.
                shortfalls.append(f"{case.name} in {framework}: {problem}")
                continue
            if off <= 1e-4:
                agreeing[framework] += 1
            else:
                shortfalls.append(f"{case.name} in {framework}: off by {off:.3g}")
    for framework, count in agreeing.items():
        note(f"{count} of {len(cases)} trained detectors agree with darknet in {framework}")
    assert not shortfalls, "\n".join(shortfalls)
