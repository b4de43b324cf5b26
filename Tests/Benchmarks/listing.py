#!/usr/bin/env python3
"""How long `nnfmt inspect` takes for large HDF5 files, beside `h5ls -r` of libhdf5.

    python3 Tests/Benchmarks/listing.py [--rounds 21] [--ratio 1.5] [--scratch DIR]

Needs h5py, numpy and h5ls (hdf5-tools). Writes a file of 248 MB with 100 datasets, and files with 5,000 datasets in the
oldest and the newest format, then runs both in turn, round after round, on a warm page cache, and prints the medians
of the wall-clock time. Exit status 1 if nnfmt is slower than the ratio allows.
"""

import argparse
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def write(folder):
    """In a process of its own, so that its memory is not this one's."""
    import h5py
    import numpy as np

    with h5py.File(folder / "248 MB, 100 datasets.h5", "w") as file:
        for number in range(100):
            file.create_dataset(f"layer_{number}/kernel", data=np.ones(620_000, "f4"))
    for version, name in (("earliest", "oldest"), ("latest", "newest")):
        with h5py.File(folder / f"5,000 datasets in 100 groups, {name} format.h5", "w", libver=version) as file:
            for number in range(5000):
                file.create_dataset(f"group_{number % 100}/dataset_{number}", data=np.ones(8, "f4"))
    with h5py.File(folder / "5,000 datasets in one group, oldest format.h5", "w", libver="earliest") as file:
        for number in range(5000):
            file.create_dataset(f"dataset_{number}", data=np.ones(8, "f4"))


def seconds(command):
    began = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"exit {done.returncode}: {' '.join(map(str, command))}")
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--nnfmt", type=Path, default=ROOT / ".build/release/nnfmt")
    parser.add_argument("--scratch", type=Path, help="where to work (default: beside the sources, removed afterwards)")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--ratio", type=float, default=1.5)
    options = parser.parse_args()
    if not shutil.which("h5ls"):
        parser.error("there is no h5ls: apt-get install hdf5-tools")

    good = True
    with tempfile.TemporaryDirectory(prefix=".build-benchmark-", dir=options.scratch or ROOT) as scratch:
        folder = Path(scratch)
        writer = multiprocessing.Process(target=write, args=(folder,))
        writer.start()
        writer.join()
        if writer.exitcode:
            sys.exit("the files can't be written (are h5py and numpy installed?)")
        os.sync()
        print(f"{'':48} {'inspect':>9} {'--json':>9} {'h5ls -r':>9} {'ratio':>6}   (milliseconds)")
        for path in sorted(folder.glob("*.h5")):
            commands = [[options.nnfmt, "inspect", path], [options.nnfmt, "inspect", path, "--json"], ["h5ls", "-r", path]]
            times = [[], [], []]
            for _ in range(options.rounds):
                for row, command in zip(times, commands):
                    row.append(seconds(command) * 1000)
            text, json, peer = (statistics.median(row) for row in times)
            ratio = max(text, json) / peer
            good &= ratio <= options.ratio
            print(f"{path.stem:48} {text:9.1f} {json:9.1f} {peer:9.1f} {ratio:6.2f}  "
                  f"{'PASS' if ratio <= options.ratio else 'FAIL'}")
    print(f"limit: {options.ratio:g} x h5ls -r; medians of {options.rounds} rounds")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
