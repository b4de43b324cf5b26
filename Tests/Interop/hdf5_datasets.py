"""Datasets and attributes of random form, made with h5py."""

import ctypes
import glob
import math
import os
import random

import h5py
import numpy as np

NUMBERS = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def library():
    """The libhdf5 that h5py uses, for what h5py has no call for."""
    folder = os.path.join(os.path.dirname(os.path.dirname(h5py.__file__)), "h5py.libs")
    return ctypes.CDLL(next(p for p in glob.glob(folder + "/libhdf5-*.so*")))


class DatasetMaker:
    """Makes what stands in groups, by the random numbers of one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.numpy = np.random.default_rng(seed)
        self.lib = library()

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def attributes(self, holder):
        for _ in range(self.random.choice([0, 0, 1, 3, 20])):
            name = f"a{self.random.randrange(10**6)}"
            kind = self.random.randrange(6)
            if kind == 0:
                holder.attrs[name] = "text" * self.random.randrange(30)
            elif kind == 1:
                holder.attrs[name] = ["a", "größer", ""]
            elif kind == 2:
                holder.attrs[name] = np.arange(self.random.choice([1, 9, 9000]), dtype="f4")
            elif kind == 3:
                holder.attrs[name] = holder.ref
            elif kind == 4:
                holder.attrs[name] = h5py.Empty("f4")
            else:
                holder.attrs[name] = np.bytes_("fixed")

    def dtype(self):
        kind = self.random.randrange(16)
        order = self.random.choice("<>")
        if kind < 9:
            return np.dtype(order + self.random.choice(NUMBERS))
        return {
            9: lambda: np.dtype(bool), 10: lambda: np.dtype([("r", order + "f4"), ("i", order + "f4")]),
            11: lambda: h5py.enum_dtype({"A": 1, "B": 300}, basetype=order + "i2"),
            12: lambda: h5py.string_dtype(), 13: lambda: np.dtype("S7"),
            14: lambda: np.dtype((order + "i2", (2, 3))), 15: lambda: h5py.vlen_dtype(np.dtype(order + "f4")),
        }[kind]()

    def file_type(self):
        """A numeric type that numpy has no name for, with the type of the numbers in memory."""
        kind = self.random.randrange(4)
        order = self.random.choice([h5py.h5t.ORDER_LE, h5py.h5t.ORDER_BE])
        if kind == 0:  # bfloat16 as HDF5 2.0 has it.
            type = h5py.h5t.IEEE_F32LE.copy()
            type.set_fields(15, 7, 8, 0, 7)
            type.set_precision(16)
            type.set_size(2)
            type.set_ebias(127)
            memory = "f4"
        elif kind == 1:  # Whole numbers that don't fill their bytes.
            size = self.random.choice([2, 4, 8])
            base = {2: h5py.h5t.STD_I16LE, 4: h5py.h5t.STD_U32LE, 8: h5py.h5t.STD_I64LE}[size]
            type = base.copy()
            type.set_precision(self.random.randint(2, size * 8 - 1))
            if self.chance(50):
                type.set_offset(self.random.randint(0, size * 8 - type.get_precision()))
            memory = {2: "i2", 4: "u4", 8: "i8"}[size]
        elif kind == 2:  # The fields of float32 with another bias.
            type = h5py.h5t.IEEE_F32LE.copy()
            type.set_ebias(100)
            memory = "f8"
        else:  # float8
            type = h5py.h5t.IEEE_F32LE.copy()
            type.set_fields(7, 3, 4, 0, 3)
            type.set_precision(8)
            type.set_size(1)
            type.set_ebias(7)
            memory = "f4"
        type.set_order(order)
        return type, np.dtype(memory)

    def shape(self):
        rank = self.random.choice([0, 1, 1, 2, 2, 3, 4])
        return tuple(self.random.choice([0, 1, 2, 3, 5, 8, 17]) for _ in range(rank))

    def creation(self, shape):
        """A creation property list and the greatest extents."""
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout = self.random.randrange(5)
        limits = shape
        self.chunk = None
        if layout == 0 and shape:
            plist.set_layout(h5py.h5d.COMPACT)
        elif layout >= 2 and shape:
            self.chunk = tuple(self.random.randint(1, max(1, s + 2)) for s in shape)
            grows = self.random.randrange(4)
            if grows == 1:
                limits = (h5py.h5s.UNLIMITED,) + shape[1:]
            elif grows == 2:
                limits = tuple(h5py.h5s.UNLIMITED for _ in shape)
            elif grows == 3:
                limits = tuple(s + self.random.randrange(30) for s in shape)
            if limits == shape:
                self.chunk = tuple(min(c, max(s, 1)) for c, s in zip(self.chunk, shape))
            plist.set_chunk(self.chunk)
            for filter in self.random.sample(range(6), self.random.choice([0, 0, 1, 2, 3])):
                if filter == 0:
                    plist.set_shuffle()
                elif filter == 1:
                    plist.set_deflate(self.random.randint(0, 9))
                elif filter == 2:
                    plist.set_fletcher32()
                elif filter == 3:
                    plist.set_filter(32000, h5py.h5z.FLAG_OPTIONAL)
                elif filter == 4:
                    plist.set_scaleoffset(h5py.h5z.SO_INT, 0)
                else:
                    self.lib.H5Pset_nbit(ctypes.c_int64(plist.id))
            if self.chance(20):
                self.lib.H5Pset_chunk_opts(ctypes.c_int64(plist.id), 2)
        if self.chance(25):
            plist.set_alloc_time(self.random.choice(
                [h5py.h5d.ALLOC_TIME_EARLY, h5py.h5d.ALLOC_TIME_LATE, h5py.h5d.ALLOC_TIME_INCR]))
        if self.chance(20):
            plist.set_fill_time(self.random.choice(
                [h5py.h5d.FILL_TIME_ALLOC, h5py.h5d.FILL_TIME_IFSET]))
        plist.set_obj_track_times(self.chance(20))
        if self.chance(20):
            plist.set_attr_creation_order(h5py.h5p.CRT_ORDER_TRACKED)
        if self.chance(20):
            plist.set_attr_phase_change(2, 1)
        return plist, limits

    def dataset(self, group, name):
        if self.chance(30):
            type, memory = self.file_type()
        else:
            memory = self.dtype()
            type = h5py.h5t.py_create(memory, logical=True)
        if self.chance(4):
            space = h5py.h5s.create(h5py.h5s.NULL)
            h5py.h5d.create(group.id, self.encoded(name), type, space)
            return
        shape = self.shape()
        plist, limits = self.creation(shape)
        plain = memory.kind in "iuf" and memory.subdtype is None
        if self.chance(30) and plain:
            plist.set_fill_value(np.array(self.random.randint(0, 3), memory))
        space = h5py.h5s.create_simple(shape, limits) if shape else h5py.h5s.create(h5py.h5s.SCALAR)
        if self.chance(10):
            type.commit(group.id, self.encoded(f"t{self.random.randrange(10**6)}"))
        dataset = h5py.Dataset(h5py.h5d.create(group.id, self.encoded(name), type, space, plist))
        self.attributes(dataset)
        if self.chance(85) and plain:
            self.write(dataset, memory, shape)
        if self.chance(20) and self.chunk and limits != shape:
            try:
                dataset.resize(tuple(
                    self.random.randrange(40) if l == h5py.h5s.UNLIMITED else self.random.randint(0, l)
                    for l in limits))
            except (ValueError, TypeError, RuntimeError):
                pass
        if self.chance(40) and plain and self.chunk and dataset.size:
            self.write_chunk(dataset)

    def encoded(self, name):
        return name if isinstance(name, bytes) else name.encode()

    def numbers(self, memory, shape):
        if memory.kind == "f":
            values = self.numpy.standard_normal(shape)
            if values.size and self.chance(30):
                values.flat[0] = self.random.choice([np.nan, np.inf, 0, -0.0, 1e-40])
            return values.astype(memory)
        info = np.iinfo(memory)
        return self.numpy.integers(info.min, info.max, shape, dtype=memory.newbyteorder("="), endpoint=True)

    def write(self, dataset, memory, shape):
        values = self.numbers(memory, shape)
        if shape and self.chance(30) and shape[0] > 1:
            start = self.random.randrange(shape[0])
            dataset[start:] = values[start:]
        else:
            dataset[...] = values

    def write_chunk(self, dataset):
        """Writes a chunk as it lies in the file, with all filters skipped."""
        filters = dataset.id.get_create_plist().get_nfilters()
        if not filters:
            return
        places = [self.random.randrange((s + c - 1) // c) * c for s, c in zip(dataset.shape, self.chunk)]
        size = dataset.id.get_type().get_size() * math.prod(self.chunk)
        dataset.id.write_direct_chunk(tuple(places), bytes(self.numpy.integers(0, 256, size, dtype="u1")),
                                      filter_mask=(1 << filters) - 1)
