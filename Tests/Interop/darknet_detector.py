"""What real darknet finds in a picture, as `darknet detector test` does it: `python darknet_detector.py ARGUMENTS`, a JSON
object of the arguments of `detect`. In a process of its own, since darknet ends or crashes the one that it is in.

The library is Debian's (pjreddie's), or one built of AlexeyAB's sources with `make LIBSO=1`."""

import ctypes
import json
import os
import subprocess
import sys

PJREDDIE = "/usr/lib/darknet/libdarknet.so"
KINDS = {"default": 0, "greedynms": 1, "diounms": 2, "cornersnms": 3}


class Image(ctypes.Structure):
    _fields_ = [("w", ctypes.c_int), ("h", ctypes.c_int), ("c", ctypes.c_int), ("data", ctypes.POINTER(ctypes.c_float))]


class Box(ctypes.Structure):
    _fields_ = [(name, ctypes.c_float) for name in "xywh"]


FLOATS = ctypes.POINTER(ctypes.c_float)
BEGINNING = [("prob", FLOATS), ("mask", FLOATS), ("objectness", ctypes.c_float), ("sort_class", ctypes.c_int)]


class Detection(ctypes.Structure):
    _fields_ = [("bbox", Box), ("classes", ctypes.c_int)] + BEGINNING


class AlexeysDetection(ctypes.Structure):
    _fields_ = [("bbox", Box), ("classes", ctypes.c_int), ("best_class_idx", ctypes.c_int)] + BEGINNING + [
        ("uc", FLOATS), ("points", ctypes.c_int), ("embeddings", FLOATS), ("embedding_size", ctypes.c_int),
        ("sim", ctypes.c_float), ("track_id", ctypes.c_int)]


def found(cfg, weights, picture, size, channels, classes, threshold, nms, resize, library=PJREDDIE, kind="default", beta=0.6):
    """`size`: columns and rows of the network's input; `classes`: of the head."""
    is_alexeys = library != PJREDDIE
    so = ctypes.CDLL(library)
    pointer = ctypes.c_void_p
    for name in ("letterbox_image", "resize_image", "load_image_color"):
        getattr(so, name).restype = Image
    for name in ("load_network", "load_network_custom", "get_network_boxes"):
        getattr(so, name, so.network_predict).restype = pointer
    if is_alexeys:
        so.load_network_custom.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
        network = so.load_network_custom(cfg.encode(), weights.encode(), 0, 1)
        so.network_predict_ptr.argtypes = [pointer, FLOATS]
        predict = so.network_predict_ptr
        so.load_image.restype = Image
        image = so.load_image(picture.encode(), 0, 0, channels)
    else:
        network = so.load_network(cfg.encode(), weights.encode(), 0)
        so.network_predict.argtypes = [pointer, FLOATS]
        predict = so.network_predict
        image = so.load_image_color(picture.encode(), 0, 0)
    fitted = (so.letterbox_image if resize == "letterbox" else so.resize_image)(image, *size)
    predict(network, fitted.data)
    count = ctypes.c_int(0)
    more = [ctypes.c_int(resize == "letterbox")] if is_alexeys else []
    raw = so.get_network_boxes(
        pointer(network), image.w, image.h, ctypes.c_float(threshold), ctypes.c_float(0.5), pointer(0), 1,
        ctypes.byref(count), *more)
    if nms and kind != "default":
        so.diounms_sort(pointer(raw), count, classes, ctypes.c_float(nms), KINDS[kind], ctypes.c_float(beta))
    elif nms:
        so.do_nms_sort(pointer(raw), count, classes, ctypes.c_float(nms))
    boxes = ctypes.cast(raw, ctypes.POINTER(AlexeysDetection if is_alexeys else Detection))
    objects = []
    for index in range(count.value):
        detection = boxes[index]
        for number in range(classes):
            if detection.prob[number] > threshold:
                box = detection.bbox
                objects.append([number, detection.prob[number], box.x, box.y, box.w, box.h])
    return objects, (image.w, image.h)


def planes(picture, resize, size):
    """The numbers that a picture is made into."""
    so = ctypes.CDLL(PJREDDIE)
    for name in ("letterbox_image", "resize_image", "load_image_color"):
        getattr(so, name).restype = Image
    image = so.load_image_color(picture.encode(), 0, 0)
    fitted = (so.letterbox_image if resize == "letterbox" else so.resize_image)(image, *size)
    return fitted.data[:3 * size[0] * size[1]]


def fitted(picture, resize, size):
    """As `planes`, in a process of its own."""
    return asked("planes", {"picture": picture, "resize": resize, "size": size})


def detect(**arguments):
    """The objects, each [class, probability, x, y, width, height], and the picture's size."""
    return asked("found", arguments)


def asked(function, arguments):
    done = subprocess.run(
        [sys.executable, __file__, function, json.dumps(arguments)], capture_output=True, timeout=60)
    assert done.returncode == 0, f"darknet ended with {done.returncode}: {done.stderr[-500:]}"
    return json.loads(done.stdout.decode().splitlines()[-1])


if __name__ == "__main__":
    # darknet talks on standard output.
    answer = os.dup(1)
    os.dup2(2, 1)
    result = {"found": found, "planes": planes}[sys.argv[1]](**json.loads(sys.argv[2]))
    left = (json.dumps(result) + "\n").encode()
    while left:
        left = left[os.write(answer, left):]
    os._exit(0)
