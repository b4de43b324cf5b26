#!/usr/bin/env python3
"""HDF5 files with random features, made with h5py, and what h5py reads of them.

    random_hdf5.py NNFMT COUNT [FIRST-SEED]

makes COUNT files and compares with each what `NNFMT inspect --json --hash --stats` says. What differs is told
with its seed, and its file is kept.
"""

import ctypes
import glob
import hashlib
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

NUMBERS = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def library():
    """The libhdf5 that h5py uses, for what h5py has no call for."""
    folder = os.path.join(os.path.dirname(os.path.dirname(h5py.__file__)), "h5py.libs")
    return ctypes.CDLL(next(p for p in glob.glob(folder + "/libhdf5-*.so*")))


class Maker:
    """Makes one file out of a seed."""

    def __init__(self, path, seed):
        self.path = path
        self.random = random.Random(seed)
        self.numpy = np.random.default_rng(seed)
        self.lib = library()

    def chance(self, percent):
        return self.random.random() * 100 < percent

    # The file

    def make(self):
        libver = self.random.choice([
            ("earliest", "latest"), ("earliest", "v108"), ("v108", "v108"), ("v110", "v110"),
            ("latest", "latest"), ("v112", "v114")])
        creation = h5py.h5p.create(h5py.h5p.FILE_CREATE)
        if self.chance(20):
            creation.set_userblock(self.random.choice([512, 1024, 4096]))
        if self.chance(15):
            creation.set_sizes(self.random.choice([4, 8]), self.random.choice([4, 8]))
        if self.chance(15):
            self.lib.H5Pset_sym_k(
                ctypes.c_int64(creation.id), self.random.randint(1, 20), self.random.randint(1, 20))
        if self.chance(15):
            self.lib.H5Pset_istore_k(ctypes.c_int64(creation.id), self.random.randint(1, 40))
        if self.chance(20):
            creation.set_link_creation_order(
                self.random.choice([h5py.h5p.CRT_ORDER_TRACKED,
                                    h5py.h5p.CRT_ORDER_TRACKED | h5py.h5p.CRT_ORDER_INDEXED]))
        if self.chance(15):
            strategy = self.random.choice([0, 1, 2, 3])
            creation.set_file_space_strategy(strategy, bool(strategy < 2 and self.chance(50)), 1)
            if self.chance(50):
                creation.set_file_space_page_size(self.random.choice([512, 4096]))
        self.shares = self.chance(20)
        if self.shares:
            count = self.random.randint(1, 3)
            # Bit i: messages of kind i (1 shape, 3 type, 5 fill value, 11 filters, 12 attributes).
            kinds = {1: [0x182A], 2: [0x2, 0x1828], 3: [0x2, 0x8, 0x1820]}[count]
            self.lib.H5Pset_shared_mesg_nindexes(ctypes.c_int64(creation.id), count)
            for index, kind in enumerate(kinds):
                self.lib.H5Pset_shared_mesg_index(
                    ctypes.c_int64(creation.id), index, kind, self.random.choice([0, 8, 40]))
            if self.chance(50):
                self.lib.H5Pset_shared_mesg_phase_change(ctypes.c_int64(creation.id), 4, 2)
        access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        bounds = {"earliest": 0, "v108": 1, "v110": 2, "v112": 3, "v114": 4, "latest": 4}
        access.set_libver_bounds(bounds[libver[0]], bounds[libver[1]])
        if self.chance(15):
            access.set_meta_block_size(self.random.choice([0, 512, 100_000]))
        name = self.path.encode()
        try:
            file = h5py.File(h5py.h5f.create(name, h5py.h5f.ACC_TRUNC, creation, access))
        except (ValueError, RuntimeError, OSError):  # Properties that don't go together.
            file = h5py.File(self.path, "w", libver=libver)
        self.groups = [file]
        with file:
            for _ in range(self.random.randint(1, self.random.choice([4, 12, 40]))):
                self.add(file)
        for _ in range(self.random.randint(0, 2)):
            image = self.chance(25) and libver[0] in ("v110", "latest", "v112")
            access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
            access.set_libver_bounds(bounds[libver[0]], bounds[libver[1]])
            if image:
                config = (ctypes.c_int32 * 4)(1, 1, 0, -1)
                self.lib.H5Pset_mdc_image_config(ctypes.c_int64(access.id), config)
            with h5py.File(h5py.h5f.open(name, h5py.h5f.ACC_RDWR, access)) as file:
                self.groups = [file]
                file.visititems(lambda _, o: self.groups.append(o) if isinstance(o, h5py.Group) else None)
                self.change(file)

    def change(self, file):
        for _ in range(self.random.randint(1, 6)):
            self.add(file)
        names = []
        file.visit(names.append)
        for name in self.random.sample(names, min(len(names), self.random.randint(0, 2))):
            try:
                del file[name]
            except (KeyError, UnicodeError):
                pass  # Gone with another, or a name that h5py can't spell.
        self.groups = [file]

    def name(self):
        kind = self.random.randrange(12)
        number = self.random.randrange(10**6)
        if kind == 0:
            return f"größe {number}"
        if kind == 1:
            return f"{number}" + "x" * self.random.choice([7, 8, 250, 300])
        if kind == 2:
            return b"\xff\xfe" + str(number).encode()
        return f"n{number}"

    def add(self, file):
        group = self.random.choice(self.groups)
        name = self.name()
        try:
            kind = self.random.randrange(20)
            if kind < 3:
                new = group.create_group(name, track_order=self.chance(30))
                self.groups.append(new)
                self.attributes(new)
            elif kind == 3:
                group[name] = h5py.SoftLink(self.random.choice(["/", "/nowhere", "n1"]))
            elif kind == 4:
                group[name] = h5py.ExternalLink("other.h5", "/x")
            elif kind == 5:
                group[name] = self.random.choice(self.groups)
            elif kind == 6:
                group[name] = self.dtype()
            else:
                self.dataset(group, name)
        except (ValueError, TypeError, RuntimeError, OSError, KeyError, UnicodeError):
            pass  # What h5py doesn't make.

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

    # Datasets

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


