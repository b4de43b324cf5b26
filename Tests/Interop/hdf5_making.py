"""HDF5 files of random form, made with h5py."""

import ctypes

import h5py

from hdf5_datasets import DatasetMaker


class Maker(DatasetMaker):
    """Makes one file out of a seed."""

    def __init__(self, path, seed):
        super().__init__(seed)
        self.path = path

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
