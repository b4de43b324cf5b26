"""Pictures of every kind, as darknet reads them; what is no picture; names; several at once."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import darknet_detector
from frameworks import FRAMEWORKS, module
from seed import SEED

WIDTH, HEIGHT = 19, 11


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, depth, color, rows, before=b""):
    """A PNG of rows of bytes, as they are."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def colours():
    rng = np.random.default_rng(SEED)
    return rng.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)


def smooth():
    """What JPEG keeps well."""
    x, y = np.meshgrid(np.linspace(0, 255, 64), np.linspace(0, 255, 48))
    return np.stack([x, y, 255 - x / 2 - y / 2], axis=2).astype(np.uint8)


def kinds(folder):
    """Files of pictures by what is odd about them."""
    pixels = colours()
    rng = np.random.default_rng(SEED)
    made = {}

    def save(name, image, ending="png", **options):
        made[name] = folder / f"{name}.{ending}"
        image.save(made[name], **options)

    save("rgb", Image.fromarray(pixels))
    save("transparent", Image.fromarray(np.dstack([pixels, rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8)])))
    save("grey", Image.fromarray(pixels[:, :, 0]))
    save("grey-transparent", Image.fromarray(pixels[:, :, :2], "LA"))
    save("palette", Image.fromarray(pixels).quantize(16))
    save("two-colours", Image.fromarray(pixels[:, :, 0] > 127))
    save("palette-transparent", Image.fromarray(pixels).quantize(16), transparency=3)
    save("jpeg", Image.fromarray(smooth()), "jpg", quality=95)
    save("jpeg-progressive", Image.fromarray(smooth()), "jpg", quality=95, progressive=True)
    save("jpeg-grey", Image.fromarray(smooth()[:, :, 0]), "jpg", quality=95)
    save("jpeg-cmyk", Image.fromarray(smooth()).convert("CMYK"), "jpg", quality=95)
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    save("jpeg-rotated", Image.fromarray(smooth()), "jpg", quality=95, exif=exif)
    deep = rng.integers(0, 65536, (HEIGHT, WIDTH * 3)).astype(">u2")
    made["deep"] = folder / "deep.png"
    made["deep"].write_bytes(png(WIDTH, HEIGHT, 16, 2, [row.tobytes() for row in deep]))
    made["deep-grey"] = folder / "deep-grey.png"
    made["deep-grey"].write_bytes(png(WIDTH, HEIGHT, 16, 0, [row[:WIDTH].tobytes() for row in deep]))
    # A picture that says that it is dark: darknet does not ask.
    made["gamma"] = folder / "gamma.png"
    made["gamma"].write_bytes(
        png(WIDTH, HEIGHT, 8, 2, [row.tobytes() for row in pixels], chunk(b"gAMA", struct.pack(">I", 20000))))
    made["text"] = folder / "text.png"
    made["text"].write_bytes(
        png(WIDTH, HEIGHT, 8, 2, [row.tobytes() for row in pixels], chunk(b"tEXt", b"Comment\0" + b"x" * 5000)))
    return made


def planes(nnfmt, folder, path, size):
    (folder / "net.cfg").write_text(
        f"[net]\nwidth={size[0]}\nheight={size[1]}\nchannels=3\n[activation]\nactivation=linear\n")
    (folder / "net.weights").write_bytes(np.array([0, 2, 5, 0, 0], np.int32).tobytes())
    nnfmt("run", folder / "net.weights", "--input", path, "--resize", "stretch", "--output", folder / "out", "--force")
    return np.load(folder / "out" / "output_0.npy").ravel()


def test_kinds(nnfmt, tmp_path):
    for name, path in kinds(tmp_path).items():
        size = Image.open(path).size
        got = planes(nnfmt, tmp_path, path, size)
        if name == "jpeg-rotated":
            # Debian's darknet is built with OpenCV, which turns it; with stb_image, darknet's own, it stays as it is.
            wanted = np.asarray(Image.open(path), np.float32).transpose(2, 0, 1).ravel() / 255
        else:
            wanted = np.array(darknet_detector.fitted(str(path), "stretch", size), np.float32)
        gap = np.abs(got - wanted) * 255
        if name.startswith("jpeg"):
            # Decoders of JPEG may differ by a few levels; colours are shared out among pixels in other ways.
            assert gap.mean() < 1.5 and gap.max() < 12, (name, gap.mean(), gap.max())
        else:
            assert gap.max() == 0, (name, gap.max())


@pytest.fixture
def detector(tmp_path):
    (tmp_path / "m.cfg").write_text(
        "[net]\nwidth=32\nheight=32\nchannels=3\n[convolutional]\nfilters=7\nsize=32\nstride=32\nactivation=linear\n"
        "[yolo]\nclasses=2\nnum=1\nanchors=16,16\n")
    numbers = np.zeros(7 + 7 * 3 * 32 * 32, np.float32)
    numbers[:7] = [0, 0, 0, 0, 5, 5, -5]
    (tmp_path / "m.weights").write_bytes(np.array([0, 2, 5, 0, 0], np.int32).tobytes() + numbers.tobytes())
    return tmp_path / "m.weights"


