"""Debian's libdarknet.so (package `darknet`, pjreddie's), asked through ctypes for every layer's output.

The layout of its structures is read from the header of the same package. A network is computed in a process of its
own, since darknet ends the process where it does not like a file, and crashes where it did not look.
"""

import ctypes
import functools
import multiprocessing
import os
import re
import signal
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

FOLDER = Path("/usr/lib/darknet")
SECONDS = 20
# What is larger than any workspace that the small networks here need.
WORKSPACE_BYTES = 1 << 22


@dataclass
class Outcome:
    """What became of a network: its layers' outputs, or how darknet ended."""

    ending: str  # "computed", "exit 1", "SIGFPE", "timeout"
    said: str = ""
    layers: list = field(default_factory=list)  # dictionaries: type, outputs, shape (c, h, w), values
    resaved: bytes = b""


class Library:
    def __init__(self):
        if not FOLDER.is_dir():
            raise SystemExit(f"There is no {FOLDER}: install the Debian package darknet (Tests/run packages does)")
        text = _without_gpu((FOLDER / "include/darknet.h").read_text())
        self.types = _enumeration(text, "LAYER_TYPE")
        self.layer = _structure(text, r"struct layer\{(.*?)\n\};", "layer")
        self.network = _structure(text, r"typedef struct network\{(.*?)\n\} network;", "network")
        self.so = ctypes.CDLL(str(FOLDER / "libdarknet.so"))
        self.so.parse_network_cfg.restype = ctypes.POINTER(self.network)
        self.so.network_predict.restype = ctypes.POINTER(ctypes.c_float)

    def compute(self, cfg, weights, x, mends=True, seconds=SECONDS):
        """The outcome of a forward pass of `x`, all samples of the cfg's batch; `cfg` lies in its own folder.

        `mends`: whether darknet gets the memory that it forgot, and saves what it loaded. What nnfmt writes must load
        without."""
        folder = Path(cfg).parent
        log, results, resaved = folder / "darknet.log", folder / "darknet.npz", folder / "resaved.weights"
        child = os.fork()
        if child == 0:
            code = 97
            try:
                self._in_child(folder, cfg, weights, x, log, results, resaved, mends, seconds)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        said = log.read_text(errors="replace") if log.exists() else ""
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            return Outcome("timeout" if name == "SIGALRM" else name, said)
        if status:
            return Outcome(f"exit {os.WEXITSTATUS(status)}", said)
        stored = np.load(results)
        layers = [
            {"type": str(stored["types"][i]), "outputs": int(stored["outputs"][i]),
             "shape": tuple(int(n) for n in stored["shapes"][i]), "values": stored[f"values_{i}"]}
            for i in range(len(stored["types"]))
        ]
        return Outcome("computed", said, layers, resaved.read_bytes() if mends else b"")

    def _in_child(self, folder, cfg, weights, x, log, results, resaved, mends, seconds):
        os.chdir(folder)
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, 1)
        os.dup2(file, 2)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)
        pointer = self.so.parse_network_cfg(str(cfg).encode())
        network = pointer.contents
        layers = ctypes.cast(network.layers, ctypes.POINTER(self.layer))
        kept = [self._mend(network, layers[i]) for i in range(network.n)] if mends else []
        self.so.load_weights(pointer, str(weights).encode())
        values = np.ascontiguousarray(x, np.float32)
        assert values.size == network.inputs * network.batch, (values.size, network.inputs, network.batch)
        self.so.network_predict(pointer, values.ctypes.data_as(ctypes.POINTER(ctypes.c_float)))
        arrays = {}
        for i in range(network.n):
            count = layers[i].outputs * network.batch
            arrays[f"values_{i}"] = np.ctypeslib.as_array(layers[i].output, (count,)).copy() if count else np.zeros(0)
        every = [layers[i] for i in range(network.n)]
        np.savez(
            results, types=[self.types[layer.type] for layer in every], outputs=[layer.outputs for layer in every],
            shapes=[(layer.out_c, layer.out_h, layer.out_w) for layer in every], **arrays)
        if mends:
            self.so.save_weights(pointer, str(resaved).encode())
        del kept

    def _mend(self, network, layer):
        """Gives darknet the memory that it forgot, so that the layer's arithmetic can be seen (spec/darknet-bugs.md)."""
        kind = self.types[layer.type]
        floats = ctypes.c_float * (WORKSPACE_BYTES // 4)
        kept = []
        if kind in ("LOCAL", "CRNN") or not network.workspace:
            kept.append(floats())
            network.workspace = ctypes.cast(kept[-1], ctypes.POINTER(ctypes.c_float))
        if kind == "BATCHNORM":
            kept.append((ctypes.c_float * (layer.outputs * network.batch))())
            layer.x = ctypes.cast(kept[-1], ctypes.POINTER(ctypes.c_float))
        if kind == "DECONVOLUTIONAL":
            layer.groups = 1
        return kept


def _without_gpu(text):
    """The header without the parts for GPUs, which Debian's library does not have."""
    kept, hidden = [], []
    for line in text.splitlines():
        if re.match(r"\s*#\s*if", line):
            hidden.append(re.match(r"\s*#\s*ifdef\s+(GPU|CUDNN|__cplusplus)\b", line) is not None)
        elif re.match(r"\s*#\s*endif", line):
            hidden.pop()
        elif not any(hidden):
            kept.append(line)
    return "\n".join(kept)


def _enumeration(text, name):
    body = re.search(r"typedef enum\s*\{([^}]*)\}\s*" + name, text)[1]
    return [word.strip() for word in body.split(",")]


def _structure(text, pattern, name):
    fields = []
    for declaration in re.search(pattern, text, re.DOTALL)[1].split(";"):
        words = " ".join(declaration.split())
        if not words:
            continue
        if "(*" in words:
            fields.append((re.search(r"\(\*\s*(\w+)\)", words)[1], ctypes.c_void_p))
            continue
        kind, rest = re.match(r"((?:struct )?\w+)\s*(.*)", words).groups()
        for variable in rest.split(","):
            stars = variable.count("*")
            fields.append((variable.replace("*", "").strip(), _type(kind, stars)))
    return type(name, (ctypes.Structure,), {"_fields_": fields})


def _type(kind, stars):
    if stars:
        return ctypes.POINTER(ctypes.c_float) if (kind, stars) == ("float", 1) else ctypes.c_void_p
    # Everything else that stands by itself is an enumeration.
    return {"float": ctypes.c_float, "size_t": ctypes.c_size_t}.get(kind, ctypes.c_int)


class LibraryOfItsOwn:
    """The library in a process of its own, for tests in which TensorFlow runs: its threads would not survive a fork."""

    def __init__(self):
        self.pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    def compute(self, cfg, weights, x, seconds=SECONDS):
        """The outcome for a network that nnfmt wrote: it must load without mending."""
        return self.pool.submit(_compute, str(cfg), str(weights), x, seconds).result()

    def close(self):
        self.pool.shutdown()


@functools.cache
def _library():
    return Library()


def _compute(cfg, weights, x, seconds):
    return _library().compute(cfg, weights, x, mends=False, seconds=seconds)
