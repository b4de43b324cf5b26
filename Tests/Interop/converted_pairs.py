#!/usr/bin/env python3
"""Converts everything that can be, both ways, validates each pair, and counts which changes validate finds.

    converted_pairs.py [--nnfmt BINARY] [--corpus FOLDER] [--seed N] [--cases N] [--every] [--only PATTERN]

Each case is a darknet or Keras model, of the corpus and of these tests. Pairs are the two files of each `convert`; all must match, either way round. Then
one file of each pair is changed (`keras_changes`, `cfg_changes`, `changed_files`), and validate must exit 1. Without --every each kind of change is made
at one place a file, drawn by the seed; --cases draws that many cases. Prints what was not found, then a line for each kind.
Needs h5py and numpy, no TensorFlow.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import changed_files  # noqa: E402
from cfg_changes import CFG_CHANGES, LATER_CFG_CHANGES, sections  # noqa: E402
from conversion_cases import corpus_cases, default_corpus, own_cases  # noqa: E402
from keras_changes import KERAS_CHANGES, ends_in_pooling  # noqa: E402
from nnfmt_command import Nnfmt  # noqa: E402
from seed import SEED  # noqa: E402


@dataclass(frozen=True)
class Pair:
    """Two files, the second of which convert made of the first."""
    name: str
    first: Path
    second: Path
    dialect: str = None
    options: tuple = ()
    # A candidate without a cfg takes the reference's, but not the other way round.
    both_ways: bool = True
    # What is changed in layers that the other file lacks is not to be found.
    is_partial: bool = False


class Tally:
    """Which pairs match, and which changes are found."""

    def __init__(self):
        self.pairs = collections.Counter()
        self.found = collections.Counter()
        self.made = collections.Counter()
        self.refused = 0
        self.cases = 0
        self.misses = []

    def add(self, other):
        for mine, its in ((self.pairs, other.pairs), (self.found, other.found), (self.made, other.made)):
            mine.update(its)
        self.refused += other.refused
        self.cases += other.cases
        self.misses += other.misses

    @property
    def lines(self):
        yield (f"{self.cases} cases converted, {self.refused} refused; {self.pairs['matching']} of "
               f"{self.pairs['all']} pairs match")
        for kind in sorted(self.made):
            yield f"{kind}: {self.found[kind]} of {self.made[kind]} found"
        yield f"changes in all: {sum(self.found.values())} of {sum(self.made.values())} found"


class Trial:
    """One case: converted, validated, changed."""

    def __init__(self, nnfmt, case, folder, seed, every=False):
        self.nnfmt, self.case, self.folder, self.every = nnfmt, case, folder, every
        self.random = random.Random(f"{seed} {case.name}")
        self.tally = Tally()

    def run(self):
        pairs = self.converted()
        self.tally.refused, self.tally.cases = int(not pairs), int(bool(pairs))
        if not self.case.cfg:
            pairs += self.copied()
        for pair in pairs:
            self.tally.pairs["all"] += 1
            ways = [(pair.first, pair.second), (pair.second, pair.first)][:1 + pair.both_ways]
            codes = [self.validate(pair, *files) for files in ways]
            if not any(codes):
                self.tally.pairs["matching"] += 1
                if not pair.is_partial:
                    self.change(pair)
            else:
                self.tally.misses.append(f"{pair.name}: exit {codes} of the pair itself")
        return self.tally

    def validate(self, pair, first, second):
        return self.nnfmt("validate", first, second, "--quiet", *pair.options, code=None).code

    # Converting

    def convert(self, source, target, *options):
        target.parent.mkdir(exist_ok=True)
        return self.nnfmt("convert", source, target, *options, code=None).code == 0

    def converted(self):
        return list(self.darknet() if self.case.cfg else self.keras())

    def darknet(self):
        """There and back; the file written anew."""
        case, folder = self.case, self.folder
        start, model, back, header = (folder / part for part in (
            "in/m.weights", "there/m.h5", "back/m.weights", "header/m.weights"))
        start.parent.mkdir()
        shutil.copy(case.path, start)
        shutil.copy(case.cfg, start.with_suffix(".cfg"))
        option = ["--dialect", case.dialect] if case.dialect else []
        if not self.convert(start, model, *option):
            return
        yield Pair(f"{case.name} -> .h5", start, model, case.dialect)
        if self.convert(model, back):
            yield Pair(f"{case.name} -> .h5 -> .weights", model, back, case.dialect)
        else:
            self.tally.misses.append(f"{case.name}: no way back")
        if self.convert(start, header, "--header", "0.1", *option):
            # Nothing tells the dialect here.
            yield Pair(f"{case.name} -> .weights", start, header, case.dialect, tuple(option), both_ways=False)
        part, half, partial = folder / "part" / "m.weights", len(sections(case.cfg.read_text())) // 2, ("--allow-partial",)
        if self.convert(start, part, "--upto", half, *option):
            yield Pair(f"{case.name} -> .weights of {half} layers", start, part, case.dialect, (*option, *partial),
                       both_ways=False, is_partial=True)
            shutil.copy(case.cfg, part.with_suffix(".cfg"))
            if self.convert(part, folder / "part" / "m.h5", *option, *partial):
                yield Pair(f"{case.name} -> .weights of {half} layers -> .h5", part, folder / "part" / "m.h5",
                           case.dialect, partial, is_partial=True)

    def keras(self):
        """There, and on to a Keras model of nnfmt's; the network filled anew."""
        case, folder = self.case, self.folder
        start = folder / "in" / case.path.name
        start.parent.mkdir()
        shutil.copy(case.path, start)
        for dialect in (None, "pjreddie"):
            option = ("--dialect", dialect) if dialect else ()
            network = folder / f"there{dialect or ''}" / "m.weights"
            if self.convert(start, network, *option, *case.options):
                break
        else:
            return
        yield Pair(f"{case.name} -> .weights", start, network, dialect, (*option, *case.options))
        again = folder / "again" / "m.h5"
        if self.convert(network, again, *option):
            yield Pair(f"{case.name} -> .weights -> .h5", network, again, dialect)
        filled, cfg = folder / "filled" / "m.weights", ("--cfg", network.with_suffix(".cfg"))
        if not case.options and self.convert(start, filled, *cfg, *option):
            yield Pair(f"{case.name} -> .weights with --cfg", start, filled, dialect, (*cfg, *option))

    def copied(self):
        """A Keras model beside its own copy, if nnfmt computes it."""
        start, copy = (self.folder / part / self.case.path.name for part in ("in", "copy"))
        copy.parent.mkdir()
        shutil.copy(start, copy)
        pair = Pair(f"{self.case.name} = copy", start, copy, options=self.case.options)
        return [pair] if self.validate(pair, start, copy) not in (64, 65, 69) else []

    # Changing

    def change(self, pair):
        for side, other in ((pair.first, pair.second), (pair.second, pair.first)):
            target = self.folder / "changed" / side.name
            for kind, place in self.changed(pair, side, target):
                # A change that makes it another kind of file, or none, tells nothing of validate.
                self.tally.made[kind] += 1
                files = (target, other) if side == pair.first else (other, target)
                code = self.validate(pair, *files)
                if code == 1:
                    self.tally.found[kind] += 1
                else:
                    self.tally.misses.append(f"{pair.name}: {kind}{place} of {side.suffix}: exit {code}")

    def changed(self, pair, side, target):
        """Each change of a file, written to `target`."""
        def fresh():
            shutil.rmtree(target.parent, ignore_errors=True)
            target.parent.mkdir()

        cfg = side.with_suffix(".cfg")
        fresh()
        if changed_files.with_changed_weight(side, target, self.random):
            if cfg.exists():
                shutil.copy(cfg, target.with_suffix(".cfg"))
            yield "weight", ""
        if side.suffix != ".weights":
            config = changed_files.configuration(side)
            if config is None or "--cfg" in pair.options:
                return
            kinds = dict(KERAS_CHANGES)
            if ".weights" in (pair.first.suffix, pair.second.suffix) and ends_in_pooling(config):
                del kinds["keepdims"]
            for kind, place, variant in self.drawn(kinds, config):
                fresh()
                changed_files.with_configuration(side, target, variant)
                yield kind, place
        elif cfg.exists() and pair.both_ways:
            kinds = CFG_CHANGES | ({} if pair.dialect == "pjreddie" else LATER_CFG_CHANGES)
            for kind, place, variant in self.drawn(kinds, cfg.read_text()):
                fresh()
                shutil.copy(side, target)
                target.with_suffix(".cfg").write_text(variant)
                yield kind, place

    def drawn(self, kinds, model):
        for kind, vary in kinds.items():
            variants = list(enumerate(vary(model)))
            if not self.every:
                variants = self.random.sample(variants, min(len(variants), 1))
            for place, variant in variants:
                yield kind, f" {place}", variant


