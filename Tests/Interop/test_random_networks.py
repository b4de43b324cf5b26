"""Random networks: real darknet and nnfmt compute the same (`random_networks.py`)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seed import SEED

pytestmark = pytest.mark.long

HERE = Path(__file__).resolve().parent
COUNT = 150


def test_random_networks(nnfmt, note):
    first = SEED * 1000
    # A program of its own, since it forks: TensorFlow's threads would not survive that.
    done = subprocess.run(
        [sys.executable, HERE / "random_networks.py", "--seed", str(first), "--count", str(COUNT)],
        env=os.environ | {"NNFMT": nnfmt.binary}, capture_output=True, text=True)
    note(f"random darknet networks from seed {first}: {done.stdout.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
