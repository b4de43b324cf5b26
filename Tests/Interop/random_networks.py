"""Random darknet networks, nnfmt held against real darknet.

    random_networks.py [--seed N] [--count N] [--only SEED] [--folder DIR]

Networks are numbered; each number always makes the same one. NNFMT names the binary. `--folder` keeps the files of
networks that differ, and with `--only` those of the one. Exits with 1 if any network differs.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from nnfmt_command import Nnfmt
from random_darknet import comparison
from random_darknet.library import Library

ROOT = Path(__file__).resolve().parent.parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="the number of the first network")
    parser.add_argument("--count", type=int, default=100, help="how many")
    parser.add_argument("--only", type=int, help="this network alone")
    parser.add_argument("--folder", type=Path, help="where to keep the files")
    chosen = parser.parse_args()
    nnfmt = Nnfmt(os.environ.get("NNFMT") or ROOT / ".build/release/nnfmt")
    seeds = range(chosen.seed, chosen.seed + chosen.count) if chosen.only is None else [chosen.only]
    with tempfile.TemporaryDirectory() as temporary:
        compare = comparison.Comparison(Library(), nnfmt, chosen.folder or Path(temporary))
        verdicts = []
        for seed in seeds:
            verdicts.append(compare(seed))
            if not verdicts[-1].failures and chosen.only is None:
                compare.remove(seed)
            if len(verdicts) % 500 == 0:
                print(comparison.summary(verdicts)[0], file=sys.stderr, flush=True)
    print("\n".join(comparison.summary(verdicts)))
    sys.exit(any(verdict.failures for verdict in verdicts))


if __name__ == "__main__":
    main()
