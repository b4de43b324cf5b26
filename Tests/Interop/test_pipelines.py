"""`samples/pipelines`: the workflow for GitHub, the hook for pre-commit, the Makefile and DVC's stages do what they say."""

import json
import os
import shutil
import xml.etree.ElementTree as ElementTree

import pytest
import yaml

from pipeline_place import SAMPLES


@pytest.fixture
def pairs(place):
    """A git repository with two pairs that match; `place.break_one()` makes one of them differ."""
    for number, name in enumerate(("a", "b")):
        weights = place.put_model(f"{name}.weights", number)
        place("nnfmt", "convert", weights, weights.with_suffix(".h5"))
    manifest = [{"reference": f"{name}.weights", "candidate": f"{name}.h5"} for name in ("a", "b")]
    (place.folder / "pairs.json").write_text(json.dumps({"pairs": manifest}))
    place("git", "init", "--quiet")
    place.break_one = lambda: place.put_model("b.weights", 64)
    return place


@pytest.mark.parametrize("breaks", [False, True])
def test_the_workflow_for_github(pairs, breaks):
    """The shell of its steps, as GitHub runs it: each in a shell of its own that ends at the first error."""
    if breaks:
        pairs.break_one()
    workflow = yaml.safe_load((SAMPLES / "github.yml").read_text())
    steps = workflow["jobs"]["validate"]["steps"]
    summary = pairs.folder.parent / "summary"
    failed, said = False, ""
    for step in steps:
        if "run" in step and (not failed or step.get("if") == "always()"):
            script = pairs.folder.parent / "step"
            script.write_text(step["run"])
            out, _ = pairs("bash", "-eo", "pipefail", script, code=None if breaks and not failed else 0, GITHUB_STEP_SUMMARY=str(summary))
            said += out
            failed = failed or (breaks and step["name"] == "Validate")
    annotations = [line for line in said.splitlines() if line.startswith("::")]
    assert len(annotations) == breaks
    if breaks:
        assert annotations[0].startswith("::error file=b.h5,title=b.h5::the first to depart is ")
    assert ("❌" in summary.read_text()) == breaks
    kept = next(step["with"]["path"].split() for step in steps if "upload-artifact" in step.get("uses", ""))
    assert all((pairs.folder / path).exists() for path in kept)
    assert len(ElementTree.parse(pairs.folder / "junit.xml").findall("testsuite")) == 2


def test_the_hook_for_pre_commit(pairs):
    """Its entry, called as a hook of git: what it refuses is not committed."""
    hook = yaml.safe_load((SAMPLES / "pre-commit-config.yaml").read_text())["repos"][0]["hooks"][0]
    assert hook["language"] == "system" and hook["pass_filenames"] is False
    script = pairs.folder / ".git/hooks/pre-commit"
    script.write_text(f"#!/bin/sh\nexec {hook['entry']}\n")
    script.chmod(0o755)
    commit = ["git", "-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "models"]
    pairs("git", "add", ".")
    pairs(*commit)
    pairs.break_one()
    pairs("git", "add", ".")
    _, said = pairs(*commit, code=1)
    assert "no match" in said and "b.h5" in said
    assert pairs("git", "rev-list", "--count", "HEAD")[0] == "1\n"


def test_the_makefile(place):
    shutil.copy(SAMPLES / "Makefile", place.folder)
    for number in range(3):
        place.put_model(f"models/m{number}.weights", number)
    broken = place.folder / "models/m1.weights"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-400])
    place("make", "--keep-going", "-j2", code=2)
    assert sorted(path.name for path in (place.folder / "keras").iterdir()) == ["m0.h5", "m2.h5"]
    broken.write_bytes(whole)
    place("make")
    assert place.count("end", "validate", "models/m0.weights") == 1
    assert place.count("end", "validate", "models/m1.weights") == 1
    assert "Nothing to be done" in place("make")[0]


def test_the_stages_of_dvc(place):
    """Their commands, in a shell as DVC runs them: each takes what is there and makes what it says, also a second time. DVC itself
    is some eighty packages."""
    place.put_model("model.weights")
    stages = yaml.safe_load((SAMPLES / "dvc.yaml").read_text())["stages"]

    def repro():
        for stage in stages.values():
            assert all((place.folder / path).exists() for path in stage["deps"])
            place("sh", "-c", stage["cmd"])
            made = stage.get("outs", []) + [path for metric in stage.get("metrics", []) for path in metric]
            assert made and all((place.folder / path).exists() for path in made)

    repro()
    assert json.loads((place.folder / "validation.json").read_text())["match"] is True
    place.put_model("model.weights", 64)
    place("sh", "-c", stages["validate"]["cmd"], code=1)
    assert json.loads((place.folder / "validation.json").read_text())["match"] is False
    repro()


def test_every_sample_is_on_the_page():
    page = (SAMPLES.parent.parent / "spec/pipelines.md").read_text()
    assert [name for name in os.listdir(SAMPLES) if f"samples/pipelines/{name}" not in page] == []
