"""`nnfmt detect` against real darknet: random detectors on random pictures, the same boxes."""

import random

import numpy as np
import pytest
from PIL import Image

import darknet_detector
from seed import SEED

def convolution(rng, channels, filters, size, stride, spread):
    text = (f"[convolutional]\nfilters={filters}\nsize={size}\nstride={stride}\npad=1\n"
            f"activation={'linear' if size == 1 else 'leaky'}\n")
    return text, [rng.normal(0, spread, filters), rng.normal(0, spread, filters * channels * size * size)]


class Detector:
    """A random detector with a head of one kind, in files of its own."""

    def __init__(self, folder, kind, number, dialect):
        self.choose = choose = random.Random(number)
        rng = np.random.default_rng(number)
        self.kind, self.dialect = kind, dialect
        self.width, self.height = choose.choice((32, 48, 64)), choose.choice((32, 48, 64))
        self.classes = choose.randint(1, 5)
        boxes = choose.randint(1, 3)
        self.nms_kind, self.beta = "default", 0.6
        text = f"[net]\nbatch=1\nwidth={self.width}\nheight={self.height}\nchannels=3\n"
        first, arrays = convolution(rng, 3, 6, 3, 2, .4)
        text += first
        second, more = convolution(rng, 6, 8, 3, 4, .4)
        text += second
        arrays += more
        head = getattr(self, kind)(boxes)
        if kind == "detection":
            side = choose.randint(2, 4)
            outputs = side * side * (self.classes + 5 * boxes)
            inputs = 8 * ((self.width + 7) // 8) * ((self.height + 7) // 8)
            text += f"[connected]\noutput={outputs}\nactivation=logistic\n"
            arrays += [rng.normal(0, .5, outputs), rng.normal(0, .3, outputs * inputs)]
            head += f"side={side}\n"
        else:
            last, more = convolution(rng, 8, boxes * (self.classes + self.entries), 1, 1, .8)
            text += last
            arrays += more
        self.cfg, self.weights = folder / "net.cfg", folder / "net.weights"
        self.cfg.write_text(text + head)
        header = np.array([0, 2, 0, 0, 0], np.int32).tobytes()
        self.weights.write_bytes(header + b"".join(a.astype(np.float32).tobytes() for a in arrays))

    def anchors(self, count, largest):
        return "anchors=" + ",".join(f"{self.choose.uniform(largest / 8, largest):.2f}" for _ in range(2 * count))

    def suppression(self):
        if self.dialect != "alexeyab":
            return ""
        self.nms_kind = self.choose.choice(("default", "greedynms", "diounms"))
        self.beta = self.choose.choice((0.6, 0.8))
        return f"nms_kind={self.nms_kind}\nbeta_nms={self.beta}\n"

    def yolo(self, boxes):
        self.entries = 5
        total = boxes + self.choose.randint(0, 2)
        mask = ",".join(map(str, sorted(self.choose.sample(range(total), boxes))))
        text = f"[yolo]\nclasses={self.classes}\nnum={total}\nmask={mask}\n{self.anchors(total, 60)}\n"
        if self.dialect == "alexeyab":
            text += f"scale_x_y={self.choose.choice((1, 1.05, 2))}\nnew_coords={self.choose.choice((0, 0, 1))}\n"
        return text + self.suppression()

    def gaussian(self, boxes):
        self.entries = 9
        point = self.choose.choice(("center", "left_top", "right_bottom"))
        return (f"[Gaussian_yolo]\nclasses={self.classes}\nnum={boxes}\n{self.anchors(boxes, 60)}\nyolo_point={point}\n"
                + self.suppression())

    def region(self, boxes):
        self.entries = 5
        return (f"[region]\nclasses={self.classes}\nnum={boxes}\ncoords=4\nsoftmax={self.choose.choice((0, 1))}\n"
                f"{self.anchors(boxes, 4)}\n")

    def detection(self, boxes):
        return (f"[detection]\nclasses={self.classes}\nnum={boxes}\ncoords=4\nsqrt={self.choose.choice((0, 1))}\n"
                f"softmax={self.choose.choice((0, 1))}\n")


def picture(folder, number, size=None):
    rng = np.random.default_rng(number)
    width, height = size or rng.integers(30, 90, 2)
    pixels = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "picture.png")
    return folder / "picture.png"


