"""Makes a case's model with random numbers, feeds it, and saves it in a container."""

import importlib
import inspect
import warnings
import zlib
from dataclasses import dataclass

import numpy as np

from .case import BATCH, KERAS_2, KERAS_3

# Their numbers were worked out from data, or are no numbers.
LEFT_ALONE = ("Normalization", "Discretization", "CategoryEncoding", "MelSpectrogram", "STFTSpectrogram")


@dataclass
class Made:
    case: object
    framework: object
    model: object
    inputs: list

    def outputs(self):
        model = self.case.twin(self.framework, self.model) if self.case.twin else self.model
        return outputs(self.framework, model, self.inputs)


def make(case):
    """The model of a case, the same every time."""
    k = importlib.import_module(case.framework)
    # Names count from 1 again. Keras 3 would also collect garbage, which takes longer than the rest.
    k.backend.clear_session(*[False] if case.framework == KERAS_3 else [])
    random = np.random.default_rng(zlib.crc32(case.id.encode()))
    k.utils.set_random_seed(zlib.crc32(case.id.encode()) & 0xFFFFFF)
    model = case.build(k)
    randomize(model, random)
    inputs = case.feed(random) if case.feed else [plain_input(tensor, random) for tensor in model.inputs]
    if case.finish:
        case.finish(model, k)
    return Made(case, k, model, inputs)


def plain_input(tensor, random):
    """Normal numbers of the shape of a model's input, an unknown extent being 6."""
    shape = [BATCH, *(6 if extent is None else int(extent) for extent in tensor.shape[1:])]
    dtype = np.dtype(getattr(tensor.dtype, "name", tensor.dtype))
    if dtype.kind in "iu":
        return random.integers(0, 5, shape).astype(dtype)
    return random.normal(0.1, 1, shape).astype(np.float32)


def randomize(model, random):
    """Gives every weight numbers that a mistake would show in: no zeros, no ones, no two alike."""
    kept = set()
    for layer in model._flatten_layers():
        if type(layer).__name__ in LEFT_ALONE or getattr(layer, "stateful", False):
            kept |= {id(weight) for weight in layer.weights if "state" in weight.name}
            if type(layer).__name__ in LEFT_ALONE:
                kept |= {id(weight) for weight in layer.weights}
    for weight in model.weights:
        dtype = np.dtype(getattr(weight.dtype, "as_numpy_dtype", weight.dtype))
        if id(weight) in kept or dtype.kind in "iub":
            continue
        name = weight.name.split("/")[-1].split(":")[0]
        weight.assign(random_values(name, tuple(weight.shape), random).astype(dtype))


def random_values(name, shape, random):
    if "variance" in name:
        return random.uniform(0.3, 2, shape)
    if name in ("gamma", "scale"):
        return random.normal(1, 0.3, shape)
    if "kernel" in name and len(shape) > 1:
        return random.normal(0, 1.2 / np.sqrt(np.prod(shape[:-1])), shape)
    return random.normal(0, 0.5, shape)


def outputs(k, model, inputs):
    """What a model answers, in the order of its outputs, as float32."""
    given = inputs[0] if len(inputs) == 1 else list(inputs)
    structure = getattr(model, "_inputs_struct" if k.__name__ == KERAS_3 else "_nested_inputs", None)
    if isinstance(structure, dict):
        given = dict(zip(input_names(model), inputs))
    answer = model(given, training=False)
    return [np.asarray(value).astype(np.float32) for value in flat(k, answer)]


def layer_values(made):
    """The value of each layer by its name."""
    layers = [layer for layer in made.model.layers if type(layer).__name__ != "InputLayer"]
    probe = made.framework.Model(made.model.inputs, [layer.output for layer in layers])
    return dict(zip([layer.name for layer in layers], outputs(made.framework, probe, made.inputs)))


def input_names(model):
    if hasattr(model, "input_names"):
        return model.input_names
    return [tensor.name for tensor in model.inputs]


def flat(k, answer):
    if k.__name__ == KERAS_2:
        import tensorflow
        return tensorflow.nest.flatten(answer)
    return k.tree.flatten(answer)


def parameter_count(model):
    """How many numbers a model's weights have. SpectralNormalization lists the kernel of its layer once more."""
    weights = {id(weight): weight for weight in model.weights}.values()
    # The summary of a Discretization has as many columns as it needs.
    return sum(weight.numpy().size if None in tuple(weight.shape) else int(np.prod(weight.shape)) for weight in weights)


# Containers

def save(made, container, folder, stem="m"):
    """Writes the model; returns the file and that of its architecture (None if it is in the file)."""
    kind, _, architecture = container.partition("-cfg-")
    ending = {"h5": ".h5", "keras": ".keras", "weights": ".weights.h5", "legacy": ".h5"}[kind]
    path = folder / f"{stem}{ending}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind in ("h5", "keras"):
            made.model.save(str(path))
            return path, None
        made.model.save_weights(str(path))
        cfg = folder / f"{stem}_architecture.{architecture or 'json'}"
        if architecture:
            made.model.save(str(cfg))
        else:
            cfg.write_text(made.model.to_json())
    return path, cfg


def reload(made, path, cfg):
    """The model as the framework itself reads it back."""
    k = made.framework
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if cfg is None:
            return k.models.load_model(str(path), compile=False)
        if cfg.suffix == ".json":
            model = k.models.model_from_json(cfg.read_text())
        else:
            model = k.models.load_model(str(cfg), compile=False)
            randomize(model, np.random.default_rng(0))
        model.load_weights(str(path))
    return model


def reload_fault(made, want, path, cfg):
    """Why what Keras itself reads back is not the model that it wrote; None if it is."""
    try:
        model = reload(made, path, cfg)
        got = outputs(made.framework, model, made.inputs)
    except Exception as error:  # noqa: BLE001 - Keras raises whatever it likes
        return f"can't be read back: {first_line(error)}"
    if len(got) != len(want) or any(a.shape != b.shape for a, b in zip(got, want)):
        return f"reads back with other outputs: {[a.shape for a in got]}, not {[b.shape for b in want]}"
    gap = max((scaled_error(a, b) for a, b in zip(got, want)), default=0)
    return None if gap <= 1e-6 else f"reads back with other numbers: off by {gap:.3g}"


def scaled_error(got, want):
    if want.size == 0:
        return 0.0
    both_nan = np.isnan(got) & np.isnan(want)
    with np.errstate(invalid="ignore"):
        gaps = np.where(both_nan | (got == want), 0, np.abs(got.astype(np.float64) - want))
    scale = 1 + np.abs(want[np.isfinite(want)]).max(initial=0)
    gap = gaps.max() / scale
    return float("inf") if np.isnan(gap) else float(gap)


def first_line(error):
    lines = [line for line in inspect.cleandoc(str(error)).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:200] if lines else ''}"
