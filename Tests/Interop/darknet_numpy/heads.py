"""The detection heads at inference: darknet's own buffer, from the tensor that enters the head."""

import numpy as np

from .activations import logistic


def yolo(section, x, dialect):
    classes = section.integer("classes", 20)
    scale = section.number("scale_x_y", 1.0)
    y = _anchors(x, classes + 5)
    if not section.integer("new_coords", 0):
        y[:, :, :2] = logistic(y[:, :, :2])
        y[:, :, 4:] = logistic(y[:, :, 4:])
    y[:, :, :2] = y[:, :, :2] * scale - (scale - 1) / 2
    return y.reshape(x.shape)


def gaussian_yolo(section, x, dialect):
    scale = section.number("scale_x_y", 1.0)
    y = _anchors(x, section.integer("classes", 20) + 9)
    raw = y[:, :, [4, 6]]
    y = logistic(y)
    y[:, :, [4, 6]] = raw
    y[:, :, [0, 2]] = y[:, :, [0, 2]] * scale - (scale - 1) / 2
    return y.reshape(x.shape)


def region(section, x, dialect):
    coords, classes = section.integer("coords", 4), section.integer("classes", 20)
    soft = section.integer("softmax", 0)
    y = _anchors(x, coords + classes + 1)
    y[:, :, coords] = logistic(y[:, :, coords])
    if soft:
        power = np.exp(y[:, :, coords + 1 :] - y[:, :, coords + 1 :].max(axis=2, keepdims=True))
        y[:, :, coords + 1 :] = power / power.sum(axis=2, keepdims=True)
    if dialect == "pjreddie":
        y[:, :, :2] = logistic(y[:, :, :2])
        if not soft:
            y[:, :, coords + 1 :] = logistic(y[:, :, coords + 1 :])
        return y.reshape(x.shape)
    # AlexeyAB writes cell after cell: (H·W, anchors, entries).
    n, anchors, entries, h, w = y.shape
    return y.transpose(0, 3, 4, 1, 2).reshape(n, anchors * entries, h, w)


def detection(section, x, dialect):
    if not section.integer("softmax", 0):
        return x
    cells, classes = section.integer("side", 7) ** 2, section.integer("classes", 1)
    y = x.reshape(len(x), -1).copy()
    block = y[:, : cells * classes].reshape(len(x), cells, classes)
    power = np.exp(block - block.max(axis=2, keepdims=True))
    y[:, : cells * classes] = (power / power.sum(axis=2, keepdims=True)).reshape(len(x), -1)
    return y.reshape(x.shape)


HEADS = {"yolo": yolo, "Gaussian_yolo": gaussian_yolo, "region": region, "detection": detection}


def _anchors(x, entries):
    n, channels, h, w = x.shape
    return x.reshape(n, channels // entries, entries, h, w).copy()
