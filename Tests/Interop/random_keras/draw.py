"""Random choices for a grammar."""

import random


class Draw:
    """Choices out of a seed: the same seed, the same model."""

    def __init__(self, *seed):
        self.random = random.Random("/".join(map(str, seed)))

    def chance(self, probability):
        return self.random.random() < probability

    def one(self, choices):
        return self.random.choice(list(choices))

    def weighted(self, choices):
        """One of (weight, choice)."""
        choices = list(choices)
        return self.random.choices([choice for _, choice in choices], [weight for weight, _ in choices])[0]

    def integer(self, low, high):
        """From low to high, both included."""
        return self.random.randint(low, high)

    def number(self, low=-2.0, high=2.0):
        """A number with few digits, so that a model prints well."""
        return round(self.random.uniform(low, high), 2)

    def sample(self, choices, count):
        return self.random.sample(list(choices), count)

    def maybe(self, probability=0.35, **options):
        """Some of the options, each with one of its values."""
        return {name: self.one(values) for name, values in options.items() if self.chance(probability)}
