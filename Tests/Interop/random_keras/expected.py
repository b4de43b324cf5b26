"""One model as Keras has it: built, saved, computed, and how far its last bits reach."""

import numpy as np

from keras_models.case import BFLOAT, FLOAT32, HALF, NORMALIZED, RECURRENT
from keras_models.making import outputs, randomize, save, scaled_error

from . import description
from .verdict import cause

# A difference below the base is agreement.
BASE = FLOAT32
LARGER = {"Normalization(": NORMALIZED, "RNN": RECURRENT, "LSTM": RECURRENT, "GRU": RECURRENT}
SHORT = {"bfloat16": BFLOAT, "float16": HALF}


class Expected:
    """What nnfmt's answers are held against."""

    def __init__(self, k, verdict, folder, about, number):
        self.k, self.verdict, self.folder, self.about, self.number = k, verdict, folder, about, number
        # Where layers compute with short types, their last bits are the measure; else as for the cases of one layer.
        said = repr(about).replace("'", "(")
        self.is_short = any(name in said for name in SHORT)
        self.base = max(
            [tolerance for name, tolerance in SHORT.items() if name in said] or
            [BASE, *(tolerance for name, tolerance in LARGER.items() if name in said)])

    def built(self, model):
        """Whether Keras makes the model; it has got its numbers and its inputs then."""
        try:
            self.model = model() if callable(model) else description.built(self.k, self.about)
        except Exception as error:  # noqa: BLE001 - Keras raises whatever it likes
            self.verdict.outcome, self.verdict.note = "unbuilt", cause(error)
            return False
        random = np.random.default_rng(self.number)
        randomize(self.model, random)
        if self.number % 16 == 5:
            # Then the optimizer's variables are saved too.
            self.model.compile("adam", "mse")
            self.model.optimizer.build(self.model.trainable_variables)
        self.fed = description.fed(self.about, random)
        return True

    def saved(self):
        found = []
        second = self.k.__name__ == "tf_keras"
        more = ("weights", "legacy")[second and self.number % 4 < 2]
        wanted = ["h5", "keras"] if self.number % 8 < 5 else ["keras", "h5"]
        self.made = type("Made", (), {"model": self.model, "framework": self.k})
        for container in wanted + [more] * (self.number % 3 == 0):
            (self.folder / container).mkdir(exist_ok=True)
            try:
                found.append((container, *save(self.made, container, self.folder / container)))
            except Exception as error:  # noqa: BLE001
                self.verdict.note += f"{container} not written: {cause(error)}; "
        if not found:
            self.verdict.outcome = "unsaved"
        return found

    def computed(self):
        try:
            self.want = outputs(self.k, self.model, self.ordered(self.fed))
            if self.k.__name__ == "tf_keras" and "training" in repr(self.about):
                again = outputs(self.k, self.model, self.ordered(self.fed))
                self.random = any(scaled_error(a, b) > self.base for a, b in zip(again, self.want))
            else:
                self.random = False
        except Exception as error:  # noqa: BLE001
            return self.computed_last(error)
        self.twin = self.model
        if not all(y.size for y in self.want):
            # The inputs are too small for the model.
            self.verdict.outcome = "empty"
            return False
        if "channels_first" in repr(self.about):
            return self.computed_last(None)
        return True

    def computed_last(self, error):
        """The model with the channels last in the place of what the CPU can't compute."""
        self.random = False
        try:
            self.twin = description.built(self.k, self.about, last=True)
            self.twin.set_weights(self.model.get_weights())
            self.want = outputs(self.k, self.twin, self.ordered(self.fed, self.twin))
        except Exception as second:  # noqa: BLE001
            if error is None:
                return True
            self.verdict.outcome, self.verdict.note = "uncomputed", f"{cause(error)}; {cause(second)}"
            return False
        return True

    def ordered(self, arrays, model=None):
        """The inputs in the order in which Keras has them: a dictionary's by name."""
        if not self.about.named_inputs:
            return arrays
        names = sorted((about.name for about in self.about.inputs))
        return [dict(zip((about.name for about in self.about.inputs), arrays))[name] for name in names]

    def sensitivity(self):
        """How far the last bits of inputs and weights move the answer."""
        random, worst = np.random.default_rng(1), 0.0
        weights = self.twin.get_weights()
        # Where layers compute with short types, the inputs' last bits are theirs.
        finest = self.base / 8 if self.is_short else 2.0**-23

        def shake(x):
            if x.dtype.kind != "f":
                return x
            bit = max(float(np.finfo(x.dtype).eps), finest)
            return (x * (1 + bit * random.choice([-1, 0, 1], np.shape(x)))).astype(x.dtype)

        try:
            for _ in range(3):
                self.twin.set_weights([shake(w) for w in weights])
                answer = outputs(self.k, self.twin, self.ordered([shake(x) for x in self.fed], self.twin))
                worst = max([worst, *(scaled_error(a, b) for a, b in zip(answer, self.want))])
        finally:
            self.twin.set_weights(weights)
        return worst
