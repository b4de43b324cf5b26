"""What h5py reads of an HDF5 file."""

import hashlib

import h5py
import numpy as np


class Reader:
    """What h5py reads of a file, by the paths of hard links."""

    def __init__(self, path):
        self.rows = {}
        self.unreadable = set()
        with h5py.File(path, "r") as file:
            self.walk(file, [], [file.id])

    def walk(self, group, path, above):
        names = []
        group.id.links.iterate(names.append)
        for name in names:
            info = group.id.links.get_info(name)
            if info.type != h5py.h5l.TYPE_HARD:
                continue
            try:
                text = name.decode()
            except UnicodeDecodeError:
                text = "hex:" + name.hex()
            place = path + [text]
            identifier = h5py.h5o.open(group.id, name)
            if isinstance(identifier, h5py.h5g.GroupID):
                if identifier not in above:
                    self.walk(h5py.Group(identifier), place, above + [identifier])
            elif isinstance(identifier, h5py.h5d.DatasetID):
                self.rows["/" + "/".join(place)] = self.row(identifier)

    def row(self, dataset):
        plist = dataset.get_create_plist()
        type = dataset.get_type()
        space = dataset.get_space()
        isNull = space.get_simple_extent_type() == h5py.h5s.NULL
        layout = {0: "compact", 1: "contiguous", 2: "chunked", 3: "virtual"}[plist.get_layout()]
        row = {"shape": None if isNull else list(dataset.shape), "layout": layout,
               "filters": [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]}
        if type.get_class() in (h5py.h5t.INTEGER, h5py.h5t.FLOAT) and not isNull:
            row["sha256"] = self.digest(dataset, type)
        return row

    def digest(self, dataset, type):
        """Of the elements in their own type, in little endian, whole numbers in all of their bits."""
        if type.get_class() == h5py.h5t.FLOAT:
            # As they are stored: numpy has no name for some.
            memory = type.copy()
            memory.set_order(h5py.h5t.ORDER_LE)
            values = np.zeros(dataset.shape, f"V{type.get_size()}")
        else:
            # Into numpy's type of the same order: libhdf5 1.14.6 leaves the padding of numbers that it only
            # turns round (big-endian int16 of 14 bits into little-endian int16).
            memory = None
            values = np.zeros(dataset.shape, type.dtype)
        try:
            if values.size:
                dataset.read(h5py.h5s.ALL, h5py.h5s.ALL, values, mtype=memory)
        except (OSError, RuntimeError):
            return "unreadable"
        if values.dtype.kind != "V":
            values = values.astype(values.dtype.newbyteorder("<"))
        return hashlib.sha256(values.tobytes()).hexdigest()