def trials(nnfmt, cases, seed, every=False, threads=os.cpu_count(), tell=lambda miss: None):
    """The tally of all cases; what falls short is told at once."""
    tally = Tally()

    def one(case):
        with tempfile.TemporaryDirectory() as folder:
            return Trial(nnfmt, case, Path(folder), seed, every).run()

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        for result in pool.map(one, cases):
            tally.add(result)
            for miss in result.misses:
                tell(miss)
    return tally


def main():
    root = Path(__file__).resolve().parent.parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nnfmt", default=os.environ.get("NNFMT") or root / ".build/release/nnfmt")
    parser.add_argument("--corpus", default=default_corpus(), type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--cases", type=int)
    parser.add_argument("--every", action="store_true", help="make each change at every place")
    parser.add_argument("--only", default="", help="a pattern that the names of the cases match")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cases = [*own_cases(Path(folder)), *corpus_cases(chosen.corpus)]
        cases = [case for case in cases if re.search(chosen.only, case.name)]
        if chosen.cases and chosen.cases < len(cases):
            cases = random.Random(chosen.seed).sample(cases, chosen.cases)
        print(f"{len(cases)} cases, seed {chosen.seed}")
        tally = trials(
            Nnfmt(chosen.nnfmt), cases, chosen.seed, chosen.every, tell=lambda miss: print(f"  {miss}", flush=True))
    print("\n".join(tally.lines))
    return 1 if tally.misses else 0


if __name__ == "__main__":
    sys.exit(main())
