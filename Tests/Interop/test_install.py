"""samples/install and samples/uninstall: what is there afterwards, and that it works."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT

pytestmark = pytest.mark.long

COMMAND = "bin/nnfmt"
BASH = "share/bash-completion/completions/nnfmt"
ZSH = "share/zsh/site-functions/_nnfmt"
FISH = "share/fish/vendor_completions.d/nnfmt.fish"
MANUAL = "share/man/man1"


def page(installed, name):
    """A page as `man` shows it, wide enough that no line is broken; `man` must have nothing to warn of."""
    said = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", installed / MANUAL / f"{name}.1"], capture_output=True,
                          text=True, env=os.environ | {"MANWIDTH": "400", "MAN_KEEP_FORMATTING": "", "MANPAGER": "cat"})
    assert said.returncode == 0 and said.stderr == "", said.stderr
    return said.stdout


@pytest.fixture(scope="module")
def commands(nnfmt):
    """Every command as ArgumentParser tells of it, by its name."""
    said = json.loads(nnfmt("--experimental-dump-help").out)["command"]["subcommands"]
    return {command["commandName"]: command for command in said
            if command["shouldDisplay"] and command["commandName"] != "help"}


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


def test_the_command_its_manual_and_its_completions_are_installed(installed, commands):
    pages = {f"{MANUAL}/nnfmt.1"} | {f"{MANUAL}/nnfmt-{name}.1" for name in commands}
    assert len(pages) > 6 and files(installed) == {COMMAND, BASH, ZSH, FISH} | pages
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


def test_the_manual_says_what_the_help_says(installed, commands):
    for name, command in commands.items():
        text = page(installed, f"nnfmt-{name}")
        for title in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]:
            assert f"\n{title}\n" in text, (name, title)
        for argument in command["arguments"]:
            names = [f"--{n['name']}" for n in argument.get("names", []) if n["kind"] == "long"]
            for word in [*names, *argument.get("allValues", [])]:
                assert word in text, (name, word)
            # Without blanks, of which a sentence in the page ends with two.
            assert "".join(argument["abstract"].split()) in "".join(text.split()), (name, argument["abstract"])
        # The examples can be copied: no character became another's likeness.
        for line in command["discussion"].partition("Examples:\n")[2].partition("\n\n")[0].split("\n"):
            assert line.strip() in text, (name, line)
    text = page(installed, "nnfmt")
    assert all(f"nnfmt-{name}(1)" in text for name in commands)
    assert "65      damaged file, or one that does not fit its cfg" in text


def test_man_finds_the_pages_of_commands(installed):
    path = os.environ | {"MANPATH": str(installed / "share/man"), "MANPAGER": "cat"}
    said = subprocess.run(["man", "nnfmt", "run"], capture_output=True, text=True, env=path)
    assert said.stdout.startswith("NNFMT-RUN(1)"), said.stdout + said.stderr


def test_the_manual_has_the_date_that_is_asked_for(installed, tmp_path):
    """As builds that are to be the same every day ask for it: https://reproducible-builds.org."""
    for day, shown in [("0", "January  1, 1970"), ("951782400", "February 29, 2000")]:
        subprocess.run([installed / COMMAND, "generate-manual", tmp_path / day], check=True,
                       env=os.environ | {"SOURCE_DATE_EPOCH": day})
        assert f".Dd {shown}\n" in (tmp_path / day / "nnfmt-run.1").read_text()


@pytest.mark.parametrize("arguments, code", [([], 64), (["a", "b"], 64), (["taken"], 73), (["missing/manual"], 73)], ids=repr)
def test_a_manual_that_can_not_be_written(nnfmt, tmp_path, arguments, code):
    (tmp_path / "taken").write_text("")
    said = nnfmt("generate-manual", *arguments, code=code, cwd=tmp_path)
    assert said.out == "" and said.err.startswith("error: ")
    assert files(tmp_path) == {"taken"}


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


def test_wrong_usage_of_a_release():
    said = script("release", "--version", code=64)
    assert said.stdout == "" and "samples/release" in said.stderr


def test_a_release_needs_no_library_that_others_lack(nnfmt):
    """What is built for this system alone is refused."""
    code = 'source "$1"; needed_glibc "$2"'
    said = subprocess.run(["bash", "-c", code, "bash", ROOT / "Tests/lib/sysroot.sh", nnfmt.binary], capture_output=True, text=True)
    assert said.returncode == 1 and said.stdout == "" and "libhdf5" in said.stderr


def test_a_prefix_that_no_one_may_write_to(installed, tmp_path):
    """A file is in the way: nothing is installed, and the script does not say that it was."""
    (tmp_path / "taken").write_text("")
    said = subprocess.run([ROOT / "samples/install", "--prefix", tmp_path / "taken"], capture_output=True, text=True)
    assert said.returncode != 0 and "installed" not in said.stdout


def test_the_version_is_the_tag(tmp_path):
    """What the scripts build is called after git's tag, and counts the commits behind it."""
    def git(*arguments):
        subprocess.run(["git", "-C", tmp_path, "-c", "user.name=n", "-c", "user.email=n", *arguments], check=True,
                       capture_output=True)

    def version(**environment):
        return subprocess.run(["bash", "-c", f'source {ROOT}/Tests/lib/build.sh; described_version "$1"', "-", tmp_path],
                              capture_output=True, text=True, check=True, env=os.environ | environment).stdout.strip()

    assert version(GIT_CEILING_DIRECTORIES=str(tmp_path.parent)) == "development"
    git("init")
    git("commit", "--allow-empty", "-m", "one")
    assert re.fullmatch(r"0\.0\.0\+1\.g[0-9a-f]{7,}", version())
    git("tag", "v1.2.3")
    git("tag", "later")
    assert version() == "1.2.3"
    git("commit", "--allow-empty", "-m", "two")
    assert re.fullmatch(r"1\.2\.3\+1\.g[0-9a-f]{7,}", version())
