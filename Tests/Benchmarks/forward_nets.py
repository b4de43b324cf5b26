"""Makes a net of forward.py in a folder, in every form that an engine reads. Runs in the benchmarks' own environment.

    forward_nets.py darknet CFG [WEIGHTS] FOLDER SIDE BATCH…     a cfg, with these weights or random ones
    forward_nets.py keras FOLDER BATCH…                          what forward_keras.py has left there
    forward_nets.py training CFG FOLDER SIDE BATCH               a cfg with random weights, x_B.npy and y_B.npy

Left in the folder: net.cfg and net.weights, nodes.json and nodes.npz (see onnx_export.py), and for each batch x_B.npy
(NCHW; x_B_nhwc.npy for Keras), net_B.onnx and net_B.mnn; ncnn/net.param and .bin, for batch 1, as ncnn has no batch axis.
A form that can't be made is missing, and why stands in failed.json.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from onnx_export import Network, convolutions, from_cfg, sections

TOOLS = Path(sys.executable).parent


def random_values(cfg, random):
    """Kernels by He; the statistics of batch norm come from `calibrate`.

    What it gives is mostly positive. About zero an activation bends most, and a deep net of random weights is chaotic
    there: what one engine rounds otherwise than another grows a thousandfold, which trained nets don't show.
    """
    found, _ = convolutions(cfg)
    values = {}
    for index, options, arrays in found:
        shapes = dict(arrays)
        gain = 2 if options["activation"] != "linear" else 1
        # Variances well above every fork's epsilon, which is not the same in all of them.
        gain *= 16 if "scales" in shapes else 1
        fan_in = np.prod(shapes["weights"][1:])
        values[index] = {"weights": random.standard_normal(shapes["weights"], np.float32) * np.sqrt(gain / fan_in)}
        values[index]["biases"] = random.normal(1 if "scales" in shapes else 0, 0.1, shapes["biases"])
        if "scales" in shapes:
            values[index]["scales"] = random.uniform(0.35, 0.65, shapes["scales"])
        values[index] = {name: array.astype(np.float32) for name, array in values[index].items()}
    return values


def calibrate(cfg, values, x):
    """Gives every batch norm the statistics of what it gets for `x`, so that activations neither die nor blow up."""
    import onnxruntime

    network = from_cfg(cfg, {index: dict(arrays) for index, arrays in values.items()}, calibrated=False)
    network.outputs = [name for name in network.outputs if name.startswith(("mean_", "variance_"))]
    session = onnxruntime.InferenceSession(network.onnx(len(x)).SerializeToString(), providers=["CPUExecutionProvider"])
    for name, statistics in zip(network.outputs, session.run(None, {"x": x})):
        what, index = name.rsplit("_", 1)
        values[int(index)][what] = statistics.reshape(-1)


def stored_values(cfg, path):
    """The arrays of a .weights file with 64 bits of `seen`."""
    numbers, position, values = np.fromfile(path, "<f4", offset=20), 0, {}
    for index, _, arrays in convolutions(cfg)[0]:
        values[index] = {}
        for name, shape in arrays:
            count = int(np.prod(shape))
            values[index][name] = numbers[position : position + count].reshape(shape)
            position += count
    if position != numbers.size:
        raise SystemExit(f"{path}: {numbers.size} numbers, the cfg has {position}")
    return values


def write_weights(cfg, values, path):
    with open(path, "wb") as file:
        np.array([0, 2, 5, 0, 0], "<i4").tofile(file)
        for index, _, arrays in convolutions(cfg)[0]:
            for name, _ in arrays:
                values[index][name].astype("<f4").tofile(file)


def cfg_text(text, side, batch):
    """The cfg with this input size and batch. Nothing else is changed."""
    wanted = {"batch": batch, "subdivisions": 1, "width": side, "height": side}
    lines, section = [], None
    for line in text.splitlines():
        key = line.split("=")[0].strip()
        section = key if key.startswith("[") else section
        if section in ("[net]", "[network]") and key in wanted:
            line = f"{key}={wanted[key]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def from_darknet(source, weights, folder, side, batches):
    random = np.random.default_rng(1)
    text = source.read_text()
    for batch in batches:
        # darknet takes the batch from the cfg.
        (folder / f"net_{batch}.cfg").write_text(cfg_text(text, side, batch))
    (folder / "net.cfg").write_text(cfg_text(text, side, 1))
    cfg = sections((folder / "net.cfg").read_text())
    inputs = {batch: random.random((batch, 3, side, side), np.float32) for batch in batches}
    if weights:
        values = stored_values(cfg, weights)
    else:
        values = random_values(cfg, random)
        calibrate(cfg, values, inputs[min(batches)])
    write_weights(cfg, values, folder / "net.weights")
    for batch, x in inputs.items():
        np.save(folder / f"x_{batch}.npy", x)
    network = from_cfg(cfg, values)
    heads = [index - 1 for index, (kind, _) in enumerate(cfg[1:]) if kind in ("yolo", "region", "detection")]
    (folder / "info.json").write_text(json.dumps({"layers": heads, "mish": "activation=mish" in text.replace(" ", "")}))
    network.save(folder)
    return network


def write_forms(network, folder, batches):
    """ONNX, and from it what ncnn's and MNN's own converters make."""
    import onnx

    failed = {}
    for batch in batches:
        onnx.save(network.onnx(batch), folder / f"net_{batch}.onnx")
        command = [TOOLS / "mnnconvert", "-f", "ONNX", "--modelFile", f"net_{batch}.onnx",
                   "--MNNModel", f"net_{batch}.mnn", "--bizCode", "nnfmt"]
        converted(command, folder, folder / f"net_{batch}.mnn", failed, "mnn")
    if 1 not in batches:
        onnx.save(network.onnx(1), folder / "net_1.onnx")
    inside = folder / "ncnn"
    inside.mkdir(exist_ok=True)
    # pnnx writes beside its input, much that nobody needs.
    os.link(folder / "net_1.onnx", inside / "net.onnx")
    shape = ",".join(map(str, [1, *network.shape]))
    command = [TOOLS / "pnnx", "net.onnx", f"inputshape=[{shape}]", "fp16=0"]
    converted(command, inside, inside / "net.ncnn.bin", failed, "ncnn")
    for path in inside.iterdir():
        if ".ncnn." not in path.name:
            path.unlink()
    (folder / "failed.json").write_text(json.dumps(failed))


def converted(command, folder, output, failed, peer):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    if done.returncode or not output.exists():
        failed[peer] = f"{command[0].name}: exit {done.returncode}: " + " / ".join(done.stdout.splitlines()[-3:])


def write_truth(folder, batch):
    """Rows as pjreddie's [yolo] reads them: 90 boxes of x, y, w, h, class; the first that is all zero ends them."""
    random = np.random.default_rng(2)
    truth = np.zeros((batch, 90, 5), np.float32)
    truth[:, :5, :2] = random.uniform(0.2, 0.8, (batch, 5, 2))
    truth[:, :5, 2:4] = random.uniform(0.05, 0.4, (batch, 5, 2))
    truth[:, :5, 4] = random.integers(0, 80, (batch, 5))
    np.save(folder / f"y_{batch}.npy", truth.reshape(batch, -1))


def main():
    kind, *rest = sys.argv[1:]
    paths = [Path(word) for word in rest if not word.isdigit()]
    numbers = [int(word) for word in rest if word.isdigit()]
    folder = paths[-1]
    if kind == "keras":
        write_forms(Network.load(folder), folder, numbers)
        return
    side, *batches = numbers
    network = from_darknet(paths[0], paths[1] if len(paths) == 3 else None, folder, side, batches)
    if kind == "training":
        write_truth(folder, batches[0])
    else:
        write_forms(network, folder, batches)


if __name__ == "__main__":
    main()
