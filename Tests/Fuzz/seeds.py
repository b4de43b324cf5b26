"""Writes what a fuzzer starts from: `seeds.py TARGET FOLDER SAMPLES [CORPUS]`."""

import glob
import os
import struct
import sys

target, folder, samples, corpus = (sys.argv + [""])[1:5]
count = 0


def seed(data):
    """One more file; libFuzzer drops those that show it nothing new."""
    global count
    with open(os.path.join(folder, "seed-%04d" % count), "wb") as file:
        file.write(data)
    count += 1


def content(pattern, limit=4000):
    for path in sorted(glob.glob(pattern, recursive=True)):
        if os.path.getsize(path) <= limit:
            with open(path, "rb") as file:
                yield path, file.read()


# A layer of each type, with the options that change its course.
LAYERS = """
convolutional filters=2 size=3 stride=2 pad=1 activation=mish batch_normalize=1 groups=2 dilation=2
convolutional filters=2 size=3 padding=1 stride_x=2 stride_y=1 antialiasing=1 flipped=1 xnor=1
deconvolutional filters=2 size=2 stride=2 padding=1 batch_normalize=1
connected output=4 activation=gelu batch_normalize=1
local filters=2 size=3 stride=1 pad=1 activation=leaky
batchnorm
activation activation=normalize_channels_softmax
maxpool size=3 stride=2 padding=1 stride_x=1
maxpool maxpool_depth=1 out_channels=1
local_avgpool size=2 stride=2
avgpool
route layers=-1,0 groups=2 group_id=1
shortcut from=-1,0 activation=swish weights_type=per_channel weights_normalization=softmax
scale_channels from=0 scale_wh=1
sam from=-1
upsample stride=2 scale=1.5
upsample stride=-2
reorg stride=2 reverse=1
reorg_old stride=2
reorg3d stride=2
crop crop_width=2 crop_height=2 noadjust=1
dropout probability=.5
softmax groups=2 temperature=2 spatial=1
cost type=sse
normalization size=3 alpha=.1 beta=.75 kappa=2
l2norm
logistic
rnn output=2 hidden=2 activation=tanh shortcut=1
crnn output=2 hidden=2 size=3 pad=1 activation=relu
gru output=2 tanh=1
lstm output=2 batch_normalize=1
conv_lstm output=2 size=3 pad=1 peephole=1 state_constrain=1
history history_size=2
implicit_weights filters=4 atoms=2
empty
yolo mask=0 anchors=1,2 classes=1 num=1 scale_x_y=1.1 new_coords=1
Gaussian_yolo mask=0 anchors=1,2 classes=1 num=1
region anchors=1,2 num=1 classes=1 coords=4 softmax=1
detection classes=1 coords=4 num=1 side=1 softmax=1
iseg classes=1 ids=1
contrastive classes=1 yolo_layer=-1
"""


def layer_texts():
    for line in LAYERS.strip().splitlines():
        name, *options = line.split()
        yield "[%s]\n%s\n" % (name, "\n".join(options))


if target == "cfg":
    net = "[net]\nwidth=4\nheight=4\nchannels=4\nbatch=1\ntime_steps=%d\n"
    for index, text in enumerate(layer_texts()):
        for dialect in range(3):
            for steps in (1, 2):
                seed(bytes([dialect]) + (net % steps + text).encode())
                seed(bytes([dialect]) + (net % steps + "[conv]\nfilters=6\n" + text).encode())
    for pattern in [samples + "/**/*.cfg"] + (
        [corpus + "/darknet/layers/*/model.cfg", corpus + "/darknet/zoo/**/*.cfg"] if corpus else []
    ):
        for path, data in content(pattern):
            seed(bytes([1 if "/pj_" in path else 0]) + data)
elif target == "weights":
    headers = [(0, 1, 0, "<i"), (0, 2, 0, "<q"), (0, 2, 5, "<q"), (1001, 0, 0, "<q"), (1000, 1, 0, "<i")]
    for config in range(6):
        for major, minor, revision, form in headers:
            for floats in (0, 1, 4, 5, 6, 8, 9, 26, 40):
                header = struct.pack("<3i", major, minor, revision) + struct.pack(form, 7)
                payload = struct.pack("<%df" % floats, *([0.5] * floats))
                seed(bytes([config % 3, config]) + header + payload)
    for text in layer_texts():
        net = "[net]\nwidth=4\nheight=4\nchannels=4\n[conv]\nfilters=6\n"
        header = struct.pack("<3iq", 0, 2, 5, 64)
        seed(bytes([128, 9]) + (net + text).encode() + b"\0" + header + bytes(120))
    if corpus:
        for path, data in content(corpus + "/darknet/headers/*"):
            seed(bytes([0, 2]) + data)
elif target == "npy":
    kinds = ["<f4", ">f4", "<f2", ">f8", "|b1", "<i8", ">u2", "|u1", "<c8", "|S3"]
    for version, form in ((1, "<H"), (2, "<I"), (3, "<I")):
        for kind in kinds:
            for order in (True, False):
                for shape in ("()", "(3,)", "(2, 3)", "(2, 0, 3)", "(2L, 3L, )"):
                    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n" % (kind, order, shape)
                    size = {"()": 1, "(3,)": 3, "(2, 0, 3)": 0}.get(shape, 6) * int(kind[2])
                    seed(
                        b"\0\x93NUMPY" + bytes([version, 0]) + struct.pack(form, len(text))
                        + text.encode() + bytes(range(size)))
    if corpus:
        for path, data in content(corpus + "/darknet/layers/*/input.npy"):
            seed(b"\0" + data)
print("%d seeds" % count)
