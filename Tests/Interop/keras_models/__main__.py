"""Writes every model with inputs and expected outputs: `python Tests/Interop/keras_models FOLDER [NAME…]`.

FOLDER/manifest.json lists {name, family, framework, file, cfg, inputs, outputs, layers, tolerance, refused, parameters}, paths
within FOLDER; with NAMEs only of the cases whose names hold one. What could not be written is in skipped.json.
"""

import argparse
import json
import logging
import os
import sys
import warnings
from pathlib import Path

import numpy as np

for name, value in {
    "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow"}.items():
    os.environ.setdefault(name, value)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from keras_models.collection import all_files  # noqa: E402
from keras_models.making import first_line, layer_values, make, parameter_count, reload_fault, save  # noqa: E402


def written(folder, paths, arrays):
    for path, array in zip(paths, arrays):
        np.save(folder / path, array)
    return paths


def write_case(case, root, containers, checks, manifest, skipped):
    folder = root / case.family / case.framework / case.name
    folder.mkdir(parents=True, exist_ok=True)

    def skip(what, why):
        skipped.append({"name": f"{case.id}-{what}", "why": why})

    try:
        made = make(case)
    except Exception as error:  # noqa: BLE001 - Keras raises whatever it likes
        return [skip(container, f"can't be built: {first_line(error)}") for container in containers]
    saved = []
    for container in containers:
        try:
            (folder / container).mkdir(exist_ok=True)
            saved.append((container, *save(made, container, folder / container)))
        except Exception as error:  # noqa: BLE001
            skip(container, f"can't be written: {first_line(error)}")
    # After it was saved: a stateful layer has moved on then.
    try:
        want = made.outputs()
        values = layer_values(made) if case.layers else {}
    except Exception as error:  # noqa: BLE001
        return [skip(container, f"can't be computed: {first_line(error)}") for container in containers]
    within = folder.relative_to(root)
    inputs = written(root, [f"{within}/input_{i}.npy" for i in range(len(made.inputs))], made.inputs)
    outputs = written(root, [f"{within}/expected_{i}.npy" for i in range(len(want))], want)
    layers = dict(zip(values, written(root, [f"{within}/layer_{i}.npy" for i in range(len(values))], values.values())))
    for container, path, cfg in saved:
        if checks and not case.twin and not case.refused and (fault := reload_fault(made, want, path, cfg)):
            skip(container, fault)
            continue
        manifest.append({
            "name": f"{case.id}-{container}", "family": case.family, "framework": case.framework,
            "file": str(path.relative_to(root)), "cfg": cfg and str(cfg.relative_to(root)), "inputs": inputs,
            "outputs": outputs, "layers": layers, "tolerance": case.tolerance, "refused": case.refused,
            "parameters": parameter_count(made.model)})


def report(root, manifest, skipped):
    (root / "manifest.json").write_text(json.dumps(manifest, indent=1))
    (root / "skipped.json").write_text(json.dumps(skipped, indent=1))


def chosen(options):
    """The containers wanted of each case."""
    only = options.only and set(options.only.read_text().splitlines())
    files = {}
    for case, container in all_files():
        name = f"{case.id}-{container}"
        if (only is None or name in only) and (not options.name or any(part in name for part in options.name)):
            files.setdefault(case, []).append(container)
    # By twos, since a case is mostly followed by the same one of the other framework, which takes longer.
    part, parts = options.part
    return [item for index, item in enumerate(files.items()) if index // 2 % parts == part]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("name", nargs="*")
    parser.add_argument("--only", type=Path, help="a file with the whole names of the models to write")
    parser.add_argument("--part", type=lambda text: [int(number) for number in text.split("/")], default=(0, 1), 
                        help="1/3: the second third of the cases")
    parser.add_argument("--unchecked", dest="checks", action="store_false", help="don't let Keras read the files back")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    manifest, skipped = [], []
    for count, (case, containers) in enumerate(chosen(options)):
        write_case(case, options.folder, containers, options.checks, manifest, skipped)
        if count % 50 == 49:
            report(options.folder, manifest, skipped)
    report(options.folder, manifest, skipped)
    print(f"{len(manifest)} models in {options.folder}; {len(skipped)} could not be written")


if __name__ == "__main__":
    main()
