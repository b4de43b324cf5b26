"""Models with classes whose formula is in no file: code of the user's. nnfmt refuses them."""

from .case import Family, chain

models = Family(__name__)


def custom(k):
    class Doubled(k.layers.Layer):
        def call(self, inputs):
            return inputs * 2

    return chain(k, (4,), k.layers.Dense(3), Doubled())


models.add("lambda", lambda k: chain(k, (4,), k.layers.Dense(3), k.layers.Lambda(lambda x: x * 2)), refused="Lambda")
models.add("custom_class", custom, refused="Doubled")
