"""Keras models that nnfmt wrote anew, in every container and for each generation, load in real Keras and compute the same.

The models are those of `keras_models`, saved by both Kerases. Each is converted for Keras 2, for Keras 3 and for both; what
is refused must be for a reason that `spec/keras-rewriting.md` names.
"""

import collections
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from keras_models.collection import all_files
from keras_models.not_computed import NOT_COMPUTED, NOT_COMPUTED_FILES
from seed import SEED

pytestmark = pytest.mark.long

HERE = Path(__file__).resolve().parent
# How many models are drawn, or the family of which all are tried.
WANTED = os.environ.get("NNFMT_REWRITTEN") or "60"
READERS = {"2": ["tf_keras"], "3": ["keras"], "both": ["tf_keras", "keras"]}
WHOLE = {"keras-h5": ".h5", "keras-archive": ".keras"}
WEIGHTS = {"keras-weights-h5": ".h5", "keras-v3-weights": ".weights.h5"}

# Models that are always among those that are tried: variables of one shape under one name, masks that each Keras joins
# in its own way.
ALWAYS = {f"recurrent-rnn_of_equal_cells-{framework}-{container}" for framework in ("tf_keras", "keras")
          for container in ("h5", "keras")} | {"masking-concatenate_of_second_masked_before_pooling-tf_keras-h5"}

# Why a model can't be had in a form, by what the error says (`spec/keras-rewriting.md`).
REASONS = [
    "has no layer of class", "has no class", "would not load what can be written", "otherwise", "called outside a layer",
    "keeps its weights in another way", "bfloat16", "a whole model inside of a layer", "computes in another type",
    "in the place of a function", "by chance", "would compute is not known",
    "code of its author's",
]


def chosen():
    names = [f"{case.id}-{container}" for case, container in all_files()
             # TensorFlow on a CPU has no pooling with the channels first.
             if not case.refused and not case.twin and "channels_first" not in case.name and container in ("h5", "keras") and case.id not in NOT_COMPUTED
             and f"{case.id}-{container}" not in NOT_COMPUTED_FILES]
    if not WANTED.isdecimal():
        return [name for name in names if name.startswith(f"{WANTED}-")]
    rest = sorted(set(names) - ALWAYS)
    return sorted(ALWAYS) + random.Random(SEED).sample(rest, min(int(WANTED), len(rest)))


