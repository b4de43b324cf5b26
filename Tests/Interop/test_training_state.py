"""The optimizer's state and the settings of compile travel from Keras file to Keras file, or are left out with a warning.

Real Kerases train small models with every optimizer and save them; nnfmt converts the files to each container and form;
the target's real Keras loads them with compile and goes on. Where no warning said that the state was left out, the step
must change the weights as it does in the Keras that trained them.
"""

import collections
import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from seed import SEED

pytestmark = pytest.mark.long

HERE = Path(__file__).resolve().parent
KERASES = {"2": "tf_keras", "3": "keras"}
READERS = {"2": ["2"], "3": ["3"], "both": ["2", "3"]}
MODELS = ["dense", "convolution", "frozen", "nested", "recurrent", "two_outputs"]
OPTIMIZERS = ["sgd", "sgd_momentum", "sgd_decay", "adam", "adam_amsgrad", "adam_decay", "adam_average", "adamw", "rmsprop",
              "rmsprop_centered", "adagrad", "adadelta", "adamax", "nadam", "ftrl", "lion"]
ENDINGS = ["h5", "keras", "weights.h5"]
CONVERSIONS = 4
# Relative to the largest weight. A step without the state is off by more, as the test makes sure.
TOLERANCE = 2e-5

SETTINGS, STATE = "the settings of compile() are left out", "the optimizer's state is left out"


def run(root, task, jobs):
    """What is wrong with each job, by its id."""
    parts = []
    for generation, listed in jobs.items():
        place, answers = root / f"{task}_{generation}.json", root / f"{task}_{generation}.answers"
        place.write_text(json.dumps(listed))
        errors = open(root / f"{task}_{generation}.log", "w")
        parts.append((answers, subprocess.Popen(
            [sys.executable, HERE / "training_models.py", task, KERASES[generation], place, answers],
            stdout=errors, stderr=errors)))
    said = {}
    for answers, part in parts:
        assert part.wait() == 0, f"{answers.stem} ended with {part.returncode}"
        said |= json.loads(answers.read_text())
    return said


@pytest.fixture(scope="module")
def trained():
    """Models that each Keras trained: every optimizer on a model that is drawn, every model at least once."""
    draw = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="nnfmt-training-") as folder:
        root = Path(folder)
        jobs = {}
        for generation in KERASES:
            drawn = MODELS + [draw.choice(MODELS) for _ in range(len(OPTIMIZERS) - len(MODELS))]
            draw.shuffle(drawn)
            jobs[generation] = [
                {"id": f"{generation}-{optimizer}-{model}", "optimizer": optimizer, "model": model, "number": number,
                 "stem": str(root / f"{generation}_{optimizer}_{model}"), "made": generation}
                for number, (optimizer, model) in enumerate(zip(OPTIMIZERS, drawn))]
        wrong = {job: fault for job, fault in run(root, "make", jobs).items() if fault}
        assert not wrong, wrong
        yield root, [job for listed in jobs.values() for job in listed]


def difference(job, name, answer, reader=None):
    """How far the weights are off. In another Keras only those that are trained are held against: tf_keras's batch
    normalization takes n / (n - 1) of a variance for the moving one, Keras 3 does not."""
    with np.load(f"{job['stem']}.{name}.npz") as want, np.load(answer) as got:
        assert set(want.files) == set(got.files)
        keys = [key for key in want.files if reader in (None, job["made"]) or key.startswith("trained/")]
        scale = max(np.abs(want[key]).max() for key in keys)
        return max(np.abs(want[key] - got[key]).max() for key in keys) / scale


def has_state(path):
    """Whether a file holds an optimizer's arrays, and whether it tells how to compile."""
    if path.suffix == ".keras":
        from zipfile import ZipFile
        with ZipFile(path) as archive:
            compiled = "compile_config" in json.loads(archive.read("config.json"))
            with archive.open("model.weights.h5") as member, h5py.File(member) as file:
                return "optimizer" in file, compiled
    with h5py.File(path) as file:
        return "optimizer" in file or "optimizer_weights" in file, "training_config" in file.attrs


