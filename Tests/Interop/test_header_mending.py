"""Headers that are lost or damaged: `inspect` prints the command that mends the file, and the command does."""

import random
import shlex

import pytest

GENERATIONS = {(0, 1, 0): 16, (0, 2, 0): 20, (0, 2, 5): 20}


def header(version, seen):
    return b"".join(n.to_bytes(4, "little") for n in version) + seen.to_bytes(GENERATIONS[version] - 12, "little")


def damages(whole, rng):
    """Each damage of a header by its name: the bytes in its place, and those that the mended file must have."""
    version = tuple(int.from_bytes(whole[k:k + 4], "little") for k in (0, 4, 8))
    fresh = header((0, 2, 5), 0)
    junk = bytes(rng.randrange(1, 256) for _ in range(4 * rng.randint(1, 6)))
    yield "none", b"", fresh
    yield "version alone", whole[:12], header(version, 0)
    yield "junk before it", junk + whole, whole
    yield "without its first number", whole[4:], whole
    if len(whole) == 20:
        yield "count of 32 bits", whole[:16], whole
        yield "four bytes of zeros", bytes(4), fresh
    else:
        yield "count of 64 bits", whole + bytes(4), whole


def mended(nnfmt, folder, cfg, name):
    """The file that the command gives which `inspect` prints."""
    said = nnfmt("inspect", name, "--cfg", cfg, code=None, cwd=folder).err
    lines = [line for line in said.splitlines() if "nnfmt convert " in line]
    assert lines, said
    words = shlex.split("convert " + lines[0].split("nnfmt convert ", 1)[1])
    nnfmt(*words, cwd=folder)
    output = folder / words[2]
    inspected = nnfmt("inspect", output, "--cfg", cfg, "--json").json
    assert inspected["status"] == "complete" and not [w for w in inspected["warnings"] if "header" in w]
    return output.read_bytes()


@pytest.mark.parametrize("version", GENERATIONS)
def test_sample(sample, nnfmt, tmp_path, version):
    cfg, weights = sample
    check(nnfmt, tmp_path, cfg, weights.read_bytes()[20:], version, random.Random(str(version)))


def check(nnfmt, folder, cfg, numbers, version, rng):
    # A count of at least a batch, as of anything that was trained.
    whole = header(version, rng.randrange(64, 1 << 31))
    for name, found, expected in damages(whole, rng):
        file = folder / "it's damaged.weights"
        file.write_bytes(found + numbers)
        assert mended(nnfmt, folder, cfg, file.name) == expected + numbers, name
        (folder / "it's damaged-mended.weights").unlink()


def test_detectors(corpus, nnfmt, tmp_path):
    rng = random.Random(15)
    cases = sorted((corpus / "darknet" / "real").glob("*/model.weights"))
    for weights in rng.sample(cases, 3):
        bytes = weights.read_bytes()
        if int.from_bytes(bytes[4:8], "little") == 2:
            check(nnfmt, tmp_path, weights.with_name("model.cfg"), bytes[20:], (0, 2, 5), rng)


def test_cut_file_is_not_taken_for_one_without_header(sample, nnfmt, tmp_path):
    cfg, weights = sample
    whole = header((0, 2, 5), 32013312) + weights.read_bytes()[20:]
    for count in (8, 12, 16, 20):
        (tmp_path / "cut.weights").write_bytes(whole[:-count])
        said = nnfmt("inspect", "cut.weights", "--cfg", cfg, code=65, cwd=tmp_path).err
        assert "--read-header" not in said, said


@pytest.mark.parametrize("value", ["-1", "64", "16.0", "", "0x10", "all"])
def test_lengths_that_are_none(sample, nnfmt, tmp_path, value):
    nnfmt("convert", sample[1], tmp_path / "a.weights", "--cfg", sample[0], "--read-header", value, code=64)


def test_other_inputs_have_no_such_header(sample, nnfmt, tmp_path):
    cfg, weights = sample
    nnfmt("convert", weights, tmp_path / "a.h5", "--cfg", cfg)
    said = nnfmt("convert", tmp_path / "a.h5", tmp_path / "b.weights", "--read-header", "none", code=64).err
    assert "--read-header" in said
    nnfmt("convert", cfg, tmp_path / "b.cfg", "--read-header", "none", code=64)


def test_to_keras_with_another_header(sample, nnfmt, tmp_path):
    """What is read as told goes to any format; the way back has the mended header."""
    cfg, weights = sample
    numbers = weights.read_bytes()[20:]
    (tmp_path / "a.weights").write_bytes(numbers)
    told = "--cfg", cfg, "--read-header", "none"
    nnfmt("convert", tmp_path / "a.weights", tmp_path / "a.h5", *told)
    nnfmt("convert", tmp_path / "a.h5", tmp_path / "back.weights")
    assert (tmp_path / "back.weights").read_bytes() == header((0, 2, 5), 0) + numbers
    nnfmt("convert", tmp_path / "a.weights", tmp_path / "old.weights", *told, "--header", "0.1")
    assert (tmp_path / "old.weights").read_bytes() == header((0, 1, 0), 0) + numbers
    # Read as told, it does not fit.
    nnfmt("convert", tmp_path / "a.weights", tmp_path / "c.weights", "--cfg", cfg, "--read-header", "16", code=65)
    assert not (tmp_path / "c.weights").exists()
