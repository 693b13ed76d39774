"""The original's answers, kept beside the cases: `records/<topic>.json`, by the case's name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from conformance.case_files import HERE, Case

FOLDER = HERE / "records"
COMMANDS = {
    "test": "PFClient().test({flow}, inputs={act}{options})",
    "call": "load_flow({flow})(**{act})",
    "invoke": "load_flow({flow}).invoke({act})",
    "run": "PFClient().run(flow={flow}, **{act})",
    "python": "python script.py",
}


def read_records(topic: str) -> dict[str, Any]:
    file = FOLDER / f"{topic}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def write_records(topic: str, records: dict[str, Any], cases: Sequence[Case]) -> None:
    """Records in the order of the cases; those of cases that are gone are dropped."""
    kept = {case.name: records[case.name] for case in cases if case.name in records}
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    (FOLDER / f"{topic}.json").write_text(text + "\n", encoding="utf-8")


def record_of(case: Case, answer: Any, version: str) -> dict[str, Any]:
    return {"by": f"promptflow {version}", "command": command_of(case), "case": case.fingerprint, "answer": answer}


def command_of(case: Case) -> str:
    """What was asked, as one would type it."""
    if case.action == "pf":
        several = case.act if isinstance(case.act, list) else [case.act]
        return "; ".join(f"pf {arguments}" for arguments in several)
    options = "".join(f", {key}={value!r}" for key, value in case.options.items() if key != "flow")
    flow = repr(case.options.get("flow", "flow"))
    return COMMANDS[case.action].format(flow=flow, act=case.act or {}, options=options)
