"""`python -m firn_verifier`: checks vectors, public suites and live evidence files, and says how many agreed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import differential, public, vectors
from .tally import Tally


def main() -> int:
    """Runs what is asked for; 1 where anything disagreed, or where nothing was there to compare."""
    asked = _arguments()
    own, suites, intact, changed = Tally(), Tally(), Tally(), Tally()
    for folder in asked.vectors:
        vectors.check(folder, own)
    for folder in asked.public:
        public.check(folder, suites)
    if asked.firn is not None:
        differential.compare(asked.firn, asked.evidence, (asked.flips, asked.most), intact, changed)
    tallies = [own, suites, intact, changed]
    for line in [line for tally in tallies for line in tally.disagreed]:
        print(line, file=sys.stderr)
    kinds = ("vectors", "public cases", "evidence files", "mutations of them")
    told = [f"{tally} {kind}" for tally, kind in zip(tallies, kinds, strict=True) if tally.cases]
    print(f"Python verifier: {', '.join(told)} agreed")
    return int(any(tally.disagreed for tally in tallies) or not any(tally.cases for tally in tallies))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="firn_verifier", description=__doc__)
    parser.add_argument("--vectors", type=Path, action="append", default=[], help="a folder of vectors")
    parser.add_argument("--public", type=Path, action="append", default=[], help="a folder of public test suites")
    parser.add_argument("--firn", type=Path, help="the `firn` program to compare with")
    parser.add_argument("--flips", type=int, default=100, help="how many single bits of each file are flipped")
    parser.add_argument("--most", type=int, default=10_000, help="how many mutations of each file are compared")
    parser.add_argument("evidence", type=Path, nargs="*", help="evidence files, compared as they are and changed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
