"""The further tables of forward.py: whole processes, and a step of training."""

import json
import os
import shutil
import statistics
import time

from convert import run
from forward_setup import CORPUS, HERE, NETS, PYTHON, prepare, quiet

# From process start to written answer, against onnxruntime's whole process; the peak against the weights' size.
SECONDS, OF_ONNXRUNTIME, OF_WEIGHTS = 0.8, 0.5, 1.5
# How many times as fast as darknet's a step of training is.
TRAINING = 4
TRAINING_BATCH, TRAINED_STEPS = 4, 5
LOSS_TOLERANCE = 1e-3

ONNXRUNTIME = """
import sys, numpy, onnxruntime
model, x, output = sys.argv[1:]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
for number, values in enumerate(session.run(None, {"x": numpy.load(x)})):
    numpy.save(f"{output}/output_{number}.npy", values)
"""


def whole_process(options, scratch):
    """yolov3, from process start to written answer, each with its own defaults."""
    folder = prepare("yolov3", [1, 8])
    weights, x = folder / "net.weights", folder / "x_1.npy"
    layers = ",".join(map(str, json.loads((folder / "info.json").read_text())["layers"]))
    own, peer = scratch / "whole", scratch / "whole_peer"
    environment = [f"{name}={value}" for name, value in options.environment.items()]
    contenders = {
        "nnfmt": ["env", *environment, options.nnfmt, "run", weights, "--input", x, "--output", own, "--layers", layers],
        "onnxruntime": [PYTHON, "-c", ONNXRUNTIME, folder / "net_1.onnx", x, peer]}
    rows = {}
    for _ in range(options.rounds):
        for name, command in contenders.items():
            shutil.rmtree(own, ignore_errors=True)
            peer.mkdir(exist_ok=True)
            rows.setdefault(name, []).append(run(["sh", "-c", 'exec "$@" >/dev/null', "sh", *command]))
    size = weights.stat().st_size / (1 << 20)
    medians = {name: statistics.median(seconds for seconds, _ in measured) for name, measured in rows.items()}
    peaks = {name: max(peak for _, peak in measured) for name, measured in rows.items()}
    print(f"\nyolov3, whole process: {'seconds':>10} {'x onnxruntime':>14} {'peak MiB':>9} {'x weights':>10}")
    for name in rows:
        print(f"{name:22} {medians[name]:10.3f} {medians[name] / medians['onnxruntime']:14.2f} {peaks[name]:9.0f} "
              f"{peaks[name] / size:10.2f}")
    limits = {
        f"yolov3, whole process: {medians['nnfmt']:.3f} s, the limit is {SECONDS} s": medians["nnfmt"] <= SECONDS,
        f"yolov3, whole process: more than {OF_ONNXRUNTIME} x onnxruntime's":
            medians["nnfmt"] <= OF_ONNXRUNTIME * medians["onnxruntime"],
        f"yolov3, whole process: a peak of more than {OF_WEIGHTS} x the weights": peaks["nnfmt"] <= OF_WEIGHTS * size}
    return rows, [text for text, kept in limits.items() if not kept]


def training(options, scratch):
    """A step of yolov3-tiny on one thread: nnfmt's, as the difference of runs of many steps and one, and darknet's."""
    if not os.path.exists("/usr/lib/darknet/libdarknet.so"):
        print("\ntraining: there is no libdarknet.so: left out (Debian package darknet)")
        return None, []
    folder, batch = scratch / "training", TRAINING_BATCH
    folder.mkdir()
    cfg, _, side = NETS["yolov3-tiny"]
    quiet([PYTHON, HERE / "forward_nets.py", "training", CORPUS / cfg, folder, str(side), str(batch)])
    files = [folder / f"net_{batch}.cfg", folder / "net.weights", folder / f"x_{batch}.npy", folder / f"y_{batch}.npy"]
    own, peer = [], []
    for _ in range(options.rounds):
        one, first = _trained(options, folder, files, 1)
        many, losses = _trained(options, folder, files, 1 + TRAINED_STEPS)
        own.append((many - one) / TRAINED_STEPS * 1000)
        answer = json.loads(quiet([PYTHON, HERE / "forward_darknet.py", *files, str(1 + TRAINED_STEPS)]))
        peer += answer["steps_ms"][1:]
        darknet = [loss / batch for loss in answer["losses"]]
        off = max(abs(loss - wanted) / (1 + abs(wanted)) for loss, wanted in zip(losses, darknet, strict=True))
        if off > LOSS_TOLERANCE:
            return None, [f"training: losses {losses}, darknet's {darknet}"]
    nnfmt, darknet = statistics.median(own), statistics.median(peer)
    print(f"\nyolov3-tiny, a training step at {side}, batch {batch}, 1 thread: nnfmt {nnfmt:.0f} ms, "
          f"darknet {darknet:.0f} ms, {darknet / nnfmt:.2f}x; losses agree within {off:.0e}")
    record = {"nnfmt_ms": own, "darknet_ms": peer, "loss_error": off}
    return record, [] if darknet >= TRAINING * nnfmt else [f"training: not {TRAINING} x as fast as darknet"]


def _trained(options, folder, files, steps):
    """Seconds of the whole process, and the losses."""
    cfg, weights, x, y = files
    command = [options.nnfmt, "train", cfg, "--weights", weights, "--x", x, "--y", y, "--steps", steps, "--threads", 1,
               "--dialect", "pjreddie", "--output", folder / "trained.weights", "--log", folder / "log.json", "--force"]
    # What a run leaves for the next one would let it go on where that ended.
    for old in folder.glob("trained*"):
        old.unlink()
    began = time.perf_counter()
    quiet(command, env=os.environ | options.environment)
    seconds = time.perf_counter() - began
    return seconds, [step["loss"] for step in json.loads((folder / "log.json").read_text())["steps"]]
