"""One trial: a model, a change at a random place, and what validate says of it."""

import json
import random
import re
import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from kinds import KINDS
from placing import counterparts, same_layer

FAITHFUL = "a faithful conversion"
# Exit codes of a file that can't be read, or a model that can't be computed.
REFUSALS = {64, 65, 66, 69}


@dataclass
class Result:
    kind: str
    # found, refused, missed; matched, alarm; same (nothing was changed), none (no model has a place for it), crashed.
    outcome: str
    is_placed: bool = None
    is_explained: bool = None
    note: str = ""


class Trials:
    def __init__(self, nnfmt, subjects, seed, keep=None, only=""):
        self.nnfmt, self.subjects, self.seed, self.keep = nnfmt, subjects, seed, keep
        self.kinds = {}
        for kind in KINDS:
            self.kinds.setdefault(kind.name, []).append(kind)
        # Conversions that must match are as many as ten kinds.
        self.names = [name for name in [*self.kinds, *[FAITHFUL] * 10] if re.search(only, name)]
        self._keeping = threading.Lock()

    def run(self, number):
        """The same for a number whatever else is tried, as long as kinds and models stay."""
        turn, place = divmod(number, len(self.names))
        name = self.names[place]
        rng = random.Random(f"{self.seed} {name} {turn} {place if name == FAITHFUL else ''}")
        attempt = self.faithful if name == FAITHFUL else lambda rng: self.changed(name, rng)
        for _ in range(100):
            result = attempt(rng)
            if result:
                return result
        return Result(name, "none")

    def validate(self, subject, reference, candidate, *arguments):
        return self.nnfmt("validate", "--json", *arguments, *subject.options(reference, candidate), code=None)

    # Faithful conversions

    def faithful(self, rng):
        subject = rng.choice(self.subjects)
        reference, candidate = rng.choice(subject.forms), rng.choice(subject.forms)
        how = ("--seed", rng.randrange(1, 10**6), "--engine", rng.choice(("onednn", "reference")), "--threads", rng.choice((1, 2, 3, 7)))
        if not (reference.ready() and candidate.ready()):
            return None
        answer = self.validate(subject, reference, candidate, reference.path, candidate.path, *how)
        if is_incomparable(answer.code, reference, candidate):
            return None
        if answer.code:
            return self.false_alarm(subject, reference, candidate, f"{how}: {told(answer)}")
        return Result(FAITHFUL, "matched")

    def false_alarm(self, subject, reference, candidate, note):
        result = Result(FAITHFUL, "alarm", note=f"{subject.name}: {self.sides(reference, candidate)}: {note}")
        self.keep_pair(result, subject, reference, candidate.path, name=f"faithful {subject.name} {candidate.path.parent.name}")
        return result

    @staticmethod
    def sides(reference, candidate):
        return " against ".join("/".join(form.path.parts[-2:]) for form in (reference, candidate))

    # Changes

    def changed(self, name, rng):
        """One of a kind. First a model is drawn that has a place for it, in the order of a shuffle."""
        kind = rng.choice(self.kinds[name])
        for subject in rng.sample(self.subjects, len(self.subjects)):
            forms = [form for form in subject.forms if kind.fits(form)]
            if not forms or not subject.applies(kind, forms[0]):
                continue
            candidate = rng.choice(forms)
            references = [form for form in subject.forms if not kind.needs or getattr(form, kind.needs)]
            if not references or not subject.applies(kind, candidate):
                continue
            reference = rng.choice(references)
            if not reference.ready():
                continue
            code = subject.code(reference, candidate)
            if code == 0:
                return self.tried(kind, rng, subject, reference, candidate)
            if not is_incomparable(code, reference, candidate):
                return self.false_alarm(subject, reference, candidate, f"exit {code}")
        return Result(name, "none")

    def tried(self, kind, rng, subject, reference, candidate):
        model = candidate.model()
        before = model.state()
        change = kind.apply(model, rng)
        if change is None:
            return None
        with tempfile.TemporaryDirectory(dir=subject.folder) as folder:
            if candidate.is_darknet:
                for beside in candidate.path.parent.iterdir():
                    shutil.copy(beside, folder)
            path = model.saved(Path(folder))
            if not kind.harmless and (model.state() == before or same_bytes(path, candidate.path)):
                return Result(kind.name, "same")
            # Trials run side by side: a thread each.
            answer = self.validate(subject, reference, candidate, reference.path, path, "--threads", 1)
            note = f"{subject.name}: {self.sides(reference, candidate)}: {told(answer)}; changed {sorted(change.layers)[:3]}"
            result = Result(kind.name, outcome(kind, answer.code), note=note)
            if result.outcome == "found":
                document = json.loads(answer.out)
                result.is_placed = is_placed(document, change, subject, reference, candidate)
                if kind.cause:
                    result.is_explained = re.search(kind.cause, causes(document), re.I) is not None
            self.keep_pair(result, subject, reference, path)
            return result

    def keep_pair(self, result, subject, reference, path, name=None):
        """The smallest pair of each kind that is missed, a false alarm, a crash, or named at another place."""
        bad = result.outcome in ("missed", "alarm", "crashed")
        group = result.outcome if bad else "misplaced" if result.is_placed is False else None
        if not self.keep or not group:
            return
        size = reference.path.stat().st_size + path.stat().st_size
        folder = self.keep / group / re.sub(r"\W+", "_", name or result.kind)
        note = folder / "note.txt"
        with self._keeping:
            if note.exists() and int(note.read_text().split()[0]) <= size:
                return
            shutil.rmtree(folder, ignore_errors=True)
            for side, file in (("reference", reference.path), ("candidate", path)):
                shutil.copytree(file.parent, folder / side)
            options = " ".join(subject.options(reference, reference))
            note.write_text(f"{size} bytes, {result.kind}\n{result.note}\n"
                            f"nnfmt validate {folder}/reference/{reference.path.name} {folder}/candidate/{path.name} {options}\n")


