"""What calls of layers and functions say beside values of the model, as real Keras computes it.

In an `.h5` Keras 3 writes operators and functions of `keras.ops` under the bare names of their classes, and can't read
them back itself; what `predict` answered before is what nnfmt must answer.
"""

import numpy as np
import pytest

from frameworks import module

SHAPE = (3, 4)


def keras_3(k):
    o, layers = k.ops, k.layers
    return {
        "add_number": lambda x: x + 3.0, "number_add": lambda x: 3.0 + x, "subtract_number": lambda x: x - 3.0,
        "number_subtract": lambda x: 3.0 - x, "add_itself": lambda x: x + x, "times_number": lambda x: x * 0.5,
        "maximum": lambda x: o.maximum(x, 0.5), "minimum": lambda x: o.minimum(0.5, x), "two": lambda x: x * o.tanh(x) - x,
        "array": lambda x: x * np.arange(4, dtype=np.float32), "gate": lambda x: x * layers.Reshape((1, 4))(x[:, 1]),
        "log_softmax": lambda x: o.log_softmax(x, axis=1), "largest_from": lambda x: o.max(x, axis=1, initial=0.5),
        "round_decimals": lambda x: o.round(x, decimals=1), "average": lambda x: o.average(x, axis=1),
        "where_log": lambda x: o.where(x > 0, o.log(x), -1.0), "logical_of_floats": lambda x: o.logical_and(x, x - 0.5),
        "softmax_axis": lambda x: o.softmax(x, axis=1), "reshape": lambda x: o.reshape(x, (-1, 2, 6)),
        "cast_whole": lambda x: o.cast(x * 5, "int32"), "training_ignored": lambda x: layers.Dropout(0.5)(x, training=True),
        "layers_of_the_name": lambda x: layers.Add()([x, layers.Softmax(axis=1)(x)]),
    }


def keras_2(k):
    tf = pytest.importorskip("tensorflow")
    layers = k.layers
    first, second = k.Input(SHAPE, name="first"), k.Input(SHAPE, name="second")
    difference = k.Model({"p": second, "q": first}, layers.Subtract()([first, second]))
    return {
        "cast_whole": lambda x: tf.cast(x * 5, tf.int32), "cast_truth": lambda x: tf.cast(x > 0, tf.bool),
        "log_softmax": lambda x: tf.nn.log_softmax(x, axis=1), "silu_beta": lambda x: tf.nn.silu(x, beta=2.0),
        "batch_statistics": lambda x: layers.BatchNormalization()(x, training=True),
        "frozen_statistics": lambda x: layers.BatchNormalization(trainable=False)(x, training=True),
        "nothing_dropped": lambda x: layers.Dropout(0.0)(x, training=True),
        "called_with_names": lambda x: difference({"q": x, "p": x * 2}),
    }


def refused_of_keras_2(k):
    tf = pytest.importorskip("tensorflow")
    layers = k.layers
    inner = k.Sequential([layers.Dropout(0.5)])
    return {
        "dropout": (lambda x: layers.Dropout(0.5)(x, training=True), "rate"),
        "noise": (lambda x: layers.GaussianNoise(0.5)(x, training=True), "stddev"),
        "recurrent": (lambda x: layers.LSTM(3, recurrent_dropout=0.5)(x, training=True), "recurrent_dropout"),
        "nested": (lambda x: inner(x, training=True), "rate"),
        "constant": (lambda x: layers.Add()([x, tf.ones((1, *SHAPE))]), "inputs"),
    }


def made(framework, function, tmp_path, container):
    k = module(framework)
    random = np.random.default_rng(3)
    start = k.Input(SHAPE, name="start")
    model = k.Model(start, function(start))
    model.set_weights([np.abs(random.normal(size=w.shape)).astype(np.float32) + 0.1 for w in model.get_weights()])
    x = random.normal(size=(5, *SHAPE)).astype(np.float32)
    path = tmp_path / f"model.{container}"
    model.save(str(path))
    np.save(tmp_path / "x.npy", x)
    return path, x, model


