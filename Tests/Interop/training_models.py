"""Trains small models in one Keras: `python training_models.py make|go_on KERAS JOBS.json ANSWERS.json`.

`make` builds the models of the jobs, trains them, saves them in each container, and trains them one step further. `go_on`
loads converted files as a user would, with compile, and trains them that step. `test_training_state.py` compares.
"""

import contextlib
import importlib
import json
import os
import sys
import warnings

import numpy as np

STEPS = 3


def optimizers(k):
    """Every optimizer that both Kerases have, with what changes the number or the use of its variables."""
    o = k.optimizers
    decay = o.schedules.ExponentialDecay(0.02, 2, 0.5)
    return {
        "sgd": lambda: o.SGD(0.05), "sgd_momentum": lambda: o.SGD(0.02, momentum=0.9, nesterov=True),
        "sgd_decay": lambda: o.SGD(o.schedules.PiecewiseConstantDecay([2, 3], [0.1, 0.05, 0.01]), momentum=0.5),
        "adam": lambda: o.Adam(0.01), "adam_amsgrad": lambda: o.Adam(0.01, amsgrad=True, clipnorm=1.0),
        "adam_decay": lambda: o.Adam(decay), "adam_average": lambda: o.Adam(0.01, use_ema=True, ema_momentum=0.5),
        "adamw": lambda: o.AdamW(0.01, weight_decay=0.02), "rmsprop": lambda: o.RMSprop(0.01),
        "rmsprop_centered": lambda: o.RMSprop(0.003, momentum=0.5, centered=True, epsilon=1e-3),
        "adagrad": lambda: o.Adagrad(0.05), "adadelta": lambda: o.Adadelta(1.0), "adamax": lambda: o.Adamax(0.01),
        "nadam": lambda: o.Nadam(0.01), "ftrl": lambda: o.Ftrl(0.05, l1_regularization_strength=0.001), "lion": lambda: o.Lion(0.003),
    }


def models(k):
    """Each with inputs, targets and the arguments of compile."""
    layers, draw = k.layers, np.random.RandomState(5)

    def numbers(*shape):
        return draw.uniform(-1, 1, shape).astype("f")

    def dense():
        x = layers.Input((4,))
        y = layers.Dense(3, name="top")(layers.Dense(5, activation="tanh", name="hidden")(x))
        return k.Model(x, y), [numbers(8, 4)], [numbers(8, 3)], {"loss": "mse", "metrics": ["mae"]}

    def convolution():
        x = layers.Input((6, 6, 2))
        y = layers.BatchNormalization(name="norm")(layers.Conv2D(3, 3, use_bias=False, name="conv")(x))
        y = layers.Dense(3, activation="softmax", name="top")(layers.Flatten()(y))
        return (k.Model(x, y), [numbers(8, 6, 6, 2)], [np.eye(3, dtype="f")[draw.randint(0, 3, 8)]],
                {"loss": k.losses.CategoricalCrossentropy(label_smoothing=0.1), "metrics": ["accuracy", k.metrics.AUC(num_thresholds=20)]})

    def frozen():
        x = layers.Input((4,))
        y = layers.Dense(5, activation="tanh", name="first")(x)
        y = layers.Dense(4, activation="tanh", name="kept", trainable=False)(y)
        return (k.Model(x, layers.Dense(2, name="top")(y)), [numbers(8, 4)], [numbers(8, 2)],
                {"loss": k.losses.Huber(delta=0.5), "metrics": None})

    def nested():
        x = layers.Input((4,))
        inner = k.Sequential([layers.Input((4,)), layers.Dense(6, activation="tanh", name="inside"),
                              layers.BatchNormalization(name="inner_norm"), layers.Dense(3, name="last")], name="backbone")
        return (k.Model(x, layers.Dense(2, activation="sigmoid", name="top")(inner(x))), [numbers(8, 4)],
                [draw.randint(0, 2, (8, 2)).astype("f")], {"loss": k.losses.MeanAbsoluteError(reduction="sum"), "metrics": ["mse"]})

    def recurrent():
        x = layers.Input((5,))
        y = layers.LSTM(4, name="lstm")(layers.Embedding(7, 3, name="words")(x))
        return (k.Model(x, layers.Dense(3, activation="softmax", name="top")(y)), [draw.randint(0, 7, (8, 5)).astype("f")],
                [draw.randint(0, 3, 8)], {"loss": "sparse_categorical_crossentropy", "weighted_metrics": [k.metrics.SparseCategoricalAccuracy()]})

    def two_outputs():
        x = layers.Input((4,))
        y = layers.Dense(5, activation="tanh", name="hidden")(x)
        return (k.Model(x, [layers.Dense(2, name="left")(y), layers.Dense(1, name="right")(y)]), [numbers(8, 4)],
                [numbers(8, 2), numbers(8, 1)],
                {"loss": {"left": "mse", "right": "mae"}, "loss_weights": {"left": 0.5, "right": 2.0}, "metrics": {"left": ["mae"]}})

    return {"dense": dense, "convolution": convolution, "frozen": frozen, "nested": nested, "recurrent": recurrent,
            "two_outputs": two_outputs}