def test_training_goes_on(trained, nnfmt, note):
    root, made = trained
    draw = random.Random(SEED)
    jobs, by_id, told = collections.defaultdict(list), {}, collections.Counter()
    reasons, wrong = collections.Counter(), []
    for entry in made:
        every = [(source, target, form) for source in ENDINGS for target in ENDINGS for form in READERS]
        for source, target, form in draw.sample(every, CONVERSIONS):
            name = f"{entry['id']} {source} to {target} for {form}"
            out = root / f"{name.replace(' ', '_')}.{target}"
            config = ["--cfg", f"{entry['stem']}.keras"] if source == "weights.h5" else []
            answer = nnfmt("convert", f"{entry['stem']}.{source}", out, "--keras", form, *config, code=0)
            state, compiled = has_state(out)
            for line in answer.err.splitlines():
                if SETTINGS in line or STATE in line:
                    reasons[line.partition("left out, since ")[2]] += 1
            told["travelled" if state else "left out"] += 1
            if state == (STATE in answer.err):
                wrong.append(f"{name}: has state: {state}, but says: {answer.err}")
            whole = out
            if target == "weights.h5":
                # A model of that Keras to load the weights into.
                whole = root / f"{out.name}.whole.keras"
                said = nnfmt("convert", f"{entry['stem']}.keras", whole, "--keras", form).err
                compiled = SETTINGS not in said
            elif compiled == (SETTINGS in answer.err):
                wrong.append(f"{name}: compiled: {compiled}, but says: {answer.err}")
            for reader in READERS[form]:
                job = {"id": f"{name} in {reader}", "file": str(whole), "weights": str(out) if whole != out else None,
                       "builds": state, "compiled": compiled, "batch": f"{entry['stem']}.batch.npz",
                       "answer": f"{out}.{reader}.npz"}
                jobs[reader].append(job)
                by_id[job["id"]] = (entry, job, state)
    faults = run(root, "go_on", jobs)
    agree = asked = 0
    for name, fault in faults.items():
        entry, job, state = by_id[name]
        if fault:
            wrong.append(f"{name}: {fault}")
        elif state and job["compiled"]:
            asked += 1
            gap = difference(entry, "further", job["answer"], name[-1])
            agree += gap <= TOLERANCE
            if gap > TOLERANCE:
                wrong.append(f"{name}: off by {gap:.2g}")
    note(f"training goes on: of {sum(told.values())} files the state travelled into {told['travelled']}, {agree} of {asked} "
         f"times Keras trained on as before; left out: "
         + "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common()))
    assert not wrong, "\n".join(wrong)
    assert asked >= 50


def test_a_new_optimizer_trains_otherwise(trained):
    """The comparison above can fail: without the state the step is another one."""
    _, made = trained
    same = {entry["optimizer"] for entry in made
            if difference(entry, "anew", f"{entry['stem']}.further.npz") <= 3 * TOLERANCE}
    # The first keeps nothing that counts; the last goes by signs, which may stay.
    assert same <= {"sgd", "lion"}


def broken(path, how):
    """Settings, or a state, that no Keras writes."""
    with h5py.File(path, "a") as file:
        settings = json.loads(file.attrs["training_config"])
        state = file["optimizer_weights"]
        last = state.attrs["weight_names"][-1]
        if how == "loss":
            settings["loss"] = "my_own_loss"
        elif how == "metric":
            settings["metrics"] = [{"class_name": "my>Metric", "config": {"name": "m"}}]
        elif how == "optimizer":
            settings["optimizer_config"]["class_name"] = "Custom>Mine"
        elif how == "value":
            settings["optimizer_config"]["config"]["beta_1"] = "large"
        elif how == "key":
            settings["optimizer_config"]["config"]["beta_3"] = 0.5
        elif how == "output":
            settings["loss"] = {"no such output": "mse"}
        elif how == "list":
            settings = [settings]
        elif how == "shape":
            del state[last]
            state[last] = np.zeros(17, "f")
        elif how == "type":
            del state[last]
            state[last] = np.array([b"text"])
        elif how == "more":
            state["further"] = np.zeros(3, "f")
        elif how == "fewer":
            state.attrs["weight_names"] = state.attrs["weight_names"][:-1]
        elif how == "missing":
            del state[last]
        file.attrs["training_config"] = "{no JSON" if how == "text" else json.dumps(settings)


def test_broken_settings_are_left_out(trained, nnfmt):
    root, made = trained
    entry = next(entry for entry in made if entry["id"].startswith("2-adam-"))
    jobs, of_state = [], {"shape", "type", "more", "fewer", "missing"}
    for how in ["loss", "metric", "optimizer", "value", "key", "output", "list", "text", *sorted(of_state)]:
        path, out = root / f"broken_{how}.h5", root / f"broken_{how}.keras"
        shutil.copy(f"{entry['stem']}.h5", path)
        broken(path, how)
        answer = nnfmt("convert", path, out, "--keras", "2", code=0)
        assert STATE in answer.err and (SETTINGS in answer.err) == (how not in of_state), (how, answer.err)
        state, compiled = has_state(out)
        assert not state and compiled == (how in of_state), how
        jobs.append({"id": how, "file": str(out), "weights": None, "builds": False, "compiled": compiled,
                     "batch": f"{entry['stem']}.batch.npz", "answer": f"{out}.npz"})
    assert not {how: fault for how, fault in run(root, "go_on", {"2": jobs}).items() if fault}


def test_bytes_are_the_same(trained, nnfmt):
    root, made = trained
    for number, entry in enumerate(made[::7]):
        outs = [root / f"same_{number}_{turn}.keras" for turn in range(2)]
        for out in outs:
            nnfmt("convert", f"{entry['stem']}.keras", out, "--keras", entry["made"])
        assert outs[0].read_bytes() == outs[1].read_bytes()


def test_darknet_has_no_place_for_a_state(trained, nnfmt):
    root, made = trained
    entry = next(entry for entry in made if entry["model"] == "dense" and entry["made"] == "2")
    assert STATE in nnfmt("convert", f"{entry['stem']}.keras", root / "lost.weights").err