def is_incomparable(code, reference, candidate):
    """Whether two forms as they are can't be compared, and validate says so: what can't be computed, or read as one network;
    arrays that one of them does not have any more."""
    if code in (64, 69) or reference.is_whole and candidate.is_whole:
        return code in (64, 69)
    return code == 65 or code == 1 and not is_as_full(reference, candidate)


def is_as_full(one, other):
    """Whether two forms hold the same numbers. Layers that nothing reads are in no Keras model; and with which epsilon the
    variances of weights alone go, which a .weights has made up for, no file tells."""
    counts = {form.summary["parameter_count"] for form in (one, other) if form.summary}
    is_alone = not (one.states and other.states) and one.is_darknet != other.is_darknet
    return len(counts) < 2 and not is_alone


def outcome(kind, code):
    if code not in REFUSALS | {0, 1}:
        return "crashed"
    if kind.harmless:
        return "matched" if code == 0 else "alarm"
    return {0: "missed", 1: "found"}.get(code, "refused")


def told(answer):
    """What validate says, in a line."""
    if answer.code > 1 or answer.code < 0:
        return f"exit {answer.code}: {answer.err.strip()[:200]!r}"
    document = json.loads(answer.out)
    return f"exit {answer.code}, names {document['first_difference']!r}, cause {causes(document)!r}"


def same_bytes(path, other):
    files = [(path, other)]
    if path.suffix == ".weights":
        files.append((path.with_suffix(".cfg"), other.with_suffix(".cfg")))
    return all(a.read_bytes() == b.read_bytes() for a, b in files)


def is_placed(document, change, subject, reference, candidate):
    named = document["first_difference"] or ""
    if change.elsewhere and re.search(change.elsewhere, named):
        return True
    return any(same_layer(named, layer) for changed in change.layers
               for layer in counterparts(subject, reference, candidate, changed))


def causes(document):
    """What validate says of the cause: of the whole, and in the first layer that departs."""
    said = []
    for entry in (document, *document.get("layers", ())):
        cause = entry.get("cause")
        if cause:
            said.append(cause["kind"] if isinstance(cause, dict) else str(cause))
    return "; ".join(said[:2])
