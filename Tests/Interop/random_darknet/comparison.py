"""Holds nnfmt against darknet on one random network."""

import re
import shutil
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from . import grammar, weights

TOLERANCE = 2e-6
DIALECT = ("--dialect", "pjreddie")


@dataclass
class Verdict:
    """What came out for one seed."""

    seed: int
    compared: int = 0  # layers
    skipped: list = field(default_factory=list)  # reasons why layers were not compared
    refused: list = field(default_factory=list)  # what nnfmt refused, by name
    went_back: bool = False  # to Keras's format and back
    failures: list = field(default_factory=list)


def gap(got, want):
    """The scaled error; infinite where only one of the two is a number."""
    got, want = np.asarray(got, np.float64).ravel(), np.asarray(want, np.float64).ravel()
    if got.size != want.size or (np.isnan(got) != np.isnan(want)).any() or (np.isinf(got) != np.isinf(want)).any():
        return np.inf
    finite = np.isfinite(want)
    return np.abs(got[finite] - want[finite]).max(initial=0) / (1 + np.abs(want[finite]).max(initial=0))


def amplification(values, batch, shape):
    """What the errors of values are multiplied by where each pixel is divided by its length."""
    if not shape[0]:
        return 1
    pixels = np.asarray(values, np.float64).reshape(batch, shape[0], -1)
    shortest = np.sqrt((pixels**2).sum(axis=1)).min()
    return max(1, (1 + np.abs(pixels).max()) / shortest) if shortest else 1


