"""What forward.py needs beside nnfmt: the environment with the peers, and the nets.

No numpy in here: see `run` in convert.py.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORPUS = Path(os.environ.get("NNFMT_CORPUS") or ROOT.parent / "shared" / "corpus")
ENVIRONMENT = ROOT / ".build-bench"
PYTHON = ENVIRONMENT / "bin/python"
KERAS_PYTHON = ROOT / ".build-python/bin/python"
# What the tools here need, then each peer's packages, by its name in forward_peers.py. pnnx brings Torch along.
BASE = ["numpy==2.2.6", "onnx==1.23.2", "onnxruntime==1.32.0"]
PACKAGES = {
    "openvino": ["openvino==2026.4.1"],
    "ncnn": ["ncnn==1.0.20261020", "pnnx==20261020"],
    "mnn": ["MNN==3.6.1"],
    "torch": ["torch==2.15.0"],
    "opencv": ["opencv-python-headless==4.14.0.94"],
}
ZOO = "darknet/zoo/AlexeyAB/cfg"
# A cfg and its weights (none: random ones) with the side of the input, or a file to save a Keras model in.
NETS = {
    "yolov3-tiny": (f"{ZOO}/yolov3-tiny.cfg", None, 416),
    "yolov3": (f"{ZOO}/yolov3.cfg", None, 416),
    "yolov4": (f"{ZOO}/yolov4.cfg", None, 416),
    "yolo-fastest": ("darknet/real/yolo-fastest/model.cfg", "darknet/real/yolo-fastest/model.weights", 320),
    "MobileNetV2": "net.keras",
    "ResNet50": "net.h5",
}


def install():
    """Makes the environment, unless it is there. What can't be had is left out; its peer then says so itself."""
    wanted = "\n".join([sys.version, *BASE, *(name for names in PACKAGES.values() for name in names)])
    stamp = ENVIRONMENT / "made-from"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Making {ENVIRONMENT.name} (6 GB: PyPI's Torch comes with CUDA)", file=sys.stderr)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, *BASE], check=True)
    complete = True
    for peer, packages in PACKAGES.items():
        # The base again, so that no peer changes it.
        if subprocess.run([*pip, *packages, *BASE]).returncode:
            print(f"{peer} can't be installed and is left out: {' '.join(packages)}", file=sys.stderr)
            complete = False
    if complete:
        stamp.write_text(wanted)


def prepare(name, batches):
    """The folder of a net with all its forms, made once for these batches and as the code here is."""
    code = b"".join((HERE / file).read_bytes() for file in ("forward_nets.py", "forward_keras.py", "onnx_export.py"))
    digest = hashlib.sha256(code + repr((NETS[name], batches)).encode()).hexdigest()[:16]
    folder = ENVIRONMENT / "nets" / f"{name}-{digest}"
    if (folder / "failed.json").exists():
        return folder
    for old in folder.parent.glob(f"{name}-" + "?" * 16):
        shutil.rmtree(old)
    folder.mkdir(parents=True)
    numbers = [str(batch) for batch in batches]
    if isinstance(NETS[name], str):
        if not KERAS_PYTHON.exists():
            sys.exit(f"{name} needs TensorFlow: make .build-python with Tests/run python")
        quiet([KERAS_PYTHON, HERE / "forward_keras.py", name, NETS[name], folder, *numbers])
        quiet([PYTHON, HERE / "forward_nets.py", "keras", folder, *numbers])
    else:
        cfg, weights, side = NETS[name]
        files = [CORPUS / file for file in (cfg, weights) if file]
        quiet([PYTHON, HERE / "forward_nets.py", "darknet", *files, folder, str(side), *numbers])
    return folder


def quiet(command, **options):
    """Standard output of a command, which ends all if it fails; its messages are shown only then."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", **options)
    if done.returncode:
        sys.exit(f"exit {done.returncode}: {' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return done.stdout
