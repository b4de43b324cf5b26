"""Models with classes whose formula is in no file: code of the user's. nnfmt refuses them."""

from .case import Family, chain, stack

models = Family(__name__)


def custom(k):
    class Doubled(k.layers.Layer):
        def call(self, inputs):
            return inputs * 2

    return chain(k, (4,), k.layers.Dense(3), Doubled())


models.add("lambda", lambda k: chain(k, (4,), k.layers.Dense(3), k.layers.Lambda(lambda x: x * 2)), refused="Lambda")
models.add("custom_class", custom, refused="Doubled")


def nameless(k):
    """A layer whose own description Keras makes out of its arguments, without a name."""
    class Doubled(k.layers.Layer):
        def __init__(self, **options):
            super().__init__(**options)

        def call(self, inputs):
            return inputs * 2

    return Doubled()


models.add("custom_class_without_name", lambda k: stack(k, (4,), nameless(k), k.layers.Dense(3), nameless(k)), refused="Doubled")
models.add("custom_class_in_model", lambda k: stack(
    k, (4,), stack(k, (4,), nameless(k), k.layers.Dense(3)), k.layers.Dense(3)), refused="Doubled")
models.add("custom_class_in_each_step", lambda k: chain(
    k, (3, 4), k.layers.TimeDistributed(stack(k, (4,), nameless(k), k.layers.Dense(3)))), refused="Doubled")