class Comparison:
    def __init__(self, library, nnfmt, folder):
        self.library, self.nnfmt, self.folder = library, nnfmt, folder

    def __call__(self, seed):
        verdict = Verdict(seed)
        network = grammar.network(seed)
        folder = self.folder / str(seed)
        folder.mkdir(parents=True)
        paths = weights.write(network, folder, seed)
        try:
            self._judge(network, paths, folder, verdict)
        except Exception as failure:  # a fault of this program's is a failure of its seed
            verdict.failures.append(f"{type(failure).__name__}: {failure}")
        return verdict

    def remove(self, seed):
        """The files of a network."""
        shutil.rmtree(self.folder / str(seed))

    def _judge(self, network, paths, folder, verdict):
        cfg, binary, x = paths
        outcome = self.library.compute(cfg, binary, np.load(x))
        inspected = self.nnfmt("inspect", binary, "--json", *DIALECT, code=None)
        if outcome.ending != "computed":
            verdict.failures.append(f"darknet ends with {outcome.ending}: {outcome.said.splitlines()[-1:]}")
            return
        # It turns a flipped kernel when it loads, and does not turn it back.
        flipped = any("flipped" in layer.options for layer in network.layers)
        is_same = flipped or outcome.resaved == binary.read_bytes()
        if len(outcome.resaved) != binary.stat().st_size or not is_same:
            verdict.failures.append("darknet does not save what it loaded: the arrays of the generator are wrong")
            return
        if inspected.code:
            verdict.failures.append(f"inspect: exit {inspected.code}: {start(inspected)}")
            return
        self._shapes(network, outcome, inspected.json, binary, verdict)
        ran = self.nnfmt("run", binary, *DIALECT, "--input", x, "--layers", "all", "--output", folder / "out", code=None)
        if ran.code == 69:
            verdict.refused.append("run: " + reason(ran.err))
        elif ran.code:
            verdict.failures.append(f"run: exit {ran.code}: {start(ran)}")
        else:
            self._values(network, outcome, folder / "out", verdict)
        self._way_back(binary, folder, verdict)

    def _shapes(self, network, outcome, document, binary, verdict):
        fail = verdict.failures.append
        if document["status"] != "complete" or document["expected_bytes"] != binary.stat().st_size:
            fail(f"inspect: {document['status']}, {document['expected_bytes']} bytes expected")
        if len(document["layers"]) != len(outcome.layers):
            fail(f"inspect: {len(document['layers'])} layers, darknet has {len(outcome.layers)}")
        for layer, theirs, ours in zip(network.layers, outcome.layers, document["layers"]):
            place = f"inspect: layer {ours['index']} [{layer.type}]"
            shape = tuple(ours["output_shape"])
            floats = sum(count for _, count, *_ in layer.arrays)
            is_other = len(shape) == 3 and all(theirs["shape"]) and shape != theirs["shape"]
            if int(np.prod(shape)) != theirs["outputs"] or is_other:
                fail(f"{place}: shape {shape}, darknet has {theirs['shape']}, {theirs['outputs']} numbers")
            if ours["parameter_count"] != floats:
                fail(f"{place}: {ours['parameter_count']} parameters, darknet has {floats}")

    def _values(self, network, outcome, folder, verdict):
        allowed = TOLERANCE
        for i, (layer, theirs) in enumerate(zip(network.layers, outcome.layers)):
            bug = layer.bug
            if theirs["type"] == "NORMALIZATION" and np.isnan(theirs["values"]).any():
                bug = "[normalization] gives NaN where the running sum falls below 0"
            if bug:
                verdict.skipped.append(bug)
                return
            place = f"layer {i} [{layer.type}]"
            path = folder / f"{i:03d}.npy"
            if not path.exists():
                verdict.failures.append(f"{place}: run wrote nothing")
                continue
            ours = np.load(path)
            if ours.shape[0] != network.batch:
                verdict.failures.append(f"{place}: {ours.shape[0]} samples, not {network.batch}")
            if theirs["type"] == "L2NORM" and i:
                allowed *= amplification(outcome.layers[i - 1]["values"], network.batch, theirs["shape"])
            error = gap(ours, theirs["values"])
            verdict.compared += 1
            if not error <= allowed:
                verdict.failures.append(f"{place}: off by {error:.3g}, allowed {allowed:.3g}")
                # What follows is computed of it.
                return
            if not np.abs(theirs["values"]).max(initial=0) < 1e15:
                verdict.skipped.append("behind values that are no numbers, or too large for their squares")
                return

    def _way_back(self, binary, folder, verdict):
        keras, back = folder / "net.h5", folder / "back.weights"
        converted = self.nnfmt("convert", binary, keras, *DIALECT, code=None)
        if converted.code == 69:
            verdict.refused.append("convert: " + reason(converted.err))
            return
        steps = [("validate", binary, keras, *DIALECT), ("convert", keras, back), ("validate", keras, back)]
        for step in steps if converted.code == 0 else []:
            answer = self.nnfmt(*step, code=None)
            if answer.code:
                command = f"{step[0]} {step[1].name} {step[2].name}"
                verdict.failures.append(f"{command}: exit {answer.code}: {start(answer)}")
                return
        if converted.code:
            verdict.failures.append(f"convert: exit {converted.code}: {start(converted)}")
        elif back.read_bytes() != binary.read_bytes():
            verdict.failures.append("the way to Keras's format and back changes the bytes")
        verdict.went_back = not verdict.failures


def start(answer):
    """The first lines of what it said: a crash says much."""
    return "\n".join((answer.out + answer.err).splitlines()[:8])


def reason(message):
    """What a refusal names, without what differs from network to network."""
    line = re.sub(r"^error: (\S*/)?\S+: ", "", message.strip().splitlines()[0])
    line = re.sub(r"layer \d+ ", "", re.sub(r"line \d+(, )?", "", line))
    return re.sub(r"\d+", "N", line)


def summary(verdicts):
    """Lines: how many agreed, what was refused and left out, what differs."""
    count = len(verdicts)
    failed = [verdict for verdict in verdicts if verdict.failures]
    lines = [
        f"{count} networks, {sum(v.compared for v in verdicts)} layers compared, "
        f"{sum(v.went_back for v in verdicts)} to Keras's format and back, {len(failed)} differing"
    ]
    for title, of in (("refused", lambda v: v.refused), ("not compared", lambda v: v.skipped)):
        for why, number in Counter(why for verdict in verdicts for why in of(verdict)).most_common():
            lines.append(f"  {title}: {number} × {why}")
    for verdict in failed:
        lines += [f"  seed {verdict.seed}: {failure}" for failure in verdict.failures]
    return lines
