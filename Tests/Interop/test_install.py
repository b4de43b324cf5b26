"""samples/install and samples/uninstall: what is there afterwards, and that it works."""

import os
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT

COMMAND = "bin/nnfmt"
BASH = "share/bash-completion/completions/nnfmt"
ZSH = "share/zsh/site-functions/_nnfmt"
FISH = "share/fish/vendor_completions.d/nnfmt.fish"


def script(name, *arguments, code=0):
    said = subprocess.run([ROOT / "samples" / name, *map(str, arguments)], capture_output=True, text=True)
    assert said.returncode == code, said.stdout + said.stderr
    return said


def files(folder):
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if not path.is_dir()}


@pytest.fixture(scope="module")
def installed(tmp_path_factory, nnfmt):
    """A prefix with a space in its name, into which nnfmt was installed; it was built where the tests run it."""
    if Path(nnfmt.binary).resolve() != (ROOT / ".build/release/nnfmt").resolve():
        pytest.skip(f"NOT INSTALLED: {nnfmt.binary} was built elsewhere")
    prefix = tmp_path_factory.mktemp("install") / "my prefix"
    said = script("install", "--prefix", prefix)
    assert f"installed {prefix / COMMAND}\n" in said.stdout
    # It tells whose PATH does not lead there.
    assert f"put {prefix / 'bin'} at the front of PATH" in said.stdout
    return prefix


def test_the_command_and_its_completions_are_installed(installed):
    assert files(installed) == {COMMAND, BASH, ZSH, FISH}
    said = subprocess.run([installed / COMMAND, "inspect", ROOT / "samples/sample.weights"], capture_output=True)
    assert said.returncode == 0 and b"status: complete" in said.stdout


@pytest.mark.parametrize("line, offer", [("nnfmt insp", "inspect"), ("nnfmt convert --comp", "--compress"),
                                         ("nnfmt inspect x --dialect pj", "pjreddie")])
def test_bash_completes(installed, line, offer):
    """As bash does it: the words up to the cursor are put into the variables that a completion reads."""
    words = line.split()
    code = f"""
      source "$1"; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9
      _nnfmt nnfmt "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
      printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{installed / 'bin'}:{os.environ['PATH']}"
    said = subprocess.run(["bash", "-c", code, "bash", installed / BASH, *words], capture_output=True, text=True,
                          env=os.environ | {"PATH": path})
    assert offer in said.stdout.split(), said.stdout + said.stderr


def test_uninstalled_nothing_is_left(installed):
    script("install", "--prefix", installed)
    script("uninstall", f"--prefix={installed}")
    assert files(installed) == set()
    # A second time it says so, and is content.
    assert "nothing of nnfmt" in script("uninstall", "--prefix", installed).stdout


@pytest.mark.parametrize("name", ["install", "uninstall"])
@pytest.mark.parametrize("arguments", [["--prefix"], ["--prefix", ""], ["--prefx", "/x"], ["/x"]], ids=repr)
def test_wrong_usage(name, arguments):
    said = script(name, *arguments, code=64)
    assert said.stdout == "" and "--prefix" in said.stderr


def test_a_prefix_that_no_one_may_write_to(installed, tmp_path):
    """A file is in the way: nothing is installed, and the script does not say that it was."""
    (tmp_path / "taken").write_text("")
    said = subprocess.run([ROOT / "samples/install", "--prefix", tmp_path / "taken"], capture_output=True, text=True)
    assert said.returncode != 0 and "installed" not in said.stdout
