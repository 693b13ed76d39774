"""`make conformance`: asks the original again and fails where an answer is not the recorded one.

    python -m conformance [--missing] [--accept] [TOPIC …]

`--missing` asks only for cases that are new or have changed; `--accept` writes down answers that have changed. The
environment variable PROMPTFLOW_PYTHON names an interpreter that has promptflow 1.18.5; without one the recorded
answers stand.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from conformance.case_files import Case, read_topic, topics
from conformance.playback import answers
from conformance.records import read_records, record_of, write_records

VERSION = "1.18.5"


def main() -> int:
    parser = argparse.ArgumentParser(prog="conformance")
    parser.add_argument("topics", nargs="*", help="Only these topics.")
    parser.add_argument("--missing", action="store_true", help="Only cases that are new or have changed.")
    parser.add_argument("--accept", action="store_true", help="Write down answers that have changed.")
    arguments = parser.parse_args()
    chosen = arguments.topics or topics()
    interpreter = os.environ.get("PROMPTFLOW_PYTHON")
    if not interpreter:
        count = sum(len(read_records(topic)) for topic in chosen)
        print(f"PROMPTFLOW_PYTHON names no interpreter with promptflow {VERSION}: the {count} recorded answers stand.")
        return 0
    found = _version(Path(interpreter))
    if found != VERSION:
        print(f"{interpreter} has promptflow {found}; the records are of {VERSION}.", file=sys.stderr)
        return 1
    ask = partial(_record, interpreter=Path(interpreter), missing=arguments.missing, accept=arguments.accept)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(ask, chosen))
    asked, differing = sum(count for count, _ in results), [line for _, lines in results for line in lines]
    print("\n".join(differing))
    print(f"{asked} cases were asked again; {len(differing)} answers differ from the records.")
    return 1 if differing and not arguments.accept else 0


def _version(interpreter: Path) -> str:
    command = [interpreter, "-c", "import importlib.metadata as m; print(m.version('promptflow'))"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _record(topic: str, *, interpreter: Path, missing: bool, accept: bool) -> tuple[int, list[str]]:
    cases, records = read_topic(topic), read_records(topic)
    known = {case.id for case in cases if records.get(case.name, {}).get("case") == case.fingerprint}
    asked = [case for case in cases if not (missing and case.id in known)]
    if not asked:
        return 0, []
    print(f"{topic}: asking for {len(asked)} answers …", flush=True)
    given = answers(asked, interpreter, original=True, timeout=240)
    differing = []
    for case in asked:
        old = records.get(case.name)
        if case.id in known and old["answer"] != given[case.id]:
            differing.append(_difference(case, old["answer"], given[case.id]))
        if accept or case.id not in known:
            records[case.name] = record_of(case, given[case.id], VERSION)
    write_records(topic, records, cases)
    return len(asked), differing


def _difference(case: Case, recorded: Any, now: Any) -> str:
    return f"{case.id}: {case.rule}\n  recorded: {recorded}\n  now:      {now}"


if __name__ == "__main__":
    sys.exit(main())
