#!/usr/bin/env python3
"""How long nnfmt takes to convert a large network, beside `cp` + `sync` of the same file and a numpy peer.

    python3 Tests/Benchmarks/convert.py [--cfg yolov3.cfg] [--rounds 7] [--ratio 1.5] [--memory 120] [--scratch DIR]

Needs numpy; h5py too for the peer. Writes random weights for the cfg (248 MB for yolov3), then runs all
contenders in turn, round after round, on a warm page cache, and prints the medians. Exit status 1 if nnfmt
is over a limit. What is timed ends with the output on the disk, for every contender alike.
"""

import argparse
import filecmp
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORPUS = Path(os.environ.get("NNFMT_CORPUS") or ROOT.parent / "shared" / "corpus")


def write_weights(path, floats):
    """Positive values, as variances must be; a block at a time."""
    import numpy as np  # In a process of its own: see `run`.

    random = np.random.default_rng(1)
    with open(path, "wb") as file:
        np.array([0, 2, 5, 0, 0], "<i4").tofile(file)
        for first in range(0, floats, 1 << 20):
            (random.random(min(1 << 20, floats - first), np.float32) + 0.01).tofile(file)
        file.flush()
        os.fsync(file.fileno())


def run(command):
    """Seconds and peak MiB of a command and its children.

    A child's peak counts from before exec, so it can't be lower than this process's own: hence no
    numpy in here.
    """
    began = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"exit {process.returncode}: {' '.join(map(str, command))}")
    return seconds, usage.ru_maxrss / 1024


def flushed(command, output):
    """The command, then the output flushed to the disk; nnfmt does that by itself."""
    return ["sh", "-c", '"$@" && sync "$0"', output, *command]


def contenders(nnfmt, folder):
    """Name, command, and the file that it writes."""
    weights, plan = folder / "net.weights", folder / "plan.json"
    copy, model, back = folder / "copy", folder / "net.h5", folder / "back.weights"
    yield "cp + sync", flushed(["cp", weights, copy], copy), copy
    yield "nnfmt weights → h5", [nnfmt, "convert", weights, model], model
    yield "nnfmt h5 → weights", [nnfmt, "convert", model, back], back
    if find_spec("h5py"):
        peer, model, back = [sys.executable, HERE / "peer.py"], folder / "peer.h5", folder / "peer.weights"
        yield "numpy + h5py weights → h5", flushed([*peer, "to-h5", plan, weights, model], model), model
        yield "numpy + h5py h5 → weights", flushed([*peer, "to-weights", plan, model, back], back), back


def measure(nnfmt, folder, rounds):
    """For each contender, its seconds and its peaks, one of each a round."""
    results = {}
    for _ in range(rounds):
        for name, command, output in contenders(nnfmt, folder):
            for old in (output, output.with_suffix(".cfg")):
                if old.name != "net.cfg":
                    old.unlink(missing_ok=True)
            seconds, peak = run(command)
            results.setdefault(name, []).append((seconds, peak))
    if not filecmp.cmp(folder / "net.weights", folder / "back.weights", shallow=False):
        sys.exit("the way there and back has changed the weights")
    return results


def report(results, ratio_limit, memory_limit):
    """Prints the table; whether nnfmt is within the limits."""
    base = statistics.median(seconds for seconds, _ in results["cp + sync"])
    print(f"{'':28} {'seconds':>8} {'fastest':>8} {'x cp+sync':>10} {'peak MiB':>9}")
    good = True
    for name, rows in results.items():
        seconds = statistics.median(row[0] for row in rows)
        peak = max(row[1] for row in rows)
        verdict = ""
        if name.startswith("nnfmt"):
            within = seconds / base <= ratio_limit and peak <= memory_limit
            verdict = "PASS" if within else "FAIL"
            good &= within
        print(f"{name:28} {seconds:8.3f} {min(rows)[0]:8.3f} {seconds / base:10.2f} {peak:9.1f}  {verdict}")
    print(f"limits for nnfmt: {ratio_limit:g} x cp+sync, {memory_limit:g} MiB; medians of {len(rows)} rounds")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cfg", type=Path, default=CORPUS / "darknet/zoo/AlexeyAB/cfg/yolov3.cfg")
    parser.add_argument("--nnfmt", type=Path, default=ROOT / ".build/release/nnfmt")
    parser.add_argument("--scratch", type=Path, help="where to work (default: beside the sources, removed afterwards)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--ratio", type=float, default=1.5)
    parser.add_argument("--memory", type=float, default=120)
    options = parser.parse_args()
    for needed in (options.cfg, options.nnfmt):
        if not needed.exists():
            parser.error(f"there is no {needed}")

    with tempfile.TemporaryDirectory(prefix=".build-benchmark-", dir=options.scratch or ROOT) as scratch:
        folder = Path(scratch)
        shutil.copyfile(options.cfg, folder / "net.cfg")
        plan = subprocess.run(
            [options.nnfmt, "inspect", folder / "net.cfg", "--json"], stdout=subprocess.PIPE, check=True).stdout
        (folder / "plan.json").write_bytes(plan)
        floats = json.loads(plan)["parameter_count"]
        writer = multiprocessing.Process(target=write_weights, args=(folder / "net.weights", floats))
        writer.start()
        writer.join()
        if writer.exitcode:
            sys.exit("the weights can't be written (is numpy installed?)")
        print(f"{options.cfg.name}: {floats} floats, {floats * 4 / 1e6:.0f} MB")
        results = measure(options.nnfmt, folder, options.rounds)
    sys.exit(0 if report(results, options.ratio, options.memory) else 1)


if __name__ == "__main__":
    main()