def weights(model):
    """The arrays of all layers, those of models inside too, by their names."""
    arrays = {}
    for layer in model.layers:
        if getattr(layer, "layers", None):
            arrays |= weights(layer)
        else:
            for kind, variables in (("trained", layer.trainable_weights), ("other", layer.non_trainable_weights)):
                for number, variable in enumerate(variables):
                    arrays[f"{kind}/{layer.name}/{number}"] = np.asarray(variable)
    return arrays


def fit(model, x, y):
    model.run_eagerly = True
    model.train_on_batch(x if len(x) > 1 else x[0], y if len(y) > 1 else y[0])


def make(k, job):
    k.utils.set_random_seed(job["number"])
    model, x, y, settings = models(k)[job["model"]]()
    optimizer = optimizers(k)[job["optimizer"]]
    model.compile(optimizer(), run_eagerly=True, **settings)
    for _ in range(STEPS):
        fit(model, x, y)
    # The .h5 comes last: Keras 3 takes the optimizer out of the settings on the way.
    for ending in ("keras", "weights.h5", "h5"):
        (model.save_weights if ending == "weights.h5" else model.save)(f"{job['stem']}.{ending}")
    np.savez(f"{job['stem']}.batch.npz", *x, *y, inputs=len(x))
    # Of a model that was loaded: tf_keras does not save all that Nadam keeps.
    for name, drops in (("further", False), ("anew", True)):
        loaded = k.models.load_model(f"{job['stem']}.keras")
        if drops:
            loaded.compile(optimizer(), **settings)
        fit(loaded, x, y)
        np.savez(f"{job['stem']}.{name}.npz", **weights(loaded))


def go_on(k, job):
    with np.load(job["batch"]) as batch:
        arrays = [batch[f"arr_{number}"] for number in range(len(batch.files) - 1)]
        count = int(batch["inputs"])
    model = k.models.load_model(job["file"])
    if not job["compiled"]:
        assert getattr(model, "optimizer", None) is None, "it is compiled, though its settings were left out"
        # Classes by their numbers, or arrays of the outputs' shapes.
        model.compile("sgd", "sparse_categorical_crossentropy" if arrays[count].ndim == 1 else "mse")
    if job["weights"]:
        if job["builds"]:
            model.optimizer.build(model.trainable_variables)
        model.load_weights(job["weights"])
    fit(model, arrays[:count], arrays[count:])
    np.savez(job["answer"], **weights(model))


def main(task, framework, jobs, answers):
    os.environ.update({"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1",
                       "KERAS_BACKEND": "tensorflow"})
    warnings.simplefilter("ignore")
    k = importlib.import_module(framework)
    said = {}
    for job in json.load(open(jobs)):
        try:
            with contextlib.redirect_stdout(None):
                {"make": make, "go_on": go_on}[task](k, job)
            said[job["id"]] = None
        except BaseException as error:  # noqa: BLE001 - Keras raises whatever it likes
            said[job["id"]] = f"{type(error).__name__}: {str(error)[:400]}"
        finally:
            k.backend.clear_session()
    json.dump(said, open(answers, "w"))


if __name__ == "__main__":
    main(*sys.argv[1:])
