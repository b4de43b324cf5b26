"""`nnfmt diff` in a real repository: as textconv, as an external diff and as a difftool."""

import os
import shutil
import subprocess

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git")


class Repository:
    """A repository with a network and its Keras model in two commits: a weight and the images seen differ."""

    def __init__(self, folder, nnfmt, workplace):
        self.folder, self.nnfmt = folder, nnfmt.binary
        folder.mkdir()
        self("init", "-q", "-b", "main")
        models = folder / "models"
        models.mkdir()
        shutil.copy(workplace.cfg, models / "net.cfg")
        (folder / ".gitattributes").write_text("*.weights diff=nnfmt\n*.h5 diff=nnfmt\n")
        changed = bytearray(workplace.bytes)
        changed[12:20] = (7).to_bytes(8, "little")
        changed[20 + 4 * 30:24 + 4 * 30] = np.float32(2.5).tobytes()
        for number, content in enumerate((workplace.bytes, changed)):
            (models / "net.weights").write_bytes(content)
            nnfmt("convert", models / "net.weights", models / "net.h5", "--force")
            self("add", ".")
            self("commit", "-q", "-m", f"commit {number}")

    def __call__(self, *arguments, code=0, at=None, **environment):
        done = subprocess.run(
            ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "core.pager=cat", *arguments],
            cwd=at or self.folder, capture_output=True, text=True, timeout=120,
            env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", **environment})
        assert done.returncode == code, done.stderr + done.stdout
        return done.stdout

    def lines(self, *arguments, **options):
        """The lines that a diff removes and adds."""
        return [line for line in self(*arguments, **options).splitlines()
                if line[:1] in "+-" and not line.startswith(("+++", "---"))]


@pytest.fixture
def repository(tmp_path, nnfmt, workplace):
    return Repository(tmp_path / "repository", nnfmt, workplace)


# textconv

@pytest.mark.parametrize("options, tensors", [("", "floats"), (" --cfg models/net.cfg", "convolutional_0.weights")])
def test_textconv(repository, options, tensors):
    repository("config", "diff.nnfmt.textconv", f"{repository.nnfmt} diff --textconv{options}")
    lines = repository.lines("diff", "HEAD~1", "--", "models/net.weights")
    assert lines[0].startswith("-header.seen ") and lines[1] == "+header.seen 7"
    # A line for what has changed, and no other.
    assert [line[0] for line in lines[2:]] == ["-", "+"]
    if options:
        assert all(line[1:].startswith(f"tensor {tensors} [6, 3, 3, 3] float32 sha256 ") for line in lines[2:])
    h5 = repository.lines("diff", "HEAD~1", "--", "models/net.h5")
    assert [line.split(" sha256")[0] for line in h5 if "tensor" in line] == [
        f"{sign}tensor convolutional_0.kernel [3, 3, 3, 6] float32" for sign in "-+"]
    assert "header.seen 7" in repository("log", "-p", "--format=%s", "--", "models/net.weights")


def test_textconv_tells_no_path(repository):
    """One content has one text: in the work tree, where its cfg stands beside it, and out of git."""
    repository("config", "diff.nnfmt.textconv", f"{repository.nnfmt} diff --textconv")
    here = subprocess.run([repository.nnfmt, "diff", "--textconv", "models/net.weights"], cwd=repository.folder,
                          capture_output=True, text=True, check=True).stdout
    assert here == repository("cat-file", "--textconv", "HEAD:models/net.weights")
    assert "models" not in here and str(repository.folder) not in here


# External diff

@pytest.fixture
def external(repository):
    repository("config", "diff.nnfmt.command", f"{repository.nnfmt} diff --git")
    return repository


def test_external_diff(external):
    text = external("diff", "HEAD~1", "--", ":/models/net.weights")
    assert "--- a/models/net.weights" in text and "+++ b/models/net.weights" in text
    # Named by the cfg in the work tree, which the old file does not stand beside.
    assert "convolutional_0.weights" in text and "header.seen" in text
    assert "different: 9 tensors: 8 equal, 1 changed" in text
    assert external("diff", "HEAD~1", "--", ":/models/net.weights", at=external.folder / "models") == text
    everything = external("diff", "HEAD~1")
    assert text in everything and "convolutional_0.kernel" in everything


def test_two_commits_without_a_work_tree(external):
    """Both files are git's copies; the cfg stands beside the path in the work tree."""
    (external.folder / "models/net.weights").unlink()
    assert "convolutional_0.weights" in external("diff", "HEAD~1", "HEAD", "--", "models/net.weights")


def test_environment(repository):
    text = repository("diff", "HEAD~1", GIT_EXTERNAL_DIFF=f"{repository.nnfmt} diff --git --stat")
    assert "convolutional_0.weights | 1 ~" in text


def test_added_removed_and_renamed(external):
    external("mv", "models/net.weights", "models/other.weights")
    (external.folder / "models/net.h5").unlink()
    shutil.copy(external.folder / "models/net.cfg", external.folder / "models/other.cfg")
    external("add", "-A", "models")
    external("commit", "-q", "-m", "moved")
    text = external("diff", "-M", "HEAD~1", "HEAD", "--", "models/net.h5")
    assert "+++ /dev/null" in text and "removed" in text
    external("diff", "-M", "HEAD~1", "HEAD")
    # With a new name and another content git tells both names.
    content = bytearray((external.folder / "models/other.weights").read_bytes())
    content[-4:] = np.float32(9).tobytes()
    external("mv", "models/other.weights", "models/third.weights")
    (external.folder / "models/third.weights").write_bytes(content)
    external("mv", "models/other.cfg", "models/third.cfg")
    external("commit", "-q", "-a", "-m", "moved and changed")
    text = external("diff", "-M", "HEAD~1", "HEAD")
    assert "--- a/models/other.weights" in text and "+++ b/models/third.weights" in text
    assert "convolutional_2.weights" in text


def test_what_is_damaged_does_not_end_the_diff(external):
    models = external.folder / "models"
    content = (models / "net.weights").read_bytes()
    (models / "a.h5").write_bytes((models / "net.h5").read_bytes()[:200])
    external("add", "models/a.h5")
    (models / "net.weights").write_bytes(content[:-4] + np.float32(3).tobytes())
    text = external("diff", "HEAD")
    assert "models/a.h5: can't be compared" in text
    assert "convolutional_2.weights" in text
    assert external("log", "-p", "--ext-diff", "--format=%s").count("commit") >= 2


def test_unmerged(external):
    models = external.folder / "models"
    content = (models / "net.weights").read_bytes()
    external("checkout", "-q", "-b", "side")
    (models / "net.weights").write_bytes(content[:-4] + np.float32(3).tobytes())
    external("commit", "-q", "-a", "-m", "side")
    external("checkout", "-q", "main")
    (models / "net.weights").write_bytes(content[:-4] + np.float32(4).tobytes())
    external("commit", "-q", "-a", "-m", "main")
    external("merge", "side", code=1)
    assert "models/net.weights" in external("diff")


# Difftool

def test_difftool(repository):
    repository("config", "difftool.nnfmt.cmd", f'{repository.nnfmt} diff --cfg models/net.cfg "$LOCAL" "$REMOTE"')
    text = repository("difftool", "-y", "-t", "nnfmt", "HEAD~1", "--", "models/net.weights")
    assert "convolutional_0.weights" in text and "1 changed" in text
    # git's own code for a tool that says something else than 0.
    repository("difftool", "-y", "-t", "nnfmt", "--trust-exit-code", "HEAD~1", "--", "models/net.weights", code=128)
