#!/usr/bin/env python3
"""Measures validate: how many faults it finds, names the layer of and the cause of, and how many sound pairs it refuses.

    faults.py [--nnfmt BINARY] [--corpus FOLDER] [--trials N] [--seed S] [--jobs J] [--only PATTERN] [--keep FOLDER] [--write]

Models of samples/ and of the corpus, converted by `nnfmt convert`, get a fault at a random place; trial K of a seed is always the
same. Prints a table, with --write into spec/validation.md too. Exits with 1 if a fault is missed, a sound pair refused, or nnfmt
crashes; --keep has the smallest pair of each such kind. Needs numpy and h5py, no TensorFlow.
"""

import argparse
import concurrent.futures
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT / "Tests" / "Interop")]

import table  # noqa: E402
from conversion_cases import default_corpus  # noqa: E402
from kinds import KINDS  # noqa: E402
import cfg_faults, config_faults, file_faults, graph_faults, harmless, model_faults, number_faults  # noqa: E401, E402, F401
from nnfmt_command import Nnfmt  # noqa: E402
from subjects import all_subjects  # noqa: E402
from trial import FAITHFUL, Trials  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nnfmt", default=os.environ.get("NNFMT") or ROOT / ".build/release/nnfmt")
    parser.add_argument("--corpus", default=default_corpus(), type=Path)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="a pattern that the names of the kinds match")
    parser.add_argument("--largest", type=int, default=500_000, help="bytes of the largest model (default: 500000)")
    parser.add_argument("--keep", type=Path, help="where to keep a pair of each kind that fails")
    parser.add_argument("--verbose", action="store_true", help="also list what is found at another place or without its cause")
    parser.add_argument("--write", action="store_true", help="write the table into spec/validation.md")
    return parser.parse_args()


def main():
    chosen = arguments()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        nnfmt = Nnfmt(chosen.nnfmt)
        subjects = all_subjects(nnfmt, chosen.corpus, Path(folder), chosen.largest)
        trials = Trials(nnfmt, subjects, chosen.seed, chosen.keep, chosen.only)
        with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
            results = list(pool.map(trials.run, range(chosen.trials)))
    bad = [result for result in results if result.outcome in ("missed", "alarm", "crashed")]
    for result in results:
        if result in bad or chosen.verbose and False in (result.is_placed, result.is_explained):
            placed = " misplaced" if result.is_placed is False else ""
            print(f"{result.outcome}{placed}: {result.kind}: {result.note}")
    text = table.table(results, {kind.name for kind in KINDS if kind.harmless} | {FAITHFUL}, chosen.seed)
    print(text)
    print(f"{len(subjects)} models, {time.monotonic() - start:.0f} s")
    tried = [result for result in results if result.outcome not in ("none", "same")]
    print(f"of {len(results)} trials {len(tried) - len(bad)} passed, {len(bad)} failed")
    if chosen.write:
        page = ROOT / "spec" / "validation.md"
        page.write_text(table.written(page.read_text(), text))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