def compare(nnfmt, folder, kind, number, dialect, library):
    detector = Detector(folder, kind, number, dialect)
    choose = detector.choose
    threshold, nms = choose.choice((0.1, 0.3, 0.5)), choose.choice((0, 0.3, 0.45))
    resize = "letterbox" if dialect == "pjreddie" else choose.choice(("letterbox", "stretch"))
    if kind == "detection":
        resize = "stretch"  # darknet leaves its boxes in the letterbox
    # Cells in the grey of a letterbox are alike: which of them takes the others away is up to the last bit.
    is_filled = nms and resize == "letterbox"
    path = picture(folder, number, (detector.width * 3 // 2, detector.height * 3 // 2) if is_filled else None)
    expected, size = darknet_detector.detect(
        cfg=str(detector.cfg), weights=str(detector.weights), picture=str(path), size=(detector.width, detector.height),
        channels=3, classes=detector.classes, threshold=threshold, nms=nms, resize=resize, library=library,
        kind=detector.nms_kind, beta=detector.beta)
    if kind == "detection":
        expected = [[c, p, x / size[0], y / size[1], w / size[0], h / size[1]] for c, p, x, y, w, h in expected]
    answer = nnfmt("detect", detector.weights, "--input", path, "--threshold", threshold, "--nms", nms, "--resize", resize,
                   "--dialect", dialect, "--json", "--engine", "reference").json
    assert (answer["width"], answer["height"]) == tuple(size)
    got = [[d["class_id"], d["probability"], d["cx"], d["cy"], d["width"], d["height"]] for d in answer["detections"]]
    assert [d[1] for d in got] == sorted((d[1] for d in got), reverse=True)
    expected = [d for d in expected if np.isfinite(d).all()]
    assert len(got) == len(expected), f"{len(got)} objects, darknet finds {len(expected)} ({detector.cfg.read_text()})"
    # Objects may be equally likely: each is held against the nearest.
    left = [np.array(d) for d in got]
    for wanted in map(np.array, expected):
        gaps = [np.max(np.abs(d - wanted) / (1 + np.abs(wanted))) for d in left]
        nearest = int(np.argmin(gaps))
        assert gaps[nearest] < 1e-4, f"{wanted}, nnfmt has {left[nearest]} ({detector.cfg.read_text()})"
        del left[nearest]
    return len(got)


@pytest.mark.parametrize("kind", ["yolo", "region", "detection"])
def test_random_detectors(kind, nnfmt, tmp_path, note):
    count = 0
    for trial in range(25):
        folder = tmp_path / str(trial)
        folder.mkdir()
        count += compare(nnfmt, folder, kind, SEED * 1000 + trial, "pjreddie", darknet_detector.PJREDDIE)
    note(f"detect: {count} objects of random [{kind}] networks are those of darknet")
    assert count > 25


def test_resizing(nnfmt, tmp_path):
    """A network that hands on its input shows what pictures are made into, to the bit."""
    rng = np.random.default_rng(SEED)
    for trial in range(30):
        width, height = (int(n) for n in rng.integers(1, 70, 2))
        wide, high = (int(n) for n in rng.integers(2, 50, 2))
        (tmp_path / "net.cfg").write_text(
            f"[net]\nwidth={wide}\nheight={high}\nchannels=3\n[activation]\nactivation=linear\n")
        (tmp_path / "net.weights").write_bytes(np.array([0, 2, 5, 0, 0], np.int32).tobytes())
        pixels = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "picture.png")
        for resize in ("letterbox", "stretch"):
            nnfmt("run", tmp_path / "net.weights", "--input", tmp_path / "picture.png", "--resize", resize, "--output",
                  tmp_path / "out", "--force", "--dialect", "pjreddie")
            got = np.load(tmp_path / "out" / "output_0.npy").ravel()
            assert np.isfinite(got).all()
            # To one row or column darknet divides by zero, and reads what lies elsewhere (spec/darknet-bugs.md).
            if min(drawn_to(width, height, wide, high, resize)) < 2:
                continue
            wanted = np.array(darknet_detector.fitted(str(tmp_path / "picture.png"), resize, (wide, high)), np.float32)
            assert np.array_equal(got, wanted), (width, height, wide, high, resize, np.abs(got - wanted).max())


def drawn_to(width, height, wide, high, resize):
    if resize == "stretch":
        return wide, high
    if np.float32(wide) / np.float32(width) < np.float32(high) / np.float32(height):
        return wide, height * wide // width
    return width * high // height, high
