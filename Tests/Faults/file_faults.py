"""Faults of a file as a row of bytes, or of what an .h5 carries of the darknet model that it was made of."""

import re

import numpy as np

from kinds import Change, kind, pick


def of_weights(name, **options):
    return kind(name, ("darknet",), **options)


def layers_from(model, offset):
    return {array.layer for array in model.arrays if array.place + 4 * array.values.size > offset}


@of_weights("a file shifted by one float", cause="shift")
def shifted(model, random):
    """From the start of an array on, as if one had a number more or less in front of it; as long as before."""
    array = pick(random, model.arrays)
    if array is not None and len(model.bytes) - array.place > 16:
        start = array.place
        if random.random() < 0.5:
            model.file_edits.append(lambda content: content[:start] + content[start + 4:] + content[-4:])
        else:
            model.file_edits.append(lambda content: content[:start] + content[start:start + 4] + content[start:-4])
        return Change(layers_from(model, start))


@of_weights("a file cut short")
def cut(model, random):
    if model.arrays:
        kept = random.randrange(model.header_bytes, len(model.bytes))
        model.file_edits.append(lambda content: content[:kept])
        return Change(layers_from(model, kept))


@of_weights("a file with bytes behind its end")
def trailing(model, random):
    added = bytes(random.choice((4, 8, 3)))
    model.file_edits.append(lambda content: content + added)
    return Change(set(model.names[-1:]))


@of_weights("a hole of zeros in a file")
def hole(model, random):
    """A block that never reached the disk."""
    if model.arrays:
        start = random.randrange(model.header_bytes, len(model.bytes)) & ~3
        length = min(random.choice((16, 64, 512)), len(model.bytes) - start)
        model.file_edits.append(lambda content: content[:start] + bytes(length) + content[start + length:])
        return Change({a.layer for a in model.arrays if a.place < start + length and a.place + 4 * a.values.size > start})


@kind("an array missing", ("keras",))
def missing(model, random):
    array = pick(random, model.arrays)
    if array is not None:
        model.hdf5_edits.append(lambda file: file.__delitem__(array.place))
        return Change({array.layer})


@kind("an array of another shape", ("keras",))
def other_shape(model, random):
    array = pick(random, [a for a in model.arrays if a.values.ndim])
    if array is not None:
        def edit(file):
            del file[array.place]
            file[array.place] = np.concatenate([array.values, array.values[-1:]])
        model.hdf5_edits.append(edit)
        return Change({array.layer})


# What an .h5 carries beside its Keras model


@kind("the carried cfg", ("h5",), needs="has_heads")
def carried_cfg(model, random):
    """An option that the Keras model does not show: of a head."""
    def edit(file):
        text = bytes(file["darknet/cfg"][()]).decode()
        places = list(re.finditer(r"^(anchors\s*=\s*)(\d+)", text, re.M))
        if places:
            place = random.choice(places)
            text = text[:place.start(2)] + str(int(place[2]) + 1) + text[place.end(2):]
            del file["darknet/cfg"]
            file["darknet/cfg"] = np.frombuffer(text.encode(), np.uint8)

    if b"anchors" in model.carried.get("cfg", b""):
        model.hdf5_edits.append(edit)
        return Change(elsewhere="yolo|region|Gaussian")


@kind("a carried array", ("h5",), needs="has_heads")
def carried_array(model, random):
    """The original of an array that Keras holds in another form, or has no place for."""
    name = pick(random, sorted(name for name in model.carried if name.startswith("arrays/")))
    if name:
        def edit(file):
            values = file[f"darknet/{name}"]
            flat = values[()].reshape(-1)
            flat[random.randrange(flat.size)] *= np.float32(1.01)
            values[()] = flat.reshape(values.shape)
        model.hdf5_edits.append(edit)
        return Change({name.split("/")[-1].split(".")[0]})
