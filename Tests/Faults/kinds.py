"""What a kind of change is; the list of all kinds is filled by the files that define them."""

import random as randoms
from dataclasses import dataclass, field
from typing import Callable


@dataclass
class Change:
    """What was changed, so that it can be said whether validate names it."""
    # Layers of the changed file; any of them may be named.
    layers: set = field(default_factory=set)
    # Or what else may be named: a pattern (`output 0`).
    elsewhere: str = None


@dataclass(frozen=True)
class Kind:
    name: str
    # Changes a model; None if it has nothing of the kind.
    apply: Callable
    # darknet, keras: of which models; h5: of an .h5 that nnfmt made of a darknet model.
    of: tuple
    # What validate should call the cause: a pattern; None where no cause is to be named.
    cause: str = None
    # harmless: must match.
    harmless: bool = False
    # What the reference has to say by itself, so that there is something to compare with: its layers (states), the heads
    # (has_heads), which darknet it is of (carries).
    needs: str = None

    def fits(self, form):
        return (("darknet" in self.of and form.is_darknet) or ("keras" in self.of and not form.is_darknet)
                or ("h5" in self.of and form.carries))

    def probe(self, model):
        return self.apply(model, randoms.Random(self.name))


KINDS = []


def kind(name, of=("darknet", "keras"), **options):
    def add(apply):
        KINDS.append(Kind(name, apply, of, **options))
        return apply
    return add


def darknet(name, needs="states", **options):
    return kind(name, ("darknet",), needs=needs, **options)


def keras(name, needs="states", **options):
    return kind(name, ("keras",), needs=needs, **options)


def pick(random, items):
    items = list(items)
    return random.choice(items) if items else None
