"""Keras models of any origin become darknet models: real Keras, nnfmt run and the darknet of numpy agree."""

import numpy as np
import pytest

import darknet_numpy
from darknet_like_models import MODELS, build, randomize, sample
from frameworks import module, outputs
from keras_models.case import FLOAT32

# What one layer may be off (`keras_models/case.py`) is enough for these networks too: over two to six draws of weights
# and inputs they are off by 1.0e-6 (yolo_like, eleven convolutions, normalized by variances down to 0), 6e-7
# (mobile_like, classifier_of_dense_images), 3e-7 (residual, squeeze, test_small_variances) and 6e-8 (the others, which
# end in a softmax or have a layer or two), in every dialect and against either Keras.
TOLERANCE = FLOAT32
GENERATIONS = ["Keras 2", "Keras 3"]


def planar(y):
    return y.transpose(0, 3, 1, 2) if y.ndim == 4 else y


def run(nnfmt, folder, weights, cfg, x):
    np.save(folder / "x.npy", x)
    nnfmt("run", weights, "--cfg", cfg, "--input", folder / "x.npy", "--output", folder / "y")
    return np.load(folder / "y" / "output_0.npy")


def gap(got, want):
    return np.abs(got.reshape(want.shape) - want).max() / (1 + np.abs(want).max())


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("name", MODELS)
def test_the_same_numbers(nnfmt, tmp_path, generation, name):
    model = build(generation, name)
    model.save(tmp_path / "m.h5")
    nnfmt("convert", tmp_path / "m.h5", tmp_path / "out.weights")
    x = sample(model)
    want = [planar(y) for y in outputs(model, x)]
    got = run(nnfmt, tmp_path, tmp_path / "out.weights", tmp_path / "out.cfg", x)
    assert gap(got, want[0]) <= TOLERANCE

    cfg = (tmp_path / "out.cfg").read_text()
    assert cfg.startswith("# made by nnfmt from m.h5\n[net]\n")
    source = darknet_numpy.FileSource(tmp_path / "out.weights")
    layers = darknet_numpy.forward(cfg, source, x.reshape(-1, 4, 1, 1) if name == "vector" else x).layers
    assert gap(np.asarray(layers[-1]), want[0]) <= TOLERANCE
    files = (tmp_path / "m.h5", tmp_path / "out.weights")
    nnfmt("validate", *files)
    nnfmt("validate", *reversed(files))


@pytest.mark.parametrize("dialect", ["pjreddie", "hank-ai"])
@pytest.mark.parametrize("name", ["yolo_like", "perceptron", "classifier_of_dense_images"])
def test_dialects(nnfmt, tmp_path, dialect, name):
    """pjreddie's divisor is another one; hank-ai's darknet lacks [batchnorm] and [activation]."""
    model = build("Keras 3", name)
    model.save(tmp_path / "m.keras")
    nnfmt("convert", tmp_path / "m.keras", tmp_path / "out.weights", "--dialect", dialect)
    x = sample(model)
    np.save(tmp_path / "x.npy", x)
    nnfmt("run", tmp_path / "out.weights", "--cfg", tmp_path / "out.cfg", "--dialect", dialect,
          "--input", tmp_path / "x.npy", "--output", tmp_path / "y")
    want = planar(outputs(model, x)[0])
    assert gap(np.load(tmp_path / "y" / "output_0.npy"), want) <= TOLERANCE
    source = darknet_numpy.FileSource(tmp_path / "out.weights")
    layers = darknet_numpy.forward((tmp_path / "out.cfg").read_text(), source, x, dialect).layers
    assert gap(np.asarray(layers[-1]), want) <= TOLERANCE


