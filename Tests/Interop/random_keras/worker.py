"""The process of one generation of Keras."""

import importlib
import json
import logging
import tempfile
import time
import warnings
import zlib

from nnfmt_command import Nnfmt

from . import code, shrinking
from .growing import grown
from .judging import Judge


class Worker:
    def __init__(self, framework, seed, binary, keep=None, shrinks=False):
        logging.disable(logging.WARNING)
        warnings.simplefilter("ignore")
        import tensorflow
        tensorflow.config.threading.set_intra_op_parallelism_threads(1)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
        self.k, self.seed, self.keep, self.shrinks = importlib.import_module(framework), seed, keep, shrinks
        if framework == "tf_keras":
            only_plain_loops(self.k)
        self.scratch = tempfile.TemporaryDirectory(prefix="nnfmt-random-")
        self.judge = Judge(self.k, Nnfmt(binary), self.scratch.name)

    def clear(self):
        # Keras 3 would also collect garbage, which takes longer than the rest.
        self.k.backend.clear_session(*[False] if self.k.__name__ == "keras" else [])

    def verdict(self, number):
        began = time.process_time()
        self.clear()
        crc = zlib.crc32(f"{self.seed}/{number}".encode())
        self.k.utils.set_random_seed(crc & 0xFFFFFF)
        about, model, refused = grown(self.k, self.seed, number)
        verdict = self.judge(about, crc, model, self.keep and self.keep / str(number))
        if verdict.outcome == "fails" and self.shrinks:
            about, verdict = shrinking.smallest(self.k, self.judge, self.clear, about, crc, verdict)
        return json.dumps({
            "number": number, "framework": self.k.__name__, **vars(verdict), "keras_refused": refused,
            "seconds": round(time.process_time() - began, 3), "code": code.text(about, self.k.__name__)})


def only_plain_loops(k):
    """Has Keras 2's LSTM and GRU build the loop that they compute on a CPU alone, not that of a GPU's library beside it,
    which takes a second for each layer."""
    for layer in (k.layers.LSTM, k.layers.GRU):
        layer._could_use_gpu_kernel = property(lambda self: False, lambda self, value: None)
