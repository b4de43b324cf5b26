"""Models that `nnfmt convert` may convert: those of the corpus and those of these tests."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import darknet_numpy
import small_keras_models
from networks import NETWORKS


@dataclass(frozen=True)
class Case:
    """A model that may be converted."""
    name: str
    path: Path
    cfg: Path = None
    dialect: str = None
    # What convert needs to be told.
    options: tuple = ()


def default_corpus():
    root = Path(__file__).resolve().parent.parent.parent
    return Path(os.environ.get("NNFMT_CORPUS") or root.parent / "shared" / "corpus")


def corpus_cases(corpus):
    for kind in ("layers", "random", "real"):
        for folder in sorted((corpus / "darknet" / kind).glob("*/model.weights")):
            folder = folder.parent
            dialect = "pjreddie" if folder.name.startswith("pj_") else None
            yield Case(f"{kind}/{folder.name}", folder / "model.weights", folder / "model.cfg", dialect)
    for pattern in ("models/*/*", "models_old/*/*/*", "real/*", "interop/*"):
        for path in sorted((corpus / "keras").glob(pattern)):
            if path.suffix not in (".h5", ".hdf5", ".keras"):
                continue
            name = str(path.relative_to(corpus / "keras"))
            if "weights" not in path.name:
                yield Case(name, path)
                continue
            side = path.name.split("_")[0] + "_" if "_" in path.name else ""
            full = sorted(path.parent.glob(f"{side}full.h5"))
            if full:
                yield Case(name, path, options=("--cfg", full[0]))


def own_cases(folder):
    """The networks and models of these tests themselves."""
    for name, network in NETWORKS.items():
        source = darknet_numpy.RandomSource(7, network.variances)
        darknet_numpy.forward(network.cfg, source, np.zeros((1, *darknet_numpy.input_shape(network.cfg))), network.dialect)
        weights, cfg = folder / f"{name}.weights", folder / f"{name}.cfg"
        weights.write_bytes(source.file_bytes())
        cfg.write_text(network.cfg)
        yield Case(f"own/{name}", weights, cfg, network.dialect if network.dialect == "pjreddie" else None)
    for name in small_keras_models.MODELS:
        yield Case(f"own/{name}.h5", small_keras_models.write(name, folder / f"{name}.h5"))