@pytest.mark.parametrize("dialect", ["alexeyab", "pjreddie"])
@pytest.mark.parametrize("epsilon", [1e-3, 1e-5, 1e-7, 1e-14])
def test_small_variances(nnfmt, tmp_path, epsilon, dialect):
    """Where no variance makes darknet's divisor small enough, the scales do."""
    k = module("Keras 3")
    model = k.Sequential([
        k.Input((4, 4, 3)), k.layers.Conv2D(6, 1), k.layers.BatchNormalization(epsilon=epsilon),
        k.layers.Activation("relu"), k.layers.BatchNormalization(epsilon=epsilon)])
    randomize(model, 9)
    variances = np.array([0, 1e-12, 1e-8, 1e-6, 1e-4, 1], np.float32)
    for weight in model.weights:
        if weight.name == "moving_variance":
            weight.assign(variances + 1e-13)
    model.save(tmp_path / "m.keras")
    nnfmt("convert", tmp_path / "m.keras", tmp_path / "out.weights", "--dialect", dialect)
    x = sample(model)
    np.save(tmp_path / "x.npy", x)
    nnfmt("run", tmp_path / "out.weights", "--cfg", tmp_path / "out.cfg", "--dialect", dialect,
          "--input", tmp_path / "x.npy", "--output", tmp_path / "y")
    got, want = np.load(tmp_path / "y" / "output_0.npy"), planar(outputs(model, x)[0])
    for channel in range(6):
        assert gap(got[:, channel], want[:, channel]) <= TOLERANCE


@pytest.mark.parametrize("container", ["m.keras", "m.h5", "m.weights.h5"])
def test_containers(nnfmt, tmp_path, container):
    """The same files from every container; weights without their model need it named, or beside them."""
    model = build("Keras 3", "classifier")
    path = tmp_path / "in" / container
    path.parent.mkdir()
    more = []
    if container == "m.weights.h5":
        model.save_weights(path)
        (tmp_path / "a.json").write_text(model.to_json())
        more = ["--cfg", tmp_path / "a.json"]
    else:
        model.save(path)
    model.save(tmp_path / "same.keras")
    nnfmt("convert", tmp_path / "same.keras", tmp_path / "same.weights")
    answer = nnfmt("convert", path, tmp_path / "out.weights", "--json", "--header", "0.2", *more).json
    assert answer["outputs"] == [str(tmp_path / "out.weights"), str(tmp_path / "out.cfg")]
    assert answer["layers"] == 7 and answer["format"] == "darknet"
    same, out = (tmp_path / f"{stem}.weights" for stem in ("same", "out"))
    assert same.read_bytes()[20:] == out.read_bytes()[20:]
    assert same.read_bytes()[:20] == np.array([0, 2, 5, 0, 0], "<i4").tobytes()
    assert out.read_bytes()[:20] == np.array([0, 2, 0, 0, 0], "<i4").tobytes()
    assert (tmp_path / "same.cfg").read_text().split("\n")[1:] == (tmp_path / "out.cfg").read_text().split("\n")[1:]


def test_several_outputs(nnfmt, tmp_path):
    """They are layers in order, the last one last; a warning says which."""
    k = module("Keras 3")
    image = k.Input((6, 6, 3))
    a = k.layers.Conv2D(4, 3, activation="relu")(image)
    b = k.layers.Conv2D(5, 1)(a)
    model = k.Model(image, [b, a])
    randomize(model, 2)
    model.save(tmp_path / "m.keras")
    answer = nnfmt("convert", tmp_path / "m.keras", tmp_path / "out.weights")
    assert "output 0 is layer 1" in answer.err
    x = sample(model)
    np.save(tmp_path / "x.npy", x)
    nnfmt("run", tmp_path / "out.weights", "--cfg", tmp_path / "out.cfg", "--input", tmp_path / "x.npy",
          "--output", tmp_path / "y", "--layers", "1,-1")
    first, last = outputs(model, x)
    assert gap(np.load(tmp_path / "y" / "001.npy"), planar(first)) <= TOLERANCE
    assert gap(np.load(tmp_path / "y" / "002.npy"), planar(last)) <= TOLERANCE


