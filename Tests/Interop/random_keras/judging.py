"""One model: saved in its containers, inspected, run, converted and validated by nnfmt, and compared with Keras."""

import os
import re
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np

from frameworks import loads
from keras_models.case import BFLOAT
from keras_models.making import flat, parameter_count, scaled_error

from .expected import Expected
from .verdict import NAMED, Verdict, reason

# A difference beyond the base is agreement too where rounding alone reaches as far (`sensitivity`): this many times
# what it does.
ROUNDINGS = 12
# A model in which last bits do more than this tells nothing.
CHAOTIC = 1e-3
# With short types all inputs and weights are changed by as much as they are rounded, so that twice that is much already.
SHORT_ROUNDINGS, SHORT_CHAOTIC = 2, BFLOAT


# The containers of whole models, and how often what is said of their loading is held against both Kerases, which takes
# longer than all the rest.
CLAIMING = ("h5", "keras")
CLAIMS_EVERY = int(os.environ.get("NNFMT_CLAIMS_EVERY", 3))


class Judge:
    def __init__(self, k, nnfmt, scratch):
        self.k, self.nnfmt, self.scratch = k, nnfmt, scratch

    def __call__(self, about, number, model=None, keep=None):
        """The verdict on a description; `model` is Keras's model of it if there is one already."""
        verdict = Verdict()
        folder = keep or Path(tempfile.mkdtemp(dir=self.scratch))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                Judged(self, verdict, folder, about, number).judge(model)
        finally:
            if keep is None:
                shutil.rmtree(folder, ignore_errors=True)
        if verdict.outcome == "agrees" and any(name.startswith("run") for name in verdict.refusals):
            verdict.outcome = "refused"
        return verdict


