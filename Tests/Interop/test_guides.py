"""What the README, the guides and the tutorial show is what happens: each command is run, and prints what stands below it."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

from conftest import ROOT

GUIDE = ROOT / "Sources/nnfmt/nnfmt.docc"
PAGES = [page for page in (ROOT / "README.md", *sorted(GUIDE.glob("*.md"))) if "```console" in page.read_text()]
RESOURCES = GUIDE / "Resources"


def shown(page):
    """The commands of a page, each with the lines that follow it."""
    for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.rstrip("\n").split("\n")
            yield command, lines


def pattern(lines, *, timed):
    """What is printed has these lines; `…` stands for any lines, at a line's end for its rest. Times are any times."""
    made = ""
    for line in lines:
        if line.strip() == "…":
            made += r"(.*\n)*?"
            continue
        text = re.escape(line.removesuffix("…")) + (".*" if line.endswith("…") else "") + "\n"
        if timed:  # widths follow the numbers
            text = re.sub(r"(\\ )+", " +", re.sub(r"\d+\\\.\d+", r"[\\d.]+", text))
        made += text
    return made


@pytest.fixture
def folder(nnfmt, tmp_path):
    """The repository's samples, and what the pages tell of beside them."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    np.save(tmp_path / "x.npy", np.random.default_rng(1).random((3, 96, 96), np.float32))
    content = (tmp_path / "samples/sample.weights").read_bytes()
    (tmp_path / "shifted.weights").write_bytes(content[:16] + content[20:])
    # What a converter makes that leaves Keras's epsilon as it is.
    other = tmp_path / "other.h5"
    nnfmt("convert", tmp_path / "samples/sample.weights", other)
    with h5py.File(other, "r+") as file:
        model = json.loads(file.attrs["model_config"])
        for layer in model["config"]["layers"]:
            if layer["class_name"] == "BatchNormalization":
                layer["config"]["epsilon"] = 1e-3
        file.attrs["model_config"] = json.dumps(model)
    (tmp_path / "pairs.json").write_text(json.dumps({"pairs": [
        {"name": "converted", "reference": "samples/sample.weights", "candidate": "sample.h5"},
        {"name": "exported elsewhere", "reference": "samples/sample.weights", "candidate": "other.h5"},
        {"name": "health", "model": "sample.h5"}]}))
    return tmp_path


def bash(nnfmt, script, folder):
    path = f"{Path(nnfmt.binary).parent}:{os.environ['PATH']}"
    return subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=os.environ | {"PATH": path}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_print_what_the_page_shows(page, nnfmt, folder):
    for command, lines in shown(page):
        said = bash(nnfmt, command, folder)
        while lines and not lines[-1]:
            lines.pop()
        wanted = pattern(lines, timed="--repeat" in command)
        assert re.fullmatch(wanted, said.stdout), f"$ {command}\n{said.stdout}\nis not what the page shows:\n" + "\n".join(lines)


def test_there_are_pages_with_commands():
    assert sum(len(list(shown(page))) for page in PAGES) > 15


def test_the_tutorial_works(nnfmt, folder):
    """Its last step finds both right; with one number changed, the pipeline fails."""
    shutil.copy(RESOURCES / "checkpoint-pairs.json", folder / "pairs.json")
    # The second holds the first, the fifth the two before it.
    for step in (2, 5, 6):
        said = bash(nnfmt, (RESOURCES / f"checkpoint-{step}.sh").read_text(), folder)
        assert said.returncode == 0, said.stdout
    assert "2 pairs: 2 passed" in said.stdout
    for report in ("junit.xml", "summary.md"):
        (folder / report).unlink()
    with h5py.File(folder / "detector.h5", "r+") as file:
        group = file["model_weights/convolutional_0"]
        group[group.attrs["weight_names"][0]][0, 0, 0, 0] += 1
    assert bash(nnfmt, (RESOURCES / "checkpoint-6.sh").read_text(), folder).returncode == 1


def test_each_step_of_the_tutorial_goes_on_from_the_one_before():
    steps = [(RESOURCES / f"checkpoint-{step}.sh").read_text() for step in range(1, 7)]
    assert steps[1].startswith(steps[0]) and steps[3].startswith(steps[2]) and steps[4].startswith(steps[3])
    assert {f"checkpoint-{step}.sh" for step in range(1, 7)} | {"checkpoint-pairs.json", "checkpoint-models.yml"} == {
        path.name for path in RESOURCES.iterdir() if path.suffix != ".svg"}


@pytest.mark.parametrize("make", [lambda path: path.write_text("mine"), lambda path: (path.mkdir(), (path / "mine").touch())],
                         ids=["file", "folder"])
def test_the_site_takes_the_place_of_no_other_folder(make, tmp_path):
    place = tmp_path / "work"
    make(place)
    said = subprocess.run([ROOT / "samples/site", place], capture_output=True, text=True)
    assert said.returncode == 73 and "exists" in said.stderr
    assert place.is_file() or (place / "mine").exists()
