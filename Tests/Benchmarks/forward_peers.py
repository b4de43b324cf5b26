"""One engine, one net, one batch, one number of threads: what the process is that forward.py starts for each timing.

    forward_peers.py PEER FOLDER BATCH THREADS PASSES SECONDS [OUTPUTS.npz]

FOLDER is what forward_nets.py made. After a pass to warm up (two of what is fast), at most PASSES passes, or as many as
fit in SECONDS, at least one; with OUTPUTS.npz the outputs of another pass. Prints {"runs_ms": […]} or {"missing": why}.
Every peer computes in float32 with its input in place; its answer is in memory when the clock stops.
"""

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

# The number of MNN's hint WINOGRAD_MEMORY_LEVEL (MNN/Interpreter.hpp, HintMode), which Python has no name for.
WINOGRAD_LEVEL = 3


class Missing(Exception):
    """Why a peer can't compute this."""


def onnxruntime(folder, batch, threads, x):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(folder / f"net_{batch}.onnx", options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": x})


def openvino(folder, batch, threads, x):
    import openvino

    model = openvino.Core().compile_model(
        folder / f"net_{batch}.onnx", "CPU",
        {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": threads,
         "NUM_STREAMS": 1})
    request, count = model.create_infer_request(), len(model.outputs)

    def run():
        request.infer({0: x}, share_inputs=True)
        return [request.get_output_tensor(number).data for number in range(count)]

    return run


def ncnn(folder, batch, threads, x):
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
        setattr(net.opt, option, False)
    net.load_param(str(folder / "ncnn/net.ncnn.param"))
    net.load_model(str(folder / "ncnn/net.ncnn.bin"))
    names = net.output_names()

    def sample(values):
        extractor = net.create_extractor()
        extractor.input("in0", ncnn.Mat(values))
        return [np.array(extractor.extract(name)[1]) for name in names]

    # It has no batch axis: sample after sample.
    return lambda: [np.stack(outputs) for outputs in zip(*map(sample, x))]


def mnn(folder, batch, threads, x, units=None):
    """As it is by default. Its largest Winograd units can cost three digits, whatever "precision" says."""
    import MNN

    manager = MNN.nn.create_runtime_manager(({"backend": "CPU", "precision": "high", "numThread": threads},))
    if units is not None:
        manager.set_hint(WINOGRAD_LEVEL, units)
    names = json.loads((folder / "nodes.json").read_text())["outputs"]
    net = MNN.nn.load_module_from_file(str(folder / f"net_{batch}.mnn"), ["x"], names, runtime_manager=manager)

    def run():
        given = MNN.expr.placeholder(list(x.shape), MNN.expr.NCHW)
        given.write(x)
        outputs = [MNN.expr.convert(output, MNN.expr.NCHW) for output in net.onForward([given])]
        return [output.read() for output in outputs]

    return run


def mnn_exact(folder, batch, threads, x):
    """With smaller Winograd units, which keep float32's digits."""
    return mnn(folder, batch, threads, x, units=1)


def torch(folder, batch, threads, x):
    from forward_torch import compiled
    from onnx_export import Network

    try:
        return compiled(Network.load(folder), x, threads)
    except RuntimeError as problem:
        raise Missing(f"its compiler fails: {str(problem).splitlines()[0]}") from problem


def opencv(folder, batch, threads, x):
    import cv2

    cv2.setNumThreads(threads)
    info = json.loads((folder / "info.json").read_text())
    if "layers" in info:
        net = cv2.dnn.readNetFromDarknet(str(folder / "net.cfg"), str(folder / "net.weights"))
        names = [f"conv_{layer}" for layer in info["layers"]]
    else:
        net = cv2.dnn.readNetFromONNX(str(folder / f"net_{batch}.onnx"))
        names = net.getUnconnectedOutLayersNames()

    def run():
        net.setInput(x)
        return net.forward(names)

    return run


def darknet(folder, batch, threads, x):
    info = json.loads((folder / "info.json").read_text())
    if "layers" not in info:
        raise Missing("it reads no Keras model")
    if threads > 1:
        raise Missing("it has one thread")
    if info["mish"]:
        raise Missing("pjreddie's has no mish")
    from forward_darknet import Net

    net = Net(folder / f"net_{batch}.cfg", folder / "net.weights")
    net.give(x)

    def run():
        net.predict()
        return [net.output(layer) for layer in info["layers"]]

    return run


def tensorflow(folder, batch, threads, x):
    import tensorflow

    file = json.loads((folder / "info.json").read_text()).get("keras")
    if not file:
        raise Missing("it reads no darknet network")
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    import keras

    model = keras.models.load_model(folder / file, compile=False)
    function = tensorflow.function(lambda values: model(values, training=False))
    given = tensorflow.constant(np.load(folder / f"x_{batch}_nhwc.npy"))
    return lambda: [function(given).numpy()]


PEERS = {"onnxruntime": onnxruntime, "openvino": openvino, "ncnn": ncnn, "mnn": mnn, "mnn-exact": mnn_exact,
         "torch": torch, "opencv": opencv, "darknet": darknet, "tensorflow": tensorflow}


def timed(run, passes, seconds):
    """Milliseconds of each pass, after those that don't count: engines choose and pack in the first ones."""
    began = time.perf_counter()
    run()
    if time.perf_counter() - began < seconds:
        run()
    times, began = [], time.perf_counter()
    while len(times) < passes:
        start = time.perf_counter()
        run()
        end = time.perf_counter()
        times.append((end - start) * 1000)
        if end - began > seconds:
            break
    return times


def main():
    peer, folder, batch, threads, passes, seconds, *rest = sys.argv[1:]
    folder = Path(folder)
    failed = json.loads((folder / "failed.json").read_text())
    # What libraries print goes to standard error: standard output is for the answer.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        # "mnn-exact" reads what was made for "mnn".
        if (form := peer.split("-")[0]) in failed:
            raise Missing(failed[form])
        run = PEERS[peer](folder, int(batch), int(threads), np.load(folder / f"x_{batch}.npy"))
        if rest:
            np.savez(rest[0], *run())
        result = {"runs_ms": timed(run, int(passes), float(seconds)) if int(passes) else []}
    except (Missing, ImportError) as problem:
        result = {"missing": str(problem)}
    print(json.dumps(result), file=answer, flush=True)
    # Some libraries' own ends crash; all has been said.
    os._exit(0)


if __name__ == "__main__":
    main()