class Judged(Expected):
    """A model while it is judged."""

    def __init__(self, judge, verdict, folder, about, number):
        super().__init__(judge.k, verdict, folder, about, number)
        self.nnfmt = judge.nnfmt

    def judge(self, model):
        if not self.built(model):
            return
        files = self.saved()
        if not files or not self.computed():
            return
        ran = {container: self.run(container, path, cfg) for container, path, cfg in files}
        for container, path, cfg in files:
            self.inspect(container, path, cfg)
        self.validate(files, ran)
        container, path, cfg = files[0]
        if cfg is None and ran[container]:
            self.convert(container, path)

    def inputs_given(self):
        given = []
        for index, x in enumerate(self.ordered(self.fed)):
            path = self.folder / f"input_{index}.npy"
            if not path.exists():
                np.save(path, x)
            given += ["--input", path]
        return given

    def answer(self, what, *arguments, allowed=(0, 69)):
        answer = self.nnfmt(*arguments, code=None)
        self.verdict.done.append(what)
        if answer.code == 69:
            why = reason(answer.err, self.folder)
            self.verdict.refuses(what, why)
            if not NAMED.search(why):
                self.verdict.fails(what, f"refused without a name: {why}")
        elif answer.code not in allowed:
            self.verdict.fails(what, f"exit {answer.code}: {reason(answer.err, self.folder)}")
        return answer

    def run(self, container, path, cfg):
        """Whether nnfmt computes the file, rightly or not."""
        what, out = f"run-{container}", self.folder / container / "y"
        answer = self.answer(what, "run", path, *(["--cfg", cfg] if cfg else []), *self.inputs_given(), "--output", out)
        if answer.code == 0:
            if self.random:
                self.verdict.fails(what, "computed, though chance decides")
                return False
            self.compare(what, out, self.want)
        return answer.code == 0

    def compare(self, what, out, want):
        names = [f"output_{index}.npy" for index in range(len(want))]
        if sorted(names) != sorted(path.name for path in out.iterdir()):
            self.verdict.fails(what, f"outputs: {sorted(path.name for path in out.iterdir())}, expected {len(want)}")
            return
        self.close(what, [np.load(out / name) for name in names], want)

    def close(self, what, got, want):
        for index, (mine, theirs) in enumerate(zip(got, want)):
            if mine.shape != theirs.shape:
                self.verdict.fails(what, f"output {index} has the shape {mine.shape}, expected {theirs.shape}")
                return
        gap = max(scaled_error(a, b) for a, b in zip(got, want))
        if gap <= self.base:
            return
        rounding = self.sensitivity()
        if rounding > (SHORT_CHAOTIC if self.is_short else CHAOTIC):
            self.verdict.outcome, self.verdict.note = "chaotic", f"off by {gap:.3g} where last bits do {rounding:.3g}"
        elif gap > (SHORT_ROUNDINGS if self.is_short else ROUNDINGS) * rounding:
            self.verdict.fails(what, f"off by {gap:.3g}, where last bits do {rounding:.3g}")

    def inspect(self, container, path, cfg):
        what = f"inspect-{container}"
        answer = self.answer(what, "inspect", path, *(["--cfg", cfg] if cfg else []), "--json", allowed=(0,))
        if answer.code:
            return
        said = answer.json
        count = parameter_count(self.model)
        if cfg is None and said.get("parameter_count") != count:
            self.verdict.fails(what, f"{said.get('parameter_count')} parameters, Keras has {count}")
        if container in CLAIMING and self.number % CLAIMS_EVERY == 0:
            self.claims(f"loads_in-{container}", path, said)
        shapes = {layer["name"]: layer.get("output_shape") for layer in said["layers"]}
        for layer in self.model.layers:
            tensors = single_output(self.k, layer)
            shape = shapes.get(layer.name)
            if tensors is None or shape is None:
                continue
            # Keras itself may know an extent only once it computes.
            known = [(mine, theirs) for mine, theirs in zip(shape, tensors.shape[1:]) if theirs is not None]
            if len(shape) != len(tensors.shape) - 1 or any(mine != theirs for mine, theirs in known):
                self.verdict.fails(what, f"{layer.name} gives {shape}, in Keras {list(tensors.shape[1:])}")

    def claims(self, what, path, said):
        """What is said of the file's loading, held against both Kerases."""
        self.verdict.done.append(what if "loads_in" in said else "nothing claimed")
        for number, framework in ((2, "Keras 2"), (3, "Keras 3")):
            if "loads_in" not in said:
                return
            real, claim = loads(framework, path), f"keras-{number}" in said["loads_in"]
            if claim != (real is True):
                self.verdict.fails(what, f"said of {framework}: {'loads' if claim else said['does_not_load']}; it says: {real}")

    def validate(self, files, ran):
        computed = [entry for entry in files if ran[entry[0]] and entry[2] is None]
        if len(computed) < 2 or self.verdict.failures:
            return
        answer = self.answer("validate", "validate", computed[0][1], computed[1][1], allowed=(0, 64))
        if answer.code == 64:
            # The files leave open what the model computes on, so that it is to be given.
            if "none of the inputs that were made up" not in answer.err:
                self.verdict.fails("validate", f"exit 64: {reason(answer.err, self.folder)}")
            answer = self.answer("validate", "validate", computed[0][1], computed[1][1], *self.inputs_given(), allowed=(0,))
        if answer.code == 69:
            self.verdict.fails("validate", f"refuses what runs: {self.verdict.refusals.pop('validate')}")

    def convert(self, container, path):
        out = self.folder / "darknet.weights"
        arguments = ["convert", path, out]
        answer = self.answer("convert", *arguments)
        if answer.code == 69 and "--dialect pjreddie" in answer.err:
            del self.verdict.refusals["convert"]
            arguments += ["--dialect", "pjreddie"]
            answer = self.answer("convert", *arguments)
        if answer.code or self.random:
            return
        order = {int(i): layer for i, layer in re.findall(r"output (\d+) is layer (\d+)", answer.err)}
        last = len(self.want) == 1
        layers = "-1" if last else ",".join(order.get(i, "-1") for i in range(len(self.want)))
        x = planar(self.fed[0])
        if x.ndim == 2 and "inputs=" not in out.with_suffix(".cfg").read_text():
            # Darknet has a vector that no connected layer takes first as the channels of one place.
            x = x[:, :, None, None]
        np.save(self.folder / "planar.npy", x)
        result = self.answer(
            "run-darknet", "run", out, "--cfg", out.with_suffix(".cfg"), "--input", self.folder / "planar.npy", "--output", self.folder / "d",
            "--layers", layers, *arguments[3:], allowed=(0,))
        if result.code:
            return
        found = sorted((self.folder / "d").iterdir())
        by_number = {int(p.stem): np.load(p) for p in found}
        numbers = [max(by_number) if last or i not in order else int(order[i]) for i in range(len(self.want))]
        got = [by_number[n] for n in numbers]
        want = [planar(y) for y in self.want]
        # A vector may come as a picture of one place.
        got = [g.reshape(w.shape) if g.size == w.size and (g.ndim == 2 or g.shape[2:] == (1, 1) or w.ndim == 2) else g for g, w in zip(got, want)]
        self.close("run-darknet", got, want)
        self.verdict.done.append("converted")


def planar(x):
    """Channels in front, as darknet has them."""
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x


def single_output(k, layer):
    """What a layer gives, if it was called once and gives one value."""
    nodes = getattr(layer, "_inbound_nodes", ())
    if len(nodes) != 1:
        return None
    answer = flat(k, nodes[0].output_tensors if hasattr(nodes[0], "output_tensors") else nodes[0].outputs)
    return answer[0] if len(answer) == 1 else None
