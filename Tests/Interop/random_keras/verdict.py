"""What became of a model, and what Keras and nnfmt said of it."""

import re
from dataclasses import dataclass, field

# What a refusal names: a class, an option, a layer, an input.
NAMED = re.compile(r"\[\w+\]|'[^']+'|\w+: .*input")


@dataclass
class Verdict:
    """What became of one model: the worst of its files counts."""
    # agrees, refused, fails, or why there was nothing to judge: unbuilt, uncomputed, chaotic.
    outcome: str = "agrees"
    # What was said or found, by what was done: run-h5, inspect-keras, convert, validate.
    failures: dict = field(default_factory=dict)
    refusals: dict = field(default_factory=dict)
    done: list = field(default_factory=list)
    note: str = ""

    def fails(self, what, why):
        self.failures[what] = why
        self.outcome = "fails"

    def refuses(self, what, why):
        self.refusals[what] = why


def cause(error):
    """What Keras says, without the line that names the layer only."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("Exception encountered")]
    return f"{type(error).__name__}: {' '.join(lines)[:200]}"


def reason(said, folder):
    """What nnfmt said, without the file."""
    lines = [line for line in said.replace(str(folder), "").splitlines() if not line.startswith("warning")]
    return " ".join(" ".join(lines).split())[:400]
