"""Writes every model with inputs and expected outputs: `python Tests/Interop/keras_models FOLDER [NAME…]`.

FOLDER/manifest.json lists {name, family, framework, file, cfg, inputs, outputs, tolerance}, paths within FOLDER;
of a given NAME only the cases whose names hold it are written. What could not be written is in skipped.json.
"""

import json
import logging
import os
import sys
import traceback
from pathlib import Path

import numpy as np

for name, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}.items():
    os.environ.setdefault(name, value)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from keras_models.collection import all_cases  # noqa: E402
from keras_models.making import first_line, make, reload_fault, save  # noqa: E402


def written(folder, paths, arrays):
    for path, array in zip(paths, arrays):
        np.save(folder / path, array)
    return paths


def write_case(case, root, manifest, skipped):
    folder = root / case.family / case.framework / case.name
    folder.mkdir(parents=True, exist_ok=True)

    def skip(what, why):
        skipped.append({"name": f"{case.id}-{what}", "why": why})

    try:
        made = make(case)
    except Exception as error:  # noqa: BLE001 - Keras raises whatever it likes
        return skip("build", first_line(error) + " @ " + traceback.format_exc().splitlines()[-3].strip())
    saved = []
    for container in case.containers:
        if container in case.impossible:
            skip(container, f"known: {case.impossible[container]}")
            continue
        try:
            (folder / container).mkdir(exist_ok=True)
            saved.append((container, *save(made, container, folder / container)))
        except Exception as error:  # noqa: BLE001
            skip(container, f"can't be written: {first_line(error)}")
    try:
        want = made.outputs()
    except Exception as error:  # noqa: BLE001
        return skip("call", first_line(error))
    within = folder.relative_to(root)
    inputs = written(root, [f"{within}/input_{i}.npy" for i in range(len(made.inputs))], made.inputs)
    outputs = written(root, [f"{within}/expected_{i}.npy" for i in range(len(want))], want)
    for container, path, cfg in saved:
        if fault := reload_fault(made, want, path, cfg):
            skip(container, fault)
            continue
        manifest.append({
            "name": f"{case.id}-{container}", "family": case.family, "framework": case.framework,
            "file": str(path.relative_to(root)), "cfg": cfg and str(cfg.relative_to(root)),
            "inputs": inputs, "outputs": outputs, "tolerance": case.tolerance})


def report(root, manifest, skipped):
    (root / "manifest.json").write_text(json.dumps(manifest, indent=1))
    (root / "skipped.json").write_text(json.dumps(skipped, indent=1))


def main(root, *wanted):
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    manifest, skipped = [], []
    logging.disable(logging.WARNING)
    for case in all_cases():
        if not wanted or any(part in case.id for part in wanted):
            write_case(case, root, manifest, skipped)
            if len(manifest) % 20 < 2:
                report(root, manifest, skipped)
    report(root, manifest, skipped)
    print(f"{len(manifest)} models in {root}, {len(skipped)} could not be written")


if __name__ == "__main__":
    main(*sys.argv[1:])
