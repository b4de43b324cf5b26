"""300 random models of both generations: nnfmt computes what Keras computes, or says what it can't.

A test that fails prints the command that makes its models again. `random_models.py` is the same for more of them.
"""

import pytest

import random_models
from seed import SEED

pytestmark = pytest.mark.long

COUNT = 300


def test_random_models(nnfmt, note):
    again = f"python Tests/Interop/random_models.py --seed {SEED}"
    note(f"random models: {again} --count {COUNT}")
    run = random_models.Run(random_models.options_of(["--seed", str(SEED), "--count", str(COUNT), "--nnfmt", nnfmt.binary]))
    run.start(range(COUNT))
    assert len(run.verdicts) == COUNT
    assert not run.failing, "\n".join(f"{random_models.told(v)}\n{again} --only {v['number']} --shrink" for v in run.failing)
    # A grammar that makes nothing, or only what is refused, proves nothing.
    assert sum(v["outcome"] == "agrees" for v in run.verdicts) >= COUNT // 2
