"""Darknet's activations by their formulas; where its CPU code is known to be wrong, what it documents."""

import numpy as np


def logistic(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def selu(x):
    return 1.0507 * np.where(x >= 0, x, 1.6732 * np.expm1(np.minimum(x, 0)))


def gelu(x):
    return 0.5 * x * (1 + np.tanh(0.797885 * x + 0.035677 * x**3))


def plse(x):
    return np.where(x < -4, 0.01 * (x + 4), np.where(x > 4, 0.01 * (x - 4) + 1, 0.125 * x + 0.5))


def stair(x):
    floor = np.floor(x)
    return np.where(floor % 2 == 0, np.floor(x / 2), (x - floor) + np.floor(x / 2))


def mish(x):
    return x * np.tanh(np.logaddexp(0, x))


def hard_mish(x):
    return np.where(x > 0, x, np.where(x > -2, x * x / 2 + x, 0))


def normalize_channels(x):
    positive = np.maximum(x, 0)
    return positive / (1e-4 + positive.sum(axis=1, keepdims=True))


def normalize_channels_softmax(x):
    power = np.exp(x)
    return power / (1e-4 + power.sum(axis=1, keepdims=True))


def normalize_channels_softmax_maxval(x):
    return normalize_channels_softmax(x - x.max(axis=1, keepdims=True))


FUNCTIONS = {
    "linear": lambda x: x,
    "logistic": logistic,
    "loggy": lambda x: 2 * logistic(x) - 1,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": lambda x: np.where(x >= 0, x, np.expm1(np.minimum(x, 0))),
    "selu": selu,
    "gelu": gelu,
    "relie": lambda x: np.where(x > 0, x, 0.01 * x),
    "ramp": lambda x: np.maximum(x, 0) + 0.1 * x,
    "leaky": lambda x: np.where(x > 0, x, 0.1 * x),
    "revleaky": lambda x: np.where(x > 0, x, 0.1 * x),
    "tanh": np.tanh,
    "plse": plse,
    "stair": stair,
    "hardtan": lambda x: np.clip(x, -1, 1),
    "lhtan": lambda x: np.where(x < 0, 0.001 * x, np.where(x > 1, 0.001 * (x - 1) + 1, x)),
    "swish": lambda x: x * logistic(x),
    "mish": mish,
    "hard_mish": hard_mish,
    "normalize_channels": normalize_channels,
    "normalize_channels_softmax": normalize_channels_softmax,
    "normalize_channels_softmax_maxval": normalize_channels_softmax_maxval,
}


def activate(name, x):
    """An unknown name is relu, as in darknet."""
    return FUNCTIONS.get(name, FUNCTIONS["relu"])(x)
