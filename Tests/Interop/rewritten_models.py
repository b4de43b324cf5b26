"""Loads models that nnfmt wrote in one Keras and compares what they compute: `rewritten_models.py FRAMEWORK JOBS ANSWERS`.

JOBS is JSON: {file, weights, inputs, outputs, tolerance}…; ANSWERS gets for each file null or what is wrong with it. A process of its own
for each Keras, since both keep what they once loaded.
"""

import importlib
import json
import os
import signal
import sys

for name, value in {
    "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow"}.items():
    os.environ.setdefault(name, value)

import numpy as np  # noqa: E402

SECONDS = 60


def late(*_):
    raise TimeoutError


def listed(answer):
    if isinstance(answer, dict):
        return [np.asarray(answer[name]) for name in sorted(answer)]
    return [np.asarray(value) for value in (answer if isinstance(answer, (list, tuple)) else [answer])]


def fault(k, job):
    model = k.models.load_model(job["file"], compile=False)
    if job.get("weights"):
        # Other numbers first, so that those of the file are missed if they don't arrive.
        for variable in model.variables:
            if "float" in str(variable.dtype):
                variable.assign(np.full(variable.shape, 3))
        model.load_weights(job["weights"])
    inputs = [np.load(path) for path in job["inputs"]]
    got = listed(model(inputs if len(inputs) > 1 else inputs[0], training=False))
    want = [np.load(path) for path in job["outputs"]]
    if [value.shape for value in got] != [value.shape for value in want]:
        return f"outputs of {[value.shape for value in got]}, expected {[value.shape for value in want]}"
    for mine, theirs in zip(got, want):
        # NaN and infinities must stand in the same places.
        finite = np.isfinite(theirs)
        if not np.array_equal(mine[~finite], theirs[~finite], equal_nan=True):
            return "other values that are no numbers"
        mine, theirs = mine[finite].astype(np.float64), theirs[finite].astype(np.float64)
        gap = np.abs(mine - theirs).max(initial=0) / (1 + np.abs(theirs).max(initial=0))
        if not gap <= job["tolerance"]:
            return f"off by {gap:.3g}, allowed {job['tolerance']:.3g}"
    return None


def main(framework, jobs, answers):
    k = importlib.import_module(framework)
    signal.signal(signal.SIGALRM, late)
    result = {}
    with open(jobs) as file:
        for job in json.load(file):
            signal.alarm(SECONDS)
            try:
                result[job["file"]] = fault(k, job)
            except BaseException as error:  # noqa: BLE001 - Keras raises whatever it likes
                result[job["file"]] = f"{type(error).__name__}: {str(error)[:300]}"
            finally:
                signal.alarm(0)
                k.backend.clear_session()
    with open(answers, "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
