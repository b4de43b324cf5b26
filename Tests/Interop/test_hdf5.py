"""HDF5 files of random form, as h5py writes them: nnfmt lists what h5py reads, with the same bytes."""

import json

import pytest

import random_hdf5


@pytest.mark.parametrize("seed", range(24))
def test_random_files(nnfmt, tmp_path, seed):
    path = tmp_path / "random.h5"
    made = random_hdf5.child("make", path, seed)
    compared = random_hdf5.child("compare", nnfmt.binary, path)
    assert made.returncode == 0 and compared.returncode == 0, made.stderr + compared.stderr
    found, refused_by_h5py = json.loads(compared.stdout)
    assert not found and not refused_by_h5py
