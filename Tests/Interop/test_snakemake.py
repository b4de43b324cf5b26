"""The Snakemake workflow on this machine and on a stand-in of a cluster: whole, with a broken checkpoint, killed half-way."""

import os
import shutil
import signal
import subprocess
import time

import pytest

from pipeline_place import SAMPLES

NAMES = [f"m{number}" for number in range(3)]
BROKEN = "m1"

# One job at a time, as a busy cluster does it; a job outlives the process that submitted it.
SBATCH = """#!/bin/sh
number=$(($(ls "$SLURM" | grep -c '^[0-9]*$') + 1))
for script; do [ "$last" != --job-name ] || echo "$script" > "$SLURM/$number.name"; last=$script; done
echo PENDING > "$SLURM/$number"
setsid sh -c 'exec 9> "$SLURM/lock"; flock 9; echo RUNNING > "$SLURM/$1"
  if sh "$2" > "$SLURM/$1.out" 2>&1 9>&-; then echo COMPLETED > "$SLURM/$1"; else echo FAILED > "$SLURM/$1"; fi' \\
  - "$number" "$script" > /dev/null 2>&1 &
echo "$number"
"""
SACCT = """#!/bin/sh
cat "$SLURM/$2"
"""
SQUEUE = """#!/bin/sh
for path in "$SLURM"/*.name; do
  [ ! -e "$path" ] || [ "$(cat "$path")" != "$3" ] || ! grep -q 'PENDING\\|RUNNING' "${path%.name}" || basename "$path" .name
done
"""


@pytest.fixture
def fleet(place):
    shutil.copytree(SAMPLES / "snakemake", place.folder, dirs_exist_ok=True)
    for number, name in enumerate(NAMES):
        place.put_model(f"models/{name}.weights", number)
    slurm = place.folder.parent / "slurm"
    slurm.mkdir()
    place.environment["SLURM"] = str(slurm)
    place.put_program("sbatch", SBATCH)
    place.put_program("sacct", SACCT)
    place.put_program("squeue", SQUEUE)
    place.put_program("scancel", "#!/bin/sh\n")
    return place


def shorten(place, name):
    path = place.folder / f"models/{name}.weights"
    path.write_bytes(path.read_bytes()[:-400])


def done(place):
    return sorted(path.stem for path in (place.folder / "keras").glob("*.h5"))


def rows(place):
    lines = (place.folder / "summary.md").read_text().splitlines()[2:]
    return dict(line.strip("| ").split(" | ", 1) for line in lines)


def await_until(condition):
    deadline = time.monotonic() + 90
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def snakemake(profile):
    return ["snakemake", "--profile", profile, *(["--cores", "1"] if profile == "local" else ["--latency-wait", "5", "--seconds-between-status-checks", "1"])]


@pytest.mark.parametrize("profile", ["local", "cluster"])
def test_a_broken_checkpoint_fails_alone(fleet, profile):
    """The others are done once and named as matches; what was broken is done alone once it is mended."""
    shorten(fleet, BROKEN)
    fleet(*snakemake(profile), code=1)
    others = [name for name in NAMES if name != BROKEN]
    assert done(fleet) == others
    assert {name for name, result in rows(fleet).items() if result == "match"} == set(others)
    assert rows(fleet)[BROKEN].startswith(f"error: models/{BROKEN}.weights:")
    fleet.put_model(f"models/{BROKEN}.weights")
    fleet(*snakemake(profile))
    assert done(fleet) == NAMES and set(rows(fleet).values()) == {"match"}
    for name in NAMES:
        assert fleet.count("end", "convert", f"models/{name}.weights") == 1
        assert fleet.count("begin", "convert", f"models/{name}.weights") == (2 if name == BROKEN else 1)
    before = fleet.calls.read_text()
    fleet(*snakemake(profile))
    assert fleet.calls.read_text() == before


def test_a_broken_checkpoint_is_taken_away(fleet):
    """What is left was done before; the summary is of that alone."""
    shorten(fleet, BROKEN)
    fleet(*snakemake("local"), code=1)
    (fleet.folder / f"models/{BROKEN}.weights").unlink()
    fleet(*snakemake("local"))
    assert rows(fleet) == {name: "match" for name in NAMES if name != BROKEN}


@pytest.mark.parametrize("profile", ["local", "cluster"])
def test_killed_and_started_again(fleet, profile):
    """Snakemake dies at once, half-way; what it had begun goes on by itself. Each checkpoint is done exactly once."""
    environment = {**fleet.environment, "DELAY": "1"}
    with open(fleet.folder.parent / "log", "wb") as log:
        process = subprocess.Popen(snakemake(profile), cwd=fleet.folder, env=environment, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log)
        try:
            await_until(lambda: done(fleet) or process.poll() is not None)
            assert process.poll() is None, (fleet.folder.parent / "log").read_text()
            os.kill(process.pid, signal.SIGKILL)
        finally:
            process.kill()
            process.wait()
    assert done(fleet) != NAMES
    if profile == "local":
        # Nothing tells a new Snakemake here of the jobs of the old one, as a cluster does.
        await_until(lambda: len(done(fleet)) == sum(fleet.count("begin", "convert", f"models/{name}.weights") for name in NAMES))
        assert done(fleet) != NAMES
    fleet("snakemake", "--unlock")
    fleet(*snakemake(profile))
    assert done(fleet) == NAMES and set(rows(fleet).values()) == {"match"}
    for name in NAMES:
        calls = (f"convert models/{name}.weights", f"validate models/{name}.weights")
        assert [fleet.count(word, call) for word in ("begin", "end") for call in calls] == [1] * 4, fleet.calls.read_text()


def test_a_job_is_submitted_once(fleet):
    """Not while it waits or runs, nor if its output has come since Snakemake was started."""
    output = fleet.folder / "keras/m0.h5"
    output.parent.mkdir()
    script = fleet.folder / "script"
    script.write_text(f"sleep 1; touch {output}")

    def submit(started):
        return fleet("cluster/submit", "keras/m0.h5", script, STARTED=str(started))[0].strip()

    before = time.time() - 1
    assert [submit(before), submit(before)] == ["1", "1"]
    await_until(lambda: (fleet.folder.parent / "slurm/1").read_text() == "COMPLETED\n")
    assert submit(before) == "done"
    assert submit(time.time() + 1) == "2"