def test_what_is_no_picture(nnfmt, detector, tmp_path):
    pixels = colours()
    whole = png(WIDTH, HEIGHT, 8, 2, [row.tobytes() for row in pixels])
    Image.fromarray(smooth()).save(tmp_path / "whole.jpg", quality=95)
    jpeg = (tmp_path / "whole.jpg").read_bytes()
    broken = bytearray(whole)
    broken[len(whole) - 30] ^= 0xFF
    cases = {
        "empty.png": (b"", 65, "no picture"),
        "text.png": (b"hello\n", 65, "no picture"),
        "cut.png": (whole[:-40], 65, "damaged"),
        "broken.png": (bytes(broken), 65, "damaged"),
        "header.png": (whole[:20], 65, "damaged"),
        "nothing.png": (png(0, 0, 8, 2, []), 65, ""),
        "huge.png": (png(30000, 30000, 8, 2, [b"\0" * 90000] * 3), 65, "30000"),
        "wide.png": (png(2**31 - 1, 1, 8, 2, []), 65, ""),
        "cut.jpg": (jpeg[:len(jpeg) // 2], 65, "damaged"),
        "header.jpg": (jpeg[:40], 65, "damaged"),
        "still.gif": (b"GIF89a" + b"\0" * 40, 69, "PNG or JPEG"),
    }
    for name, (content, code, words) in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        answer = nnfmt("detect", detector, "--input", path, code=code)
        assert name in answer.err and words in answer.err, (name, answer.err)
    nnfmt("detect", detector, "--input", tmp_path / "missing.png", code=66)


def test_names(nnfmt, detector, tmp_path):
    Image.fromarray(colours()).save(tmp_path / "p.png")

    def found(*more, code=0, model=detector):
        return nnfmt("detect", model, "--input", tmp_path / "p.png", "--json", *more, code=code)

    assert [d["class"] for d in found().json["detections"]] == [None]
    names = tmp_path / "n.names"
    for content in (b"cat\ndog\n", b"cat\r\ndog\r\n\r\n", b"\xef\xbb\xbfcat\n\ndog\n\n \n", b"cat\ndog"):
        names.write_bytes(content)
        assert [d["class"] for d in found("--names", names).json["detections"]] == ["cat"], content
    names.write_bytes(b"\ndog\n")
    assert [d["class"] for d in found("--names", names).json["detections"]] == [None]
    for content in (b"cat\n", b"cat\ndog\nbird\n", b"", b"cat\0dog\n"):
        names.write_bytes(content)
        assert "n.names" in found("--names", names, code=65).err
    found("--names", tmp_path / "none.names", code=66)
    # Beside the model, and carried by an .h5.
    names.write_bytes("猫\nchien\n".encode())
    nnfmt("convert", detector, tmp_path / "m.h5", "--names", names)
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    (tmp_path / "m.h5").rename(alone / "m.h5")
    assert [d["class"] for d in found(model=alone / "m.h5").json["detections"]] == ["猫"]
    nnfmt("convert", alone / "m.h5", alone / "m.keras")
    assert [d["class"] for d in found(model=alone / "m.keras").json["detections"]] == ["猫"]
    (tmp_path / "m.names").write_text("here\nthere\n")
    assert [d["class"] for d in found().json["detections"]] == ["here"]
    nnfmt("convert", alone / "m.h5", alone / "m.weights", "--names", names, code=64)


def test_drawing(nnfmt, detector, tmp_path):
    before = smooth()
    Image.fromarray(before).save(tmp_path / "p.png")
    drawn = tmp_path / "out.png"
    nnfmt("detect", detector, "--input", tmp_path / "p.png", "--draw", drawn)
    after = np.array(Image.open(drawn))
    assert after.shape == before.shape
    # The box spans half of the picture, around its middle: lines there, the label in its upper part, and the rest as it was.
    changed = (after != before).any(axis=2)
    assert changed[12:36, 16].all() and changed[12, 16:48].all()
    assert not changed[28:34, 20:44].any()
    nnfmt("detect", detector, "--input", tmp_path / "p.png", "--draw", drawn, code=73)
    nnfmt("detect", detector, "--input", tmp_path / "p.png", "--draw", drawn, "--force")
    nnfmt("detect", detector, "--input", tmp_path / "p.png", "--draw", drawn, "--force", "--font", tmp_path / "p.png",
          code=65)


def test_several(nnfmt, detector, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(7):
        Image.fromarray(colours()).save(folder / f"{number}.{'PNG' if number % 2 else 'png'}")
    (folder / "3.jpg").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no picture")
    plain = nnfmt("detect", detector, "--input", folder, "--json", code=65).json["images"]
    assert [image["image"].rsplit("/", 1)[1] for image in plain] == [
        "0.png", "1.PNG", "2.png", "3.PNG", "3.jpg", "4.png", "5.PNG", "6.png"]
    assert ["error" in image for image in plain] == [False] * 4 + [True] + [False] * 3
    (folder / "3.jpg").unlink()
    one = nnfmt("detect", detector, "--input", folder, "--json").json
    three = nnfmt("detect", detector, "--input", folder, "--json", "--jobs", "3", "--draw", tmp_path / "drawn").json
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [f"{n}.png" for n in range(7)]
    for image in three["images"]:
        del image["drawing"]
    assert one == three
    array = np.zeros((2, 3, 32, 32), np.float32)
    np.save(tmp_path / "x.npy", array)
    samples = nnfmt("detect", detector, "--input", tmp_path / "x.npy", "--json").json["images"]
    assert [image["sample"] for image in samples] == [0, 1]
    nnfmt("detect", detector, "--input", tmp_path / "x.npy", "--draw", tmp_path / "x.png", code=64)
    (tmp_path / "none").mkdir()
    nnfmt("detect", detector, "--input", tmp_path / "none", code=66)


def small_model(keras, *first):
    layers = keras.layers
    image = keras.Input((HEIGHT, WIDTH, 3), name="image")
    value = image
    for layer in first:
        value = layer(value)
    value = layers.Conv2D(4, 3, name="conv")(value)
    return keras.Model(image, layers.Dense(3, activation="softmax", name="fc")(layers.Flatten(name="flat")(value)))


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_keras_takes_pictures(framework, nnfmt, tmp_path):
    keras = module(framework)
    pixels = colours()
    Image.fromarray(pixels).save(tmp_path / "p.png")

    def run(model, path, scaled, *more):
        model.save(path)
        nnfmt("run", path, "--input", tmp_path / "p.png", "--output", tmp_path / "out", "--force", *more)
        got = np.load(tmp_path / "out" / "output_0.npy")
        wanted = np.asarray(model(scaled[None].astype(np.float32)))
        assert np.abs(got - wanted).max() < 1e-5

    # The scale is known of a model that begins with a Rescaling, and is asked for where it is not.
    run(small_model(keras, keras.layers.Rescaling(1 / 255)), tmp_path / "scaled.h5", pixels)
    plain = small_model(keras)
    plain.save(tmp_path / "plain.h5")
    error = nnfmt("run", tmp_path / "plain.h5", "--input", tmp_path / "p.png", "--output", tmp_path / "out", code=64).err
    assert "--pixel-range" in error
    run(plain, tmp_path / "plain.h5", pixels / 127.5 - 1, "--pixel-range", "-1,1")
    nnfmt("validate", tmp_path / "plain.h5", tmp_path / "plain.h5", "--input", tmp_path / "p.png", "--pixel-range", "0,255")
    nnfmt("validate", tmp_path / "plain.h5", tmp_path / "plain.h5", "--input", tmp_path / "p.png", code=64)
    np.save(tmp_path / "x.npy", np.zeros((HEIGHT, WIDTH, 3), np.float32))
    nnfmt("run", tmp_path / "plain.h5", "--input", tmp_path / "x.npy", "--output", tmp_path / "out", "--force",
          "--resize", "stretch", code=64)
    for wrong in ("1,0", "0", "a,b", "0,1,2", "nan,1"):
        nnfmt("run", tmp_path / "plain.h5", "--input", tmp_path / "p.png", "--output", tmp_path / "out", "--force",
              "--pixel-range", wrong, code=64)


def test_names_of_the_best(nnfmt, tmp_path):
    keras = module("Keras 3")
    model = small_model(keras, keras.layers.Rescaling(1 / 255))
    model.save(tmp_path / "m.h5")
    Image.fromarray(colours()).save(tmp_path / "p.png")
    (tmp_path / "n.names").write_text("cat\ndog\nbird\n")
    arguments = ["run", tmp_path / "m.h5", "--input", tmp_path / "p.png", "--output", tmp_path / "out", "--force"]
    top = nnfmt(*arguments, "--top", "2", "--names", tmp_path / "n.names", "--json").json["top"][0]["samples"][0]
    assert [entry["name"] for entry in top] == [("cat", "dog", "bird")[entry["class"]] for entry in top]
    assert all("name" not in entry for entry in nnfmt(*arguments, "--top", "2", "--json").json["top"][0]["samples"][0])
    (tmp_path / "n.names").write_text("cat\ndog\n")
    nnfmt(*arguments, "--top", "2", "--names", tmp_path / "n.names", code=65)
    nnfmt(*arguments, "--names", tmp_path / "n.names", code=64)
