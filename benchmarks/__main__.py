"""Prints a table of whole commands and calls, ours in turn with the original's.

The original is used where `PROMPTFLOW_PYTHON` names an interpreter that has promptflow 1.18.5 installed; without it
its column shows the figures of the design, marked as such. Each figure is the best of the rounds after one warm-up.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import batch, commands, history, share, studio, terminals
from benchmarks.table import Row, print_table


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("commands", "batch", "studio", "share", "terminals"))
    args = parser.parse_args()
    original = os.environ.get("PROMPTFLOW_PYTHON")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        theirs = Path(original) if original else None
        if args.only in (None, "commands"):
            rows += commands.measure(Path(folder), args.rounds, theirs)
        if args.only in (None, "batch"):
            rows += batch.measure(Path(folder), args.rounds, theirs)
        if args.only in (None, "studio"):
            rows += studio.measure(Path(folder), args.rounds)
            rows += history.measure(Path(folder))
        if args.only in (None, "share"):
            rows += share.measure(Path(folder))
        if args.only in (None, "terminals"):
            rows += terminals.measure(Path(folder), args.rounds)
    print_table(rows, measured_original=original is not None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
