#!/usr/bin/env python3
"""HDF5 files with random features, made with h5py, and what h5py reads of them.

    random_hdf5.py NNFMT COUNT [FIRST-SEED]

makes COUNT files and compares with each what `NNFMT inspect --json --hash --stats` says. What differs is told
with its seed, and its file is kept.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from hdf5_making import Maker
from hdf5_reading import Reader

NAMES = {1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf"}


def differences(nnfmt, path):
    """How nnfmt's description of a file differs from h5py's, as texts."""
    try:
        want = Reader(path).rows
    except Exception as error:  # A file that h5py itself can't read again.
        return [], f"h5py: {error}"
    done = subprocess.run([nnfmt, "inspect", "--json", "--hash", "--stats", path], capture_output=True,
                          timeout=120)
    told = done.stderr.decode(errors="replace")
    try:
        got = json.loads(done.stdout)
    except ValueError:
        return [f"exit {done.returncode}, no document: {told[:300]}"], None
    found = []
    if done.returncode:
        found.append(f"exit {done.returncode}: {told[-400:]}")
    have = {row["path"]: row for row in got["datasets"]}
    for name in sorted(want.keys() | have.keys()):
        if name not in have or name not in want:
            found.append(f"{name}: only {'h5py' if name in want else 'nnfmt'} lists it")
            continue
        ours, theirs = have[name], want[name]
        filters = [NAMES.get(f, f"filter {f}") for f in theirs["filters"]]
        for key, value in [("shape", theirs["shape"]), ("layout", theirs["layout"]), ("filters", filters)]:
            if ours[key] != value:
                found.append(f"{name}: {key} {ours[key]}, h5py has {value}")
        if "sha256" not in theirs:
            continue
        if ours.get("sha256") is None and not ours["dtype"].startswith("float") and not (
                set(theirs["filters"]) - {1, 2, 3}):
            found.append(f"{name}: {ours['dtype']} is not read: {[w for w in got['warnings'] if name in w]}")
        if ours.get("sha256") not in (None, theirs["sha256"]):
            found.append(f"{name}: {ours['dtype']} {ours['shape']} {ours['layout']} {filters}: other bytes")
    return found, None


def child(action, *arguments):
    """Runs a part in a process of its own: libhdf5 crashes on some of what it wrote itself."""
    return subprocess.run([sys.executable, __file__, action, *map(str, arguments)], capture_output=True,
                          text=True, timeout=300)


def main():
    if sys.argv[1] == "make":
        return Maker(sys.argv[2], int(sys.argv[3])).make()
    if sys.argv[1] == "compare":
        found, skip = differences(sys.argv[2], sys.argv[3])
        return print(json.dumps([found, skip]))
    nnfmt, count = sys.argv[1], int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    folder = tempfile.mkdtemp(prefix="random-hdf5-")
    bad = skipped = 0
    for seed in range(first, first + count):
        path = os.path.join(folder, f"{seed}.h5")
        made = child("make", path, seed)
        compared = child("compare", nnfmt, path) if made.returncode == 0 else made
        if compared.returncode:
            found, skip = [], f"h5py ended with {compared.returncode}: {compared.stderr[-200:]}"
        else:
            found, skip = json.loads(compared.stdout)
        if skip:
            skipped += 1
            print(f"seed {seed}: skipped, {skip}")
        if found:
            bad += 1
            print(f"seed {seed}: {path}")
            for text in found[:6]:
                print("   ", text[:60], "…", text[-200:])
        else:
            os.remove(path)
    print(f"{count} files from seed {first} on: {bad} differ, {skipped} that h5py can't make or read again")
    if not bad:
        shutil.rmtree(folder)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
