"""Keras models that darknet can hold, as people build them."""

import numpy as np

from frameworks import module


def yolo_like(k):
    """Convolutions with normalization and LeakyReLU(0.1), strides behind ZeroPadding2D, a branch that is added
    and one that is enlarged and joined."""
    layers = k.layers

    def block(x, filters, size, strides=1):
        if strides > 1:
            x = layers.ZeroPadding2D(((1, 0), (1, 0)))(x)
        x = layers.Conv2D(filters, size, strides=strides, padding="valid" if strides > 1 else "same",
                          use_bias=filters % 2 == 0)(x)
        return layers.LeakyReLU(0.1)(layers.BatchNormalization(epsilon=1e-3)(x))

    image = k.Input((32, 32, 3))
    x = block(image, 8, 3)
    x = early = block(x, 12, 3, strides=2)
    x = layers.Add()([x, block(block(x, 5, 1), 12, 3)])
    x = block(x, 16, 3, strides=2)
    x = layers.MaxPooling2D(5, strides=1, padding="same")(x)
    x = layers.UpSampling2D(2)(block(x, 7, 1))
    x = layers.Concatenate()([x, early])
    return k.Model(image, layers.Conv2D(18, 1)(x))


def mobile_like(k):
    """Depthwise convolutions with ReLU6 and a global mean."""
    layers = k.layers
    image = k.Input((17, 17, 3))
    x = layers.ZeroPadding2D(1)(image)
    x = layers.Conv2D(8, 3, strides=2, use_bias=False)(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization()(x))
    for filters, strides in ((12, 1), (16, 2), (16, 1)):
        start = x
        x = layers.ZeroPadding2D(1)(x)
        x = layers.DepthwiseConv2D(3, strides=strides, use_bias=False)(x)
        x = layers.ReLU(6.0)(layers.BatchNormalization(scale=False)(x))
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        x = layers.BatchNormalization(center=False)(x)
        if start.shape == x.shape:
            x = layers.Add()([start, x])
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    return k.Model(image, layers.Dense(10, activation="softmax")(x))


def perceptron(k):
    """Dense layers, normalized and not."""
    layers = k.layers
    return k.Sequential([
        k.Input((13,)), layers.Dense(24, activation="relu"), layers.Dense(24), layers.BatchNormalization(),
        layers.Activation("tanh"), layers.Dense(9, activation="sigmoid"), layers.Dense(4, activation="softmax"),
    ])


def classifier(k):
    """An image made flat in front of Dense layers."""
    layers = k.layers
    return k.Sequential([
        k.Input((12, 10, 3)), layers.Conv2D(6, 3, activation="relu", padding="same"), layers.MaxPooling2D(2),
        layers.Conv2D(8, 3, activation="elu"), layers.AveragePooling2D(2, strides=2, padding="same"),
        layers.Flatten(), layers.Dropout(0.5), layers.Dense(15, activation="relu"),
        layers.Dense(5), layers.Softmax(),
    ])


def residual(k):
    """Normalization in front of the activation, and both in front of the convolution; a sum with a function."""
    layers = k.layers
    image = k.Input((9, 10, 4))
    x = layers.BatchNormalization()(image)
    x = layers.Activation("relu")(x)
    y = layers.Conv2D(4, 3, padding="same", dilation_rate=2)(x)
    x = layers.Activation("relu")(layers.Add()([x, y, image]))
    x = layers.Conv2D(8, 3, strides=(2, 1), groups=2, padding="valid")(x)
    return k.Model(image, layers.MaxPooling2D(3, strides=2, padding="same")(x))


def squeeze(k):
    """Factors for each channel, made by a branch; functions that darknet has in convolutions only."""
    layers = k.layers
    image = k.Input((8, 8, 3))
    x = layers.Conv2D(8, 3, padding="same", activation="swish")(image)
    s = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
    s = layers.Conv2D(2, 1, activation="swish")(s)
    s = layers.Conv2D(8, 1, activation="sigmoid")(s)
    x = layers.Multiply()([x, s])
    x = layers.Activation("swish")(layers.BatchNormalization()(x))
    x = layers.Rescaling(0.5, offset=0.25)(x)
    return k.Model(image, layers.Concatenate()([x, image]))


def classifier_of_dense_images(k):
    """Normalizations and functions on their own, without any convolution."""
    layers = k.layers
    return k.Sequential([
        k.Input((6, 5, 4)), layers.BatchNormalization(), layers.Activation("tanh"), layers.Dense(7),
        layers.Flatten(), layers.Dense(5)])


def vector(k):
    """A vector with nothing but what darknet has for channels: an image of one cell there."""
    layers = k.layers
    return k.Sequential([
        k.Input((4,)), layers.BatchNormalization(), layers.Activation("tanh"), layers.Rescaling(2.0, offset=1.0)])


MODELS = {f.__name__: f for f in (yolo_like, mobile_like, perceptron, classifier, residual, squeeze,
                                  classifier_of_dense_images, vector)}


def randomize(model, seed):
    """Weights of sensible size; statistics with variances down to 0."""
    random = np.random.default_rng(seed)
    for weight in model.weights:
        name, shape = weight.name.split("/")[-1].split(":")[0], tuple(weight.shape)
        if name == "moving_variance":
            value = random.uniform(0, 1.5, shape) * (random.uniform(size=shape) > 0.2)
        elif name == "gamma":
            value = random.uniform(0.5, 1.5, shape)
        elif len(shape) == 1:
            value = random.normal(0, 0.3, shape)
        else:
            value = random.normal(0, 1, shape) / np.sqrt(np.prod(shape[:-1]))
        weight.assign(value.astype(np.float32))


def build(generation, name, seed=3):
    model = MODELS[name](module(generation))
    randomize(model, seed)
    return model


def sample(model, seed=5):
    """Two inputs in darknet's layout."""
    shape = tuple(model.inputs[0].shape)[1:]
    x = np.random.default_rng(seed).normal(size=(2, *shape)).astype(np.float32)
    return x.transpose(0, 3, 1, 2).copy() if x.ndim == 4 else x