@pytest.mark.parametrize("container", ["h5", "keras"])
@pytest.mark.parametrize("framework, functions", [("Keras 3", keras_3), ("Keras 2", keras_2)], ids=["keras", "tf_keras"])
def test_computed(framework, functions, container, nnfmt, tmp_path):
    wrong = []
    for name, function in functions(module(framework)).items():
        folder = tmp_path / name
        folder.mkdir()
        path, x, model = made(framework, function, folder, container)
        want = np.asarray(model.predict(x, verbose=0)).astype(np.float32)
        nnfmt("run", path, "--input", folder / "x.npy", "--output", folder / "y")
        got = np.load(folder / "y" / "output_0.npy")
        gap = np.abs(got - want).max() / (1 + np.abs(want).max()) if got.shape == want.shape else np.inf
        if not gap <= 2e-6:
            wrong.append(f"{name}: off by {gap:.3g}")
    assert not wrong


@pytest.mark.parametrize("container", ["h5", "keras"])
def test_refused(container, nnfmt, tmp_path):
    for name, (function, option) in refused_of_keras_2(module("Keras 2")).items():
        folder = tmp_path / name
        folder.mkdir()
        path, _, _ = made("Keras 2", function, folder, container)
        answer = nnfmt("run", path, "--input", folder / "x.npy", "--output", folder / "y", code=69)
        assert f"option '{option}'" in answer.err, f"{name}: {answer.err}"
        assert not (folder / "y").exists()


@pytest.mark.parametrize("adds", [lambda k, x: x + x[:, :1], lambda k, x: k.layers.Add()([x, x[:, :1]])], ids=["operator", "layer"])
def test_number_of_samples(adds, nnfmt, tmp_path):
    """Keras 3 with TensorFlow takes a number for each sample for a bias if there are as many samples as channels."""
    k = module("Keras 3")
    i = k.Input((4,))
    model = k.Model(i, adds(k, k.layers.Dense(2)(i)))
    model.save(str(tmp_path / "m.keras"))
    for samples in (1, 2, 3):
        x = np.random.default_rng(samples).normal(0, 1, (samples, 4)).astype(np.float32)
        np.save(tmp_path / "x.npy", x)
        arguments = ["run", tmp_path / "m.keras", "--input", tmp_path / "x.npy", "--output", tmp_path / f"y{samples}"]
        if samples == 2:
            assert "samples" in nnfmt(*arguments, code=69).err
            continue
        nnfmt(*arguments)
        np.testing.assert_allclose(np.load(tmp_path / f"y{samples}" / "output_0.npy"), model.predict(x, verbose=0), atol=2e-6)


def masks_taken_off(k):
    """Keras 3's `MultiHeadAttention` takes the masks off its values: who is run after it sees none."""
    layers = k.layers
    attention = lambda: layers.MultiHeadAttention(1, 2)
    taken = k.Input(SHAPE)
    inner = k.Model(taken, layers.Dense(4)(attention()(taken, taken)))
    masked = lambda x: layers.SimpleRNN(4, return_sequences=True)(x, mask=x[:, :, 0] > 0)
    return {
        "attended_twice": lambda x: (lambda v: layers.Add()([attention()(v, v), attention()(x, v)]))(masked(x)),
        "attended_and_read": lambda x: (lambda v: [layers.Attention()([v, x]), attention()(x, v)])(masked(x)),
        "read_and_attended": lambda x: (lambda v: [attention()(x, v), layers.Attention()([v, x])])(masked(x)),
        "attended_in_a_row": lambda x: (lambda v: attention()(attention()(x, v), v))(masked(x)),
        "attended_in_a_model": lambda x: (lambda v: layers.Add()([inner(v), layers.Attention()([v, x])]))(masked(x)),
    }


@pytest.mark.parametrize("name", ["attended_twice", "attended_and_read", "read_and_attended", "attended_in_a_row", "attended_in_a_model"])
def test_a_mask_that_is_taken_off(nnfmt, tmp_path, name):
    k = module("Keras 3")
    k.utils.set_random_seed(7)
    x = k.Input(SHAPE)
    model = k.Model(x, masks_taken_off(k)[name](x))
    model.save(tmp_path / "m.keras")
    given = np.random.default_rng(7).normal(0, 1, (6, *SHAPE)).astype(np.float32)
    np.save(tmp_path / "x.npy", given)
    nnfmt("run", tmp_path / "m.keras", "--input", tmp_path / "x.npy", "--output", tmp_path / "y")
    expected = model.predict(given, verbose=0)
    for number, wanted in enumerate(expected if isinstance(expected, list) else [expected]):
        np.testing.assert_allclose(np.load(tmp_path / f"y/output_{number}.npy"), wanted, rtol=2e-5, atol=2e-6)