@pytest.mark.parametrize("dialect", ["alexeyab", "pjreddie"])
def test_a_cfg_that_it_made_is_filled(nnfmt, tmp_path, dialect):
    """It has sections that no layer of the model stands for; a cfg that says something else is not filled by them."""
    model = build("Keras 3", "mobile_like")
    model.save(tmp_path / "m.keras")
    nnfmt("convert", tmp_path / "m.keras", tmp_path / "made.weights", "--dialect", dialect)
    randomize(model, 8)
    model.save(tmp_path / "other.keras")
    nnfmt("convert", tmp_path / "other.keras", tmp_path / "direct.weights", "--dialect", dialect)
    named = ["--cfg", tmp_path / "made.cfg"] + ([] if dialect == "alexeyab" else ["--dialect", dialect])
    nnfmt("convert", tmp_path / "other.keras", tmp_path / "filled.weights", *named)
    assert (tmp_path / "filled.weights").read_bytes() == (tmp_path / "direct.weights").read_bytes()
    assert not (tmp_path / "filled.cfg").exists()
    cfg = (tmp_path / "made.cfg").read_text()
    (tmp_path / "changed.cfg").write_text(cfg.replace("activation=hardtan", "activation=tanh"))
    named[1] = tmp_path / "changed.cfg"
    nnfmt("convert", tmp_path / "other.keras", tmp_path / "wrong.weights", *named, code=65)
    assert not (tmp_path / "wrong.weights").exists()


def refused(k):
    """What darknet has no exact form for: the layer, and what the message says beside its name."""
    layers = k.layers
    return {
        "oblong-maximum": ((8, 8, 3), layers.MaxPooling2D((1, 3)), "option 'pool_size'"),
        "gelu": ((8, 8, 3), layers.Activation("gelu"), "option 'activation'"),
        "softplus": ((8, 8, 3), layers.Conv2D(4, 3, activation="softplus"), "option 'activation'"),
        "bilinear": ((8, 8, 3), layers.UpSampling2D(2, interpolation="bilinear"), "resizing"),
        "flat-output": ((8, 8, 3), layers.Flatten(), "plane by plane"),
        "reshape": ((8, 8, 3), layers.Reshape((64, 3)), "option 'target_shape'"),
        "softmax-of-pixels": ((8, 8, 3), layers.Softmax(), "option 'axis'"),
        "slopes": ((8, 8, 3), layers.PReLU(), "parametric relu"),
        "sequence": ((8, 3), layers.LSTM(4), "darknet takes images or vectors"),
        "open": ((None, None, 3), layers.Conv2D(4, 3), "fixed height and width"),
        "layer-normalization": ((8, 8, 3), layers.LayerNormalization(), "normalization"),
    }


@pytest.mark.parametrize("name", [
    "oblong-maximum", "gelu", "softplus", "bilinear", "flat-output", "reshape", "softmax-of-pixels", "slopes", "sequence",
    "open", "layer-normalization"])
def test_refusals(nnfmt, tmp_path, name):
    k = module("Keras 3")
    shape, layer, said = refused(k)[name]
    k.Sequential([k.Input(shape), layer]).save(tmp_path / "m.keras")
    answer = nnfmt("convert", tmp_path / "m.keras", tmp_path / "out.weights", code=69)
    assert said in answer.err
    if name not in ("sequence", "open"):
        assert f"[{type(layer).__name__}], {layer.name}" in answer.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.keras"]


def test_both_or_neither(nnfmt, tmp_path):
    """A cfg that exists stops the weights too."""
    build("Keras 3", "perceptron").save(tmp_path / "m.keras")
    (tmp_path / "out.cfg").write_text("mine")
    nnfmt("convert", tmp_path / "m.keras", tmp_path / "out.weights", code=73)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.keras", "out.cfg"]
    nnfmt("convert", tmp_path / "m.keras", tmp_path / "out.weights", "--force")
    assert (tmp_path / "out.cfg").read_text().startswith("# made by nnfmt")
