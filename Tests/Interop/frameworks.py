"""Loads a model in real Keras 2 (tf_keras) or real Keras 3 and computes with it; both live in one process."""

import contextlib
import functools
import importlib
import signal
import warnings

import numpy as np

FRAMEWORKS = {"Keras 2": "tf_keras", "Keras 3": "keras"}


@functools.cache
def module(framework):
    return importlib.import_module(FRAMEWORKS[framework])


def load(framework, path):
    """As a user would: load_model alone, nothing given beside the file."""
    return module(framework).models.load_model(str(path), compile=False)


@contextlib.contextmanager
def at_most(seconds):
    def late(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def loads(framework, path, seconds=60):
    """True, or why not. tf_keras goes round and round if a call that is taken is not there."""
    k = module(framework)
    try:
        with at_most(seconds), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            k.models.load_model(str(path), compile=False)
        return True
    except BaseException as error:  # noqa: BLE001 - Keras raises whatever it likes
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{type(error).__name__}: {str(error)[:100]} … {str(error)[-300:]}"
    finally:
        k.backend.clear_session(*[False] if framework == "Keras 3" else [])


def outputs(model, x):
    """The model's outputs for x in darknet's layout: (N, C, H, W) or (N, K)."""
    x = np.asarray(x, np.float32)
    if x.ndim == 4:
        x = x.transpose(0, 2, 3, 1)
    answer = model(x, training=False)
    return [np.asarray(y) for y in (answer if isinstance(answer, (list, tuple)) else [answer])]


def predict(framework, path, x):
    try:
        return outputs(load(framework, path), x)
    finally:
        module(framework).backend.clear_session()


def assert_equal(got, want, tolerance, what):
    """Each output within `tolerance`, relative to the largest value that it should have."""
    assert len(got) == len(want), f"{what}: {len(got)} outputs, expected {len(want)}"
    for index, (mine, theirs) in enumerate(zip(got, want)):
        # A vector may come as (N, K) or (N, 1, 1, K), and a picture that ends flattened (softmax over
        # all of it) as (N, K) in darknet's order: the contract leaves that open.
        if mine.ndim == 2 and mine.size == theirs.size:
            theirs = theirs.transpose(0, 3, 1, 2).reshape(mine.shape)
        elif theirs.shape[1:3] != (1, 1):
            assert mine.shape == theirs.shape, f"{what}, output {index}: {mine.shape}, expected {theirs.shape}"
        assert mine.size == theirs.size, f"{what}, output {index}: {mine.shape}, expected {theirs.shape}"
        gap = np.abs(mine.ravel() - theirs.ravel()).max() / (1 + np.abs(theirs).max())
        assert gap <= tolerance, f"{what}, output {index}: off by {gap:.3g}, allowed {tolerance:.3g}"
