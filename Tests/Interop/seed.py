"""The seed of what these tests draw at random.

It is fixed, so that a commit is judged by the same draws whatever the day is. NNFMT_SEED=N draws others: what they find
becomes a case of its own.
"""

import os

SEED = int(os.environ.get("NNFMT_SEED") or 1)