@pytest.fixture(scope="module")
def models():
    """The models, written by the Keras that each is of."""
    with tempfile.TemporaryDirectory(prefix="nnfmt-generations-") as root:
        root = Path(root)
        (root / "names").write_text("\n".join(chosen()))
        parts = [subprocess.Popen(
            [sys.executable, HERE / "keras_models", root / str(part), "--unchecked", "--only", root / "names", "--part",
             f"{part}/2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for part in range(2)]
        for part in parts:
            said = part.communicate()[0]
            assert part.returncode == 0, f"the models could not be written:\n{said}"
        entries = []
        for part in range(2):
            for entry in json.loads((root / str(part) / "manifest.json").read_text()):
                folder = root / str(part)
                entries.append(entry | {
                    "file": str(folder / entry["file"]), "inputs": [str(folder / path) for path in entry["inputs"]],
                    "outputs": [str(folder / path) for path in entry["outputs"]]})
        yield root, entries


def computed(root, jobs):
    """What is wrong with each file, by the Keras that read it."""
    parts = {}
    for framework, listed in jobs.items():
        (root / f"{framework}.jobs").write_text(json.dumps(listed))
        parts[framework] = subprocess.Popen(
            [sys.executable, HERE / "rewritten_models.py", framework, root / f"{framework}.jobs", root / framework],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for framework, part in parts.items():
        assert part.wait() == 0, f"{framework} ended with {part.returncode}"
    return {framework: json.loads((root / framework).read_text()) for framework in parts}


def rewritten(root, entries, nnfmt, note, title):
    """Converts each model for each generation, and has what came of it loaded and computed by those that it is for."""
    draw = random.Random(SEED)
    jobs, refused = collections.defaultdict(list), collections.Counter()
    tried, strange, reasons = collections.Counter(), [], {}
    for number, entry in enumerate(entries):
        for form, readers in READERS.items():
            container = draw.choice(sorted(WHOLE))
            out = root / f"{number}_{form}{WHOLE[container]}"
            answer = nnfmt("convert", entry["file"], out, "--keras", form, code=None)
            tried[form] += 1
            if answer.code:
                refused[form] += 1
                reasons.setdefault(answer.err.splitlines()[0], entry["name"])
                if answer.code != 69 or not any(reason in answer.err for reason in REASONS):
                    strange.append(f"{entry['name']} for {form}: exit {answer.code}: {answer.err}")
                assert not out.exists()
                continue
            weights = None
            if draw.random() < 0.5:
                kind = draw.choice(sorted(WEIGHTS))
                weights = root / f"{number}_{form}_alone{WEIGHTS[kind]}"
                nnfmt("convert", entry["file"], weights, "--to", kind, "--keras", form)
            for framework in readers:
                jobs[framework].append({
                    "file": str(out), "weights": weights and str(weights), "inputs": entry["inputs"],
                    "outputs": entry["outputs"], "tolerance": entry["tolerance"], "name": f"{entry['name']} for {form}"})
    faults = computed(root, jobs)
    for form, readers in READERS.items():
        asked = [(framework, job) for framework in readers for job in jobs[framework] if job["name"].endswith(f" {form}")]
        out_of_reach = [framework for framework, job in asked if is_out_of_reach(faults[framework][job["file"]])]
        right = sum(faults[framework][job["file"]] is None for framework, job in asked)
        note(f"{title} with --keras {form}: of {tried[form]} files {refused[form]} refused, {right} of {len(asked)} load and "
             f"predict the same ({', '.join(readers)}), {len(out_of_reach)} that TensorFlow can't compute or name on a CPU")
    if os.environ.get("NNFMT_REWRITTEN"):
        print(*sorted(reasons.items()), sep="\n")
    wrong = [f"{framework}: {job['name']} as {Path(job['file']).suffix}, {job['weights'] and Path(job['weights']).name}: "
             f"{faults[framework][job['file']]}" for framework in jobs for job in jobs[framework]
             if faults[framework][job["file"]] is not None and not is_out_of_reach(faults[framework][job["file"]])]
    assert not strange and not wrong, "\n".join(strange + wrong)


def is_out_of_reach(fault):
    """Whether the model itself is one that TensorFlow on a CPU, which the Kerases here run on, doesn't take in any form."""
    return fault is not None and any(text in fault for text in (
        "only supports NHWC", "supports NHWC tensor format", "NCHW", "is not a valid root scope name", "not a valid scope name"))


def test_generations(models, nnfmt, note):
    root, entries = models
    rewritten(root, entries, nnfmt, note, "own models rewritten")


def test_generations_of_the_corpus(corpus, nnfmt, note, tmp_path):
    entries = []
    for path in sorted([*corpus.glob("keras/models/*/model.json"), *corpus.glob("keras/models_old/*/*/model.json")]):
        about, folder = json.loads(path.read_text()), path.parent
        # For more layers Python's recursion is too deep in tf_keras, and Keras 3 takes minutes.
        layers = about["layers"]
        if max(map(len, layers.values()) if isinstance(layers, dict) else [len(layers)]) > 900:
            continue
        outputs = about.get("outputs")
        for name, file in about["files"].items():
            if not name.endswith((".h5", ".keras")) or "weights" in name:
                continue
            listed = outputs[file["outputs"]] if outputs else sorted(path.name for path in folder.glob("output*.npy"))
            inputs = [value["file"] for value in about.get("inputs", [])] or [path.name for path in folder.glob("input*.npy")]
            entries.append({
                "name": f"{folder.relative_to(corpus)}/{name}", "file": str(folder / name),
                "inputs": [str(folder / value) for value in inputs], "outputs": [str(folder / value) for value in listed],
                "tolerance": max(about.get("abs_tolerance_suggested") or 0, 1e-5)})
    entries = [entry for entry in entries if entry["inputs"] and entry["outputs"]]
    count = {"60": 40, "corpus": len(entries)}.get(WANTED, 1)
    rewritten(tmp_path, random.Random(SEED).sample(entries, count), nnfmt, note, f"of {len(entries)} files of the corpus")