NAMES = {1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf"}


def differences(nnfmt, path):
    """How nnfmt's description of a file differs from h5py's, as texts."""
    try:
        want = Reader(path).rows
    except Exception as error:  # A file that h5py itself can't read again.
        return [], f"h5py: {error}"
    done = subprocess.run([nnfmt, "inspect", "--json", "--hash", "--stats", path], capture_output=True,
                          timeout=120)
    told = done.stderr.decode(errors="replace")
    try:
        got = json.loads(done.stdout)
    except ValueError:
        return [f"exit {done.returncode}, no document: {told[:300]}"], None
    found = []
    if done.returncode:
        found.append(f"exit {done.returncode}: {told[-400:]}")
    have = {row["path"]: row for row in got["datasets"]}
    for name in sorted(want.keys() | have.keys()):
        if name not in have or name not in want:
            found.append(f"{name}: only {'h5py' if name in want else 'nnfmt'} lists it")
            continue
        ours, theirs = have[name], want[name]
        filters = [NAMES.get(f, f"filter {f}") for f in theirs["filters"]]
        for key, value in [("shape", theirs["shape"]), ("layout", theirs["layout"]), ("filters", filters)]:
            if ours[key] != value:
                found.append(f"{name}: {key} {ours[key]}, h5py has {value}")
        if "sha256" not in theirs:
            continue
        if ours.get("sha256") is None and not ours["dtype"].startswith("float") and not (
                set(theirs["filters"]) - {1, 2, 3}):
            found.append(f"{name}: {ours['dtype']} is not read: {[w for w in got['warnings'] if name in w]}")
        if ours.get("sha256") not in (None, theirs["sha256"]):
            found.append(f"{name}: {ours['dtype']} {ours['shape']} {ours['layout']} {filters}: other bytes")
    return found, None


def child(action, *arguments):
    """Runs a part in a process of its own: libhdf5 crashes on some of what it wrote itself."""
    return subprocess.run([sys.executable, __file__, action, *map(str, arguments)], capture_output=True,
                          text=True, timeout=300)


def main():
    if sys.argv[1] == "make":
        return Maker(sys.argv[2], int(sys.argv[3])).make()
    if sys.argv[1] == "compare":
        found, skip = differences(sys.argv[2], sys.argv[3])
        return print(json.dumps([found, skip]))
    nnfmt, count = sys.argv[1], int(sys.argv[2])
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    folder = tempfile.mkdtemp(prefix="random-hdf5-")
    bad = skipped = 0
    for seed in range(first, first + count):
        path = os.path.join(folder, f"{seed}.h5")
        made = child("make", path, seed)
        compared = child("compare", nnfmt, path) if made.returncode == 0 else made
        if compared.returncode:
            found, skip = [], f"h5py ended with {compared.returncode}: {compared.stderr[-200:]}"
        else:
            found, skip = json.loads(compared.stdout)
        if skip:
            skipped += 1
            print(f"seed {seed}: skipped, {skip}")
        if found:
            bad += 1
            print(f"seed {seed}: {path}")
            for text in found[:6]:
                print("   ", text[:60], "…", text[-200:])
        else:
            os.remove(path)
    print(f"{count} files from seed {first} on: {bad} differ, {skipped} that h5py can't make or read again")
    if not bad:
        shutil.rmtree(folder)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
