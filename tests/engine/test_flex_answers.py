"""Flex flows against what promptflow 1.18.5 answered (`PFClient().flows.test`), recorded in `flex_answers.jsonl`.

A call has `original`; where pfstudio answers otherwise on purpose, `ours` and `why` besides.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from flow_folders import KnownConnections, Recorder
from pfstudio.connections.types import CustomConnection
from pfstudio.errors import PromptflowException
from pfstudio.sandbox.flow_test import run_flow_test
from pfstudio.sdk.local import output_of

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "flex_answers.jsonl").read_text(encoding="utf-8").splitlines()
]
CONNECTIONS = KnownConnections(
    CustomConnection(name="flexconn", configs={"url": "http://u"}, secrets={"key": "s3cret"})
)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


def shown(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"dataclass": {field.name: shown(getattr(value, field.name)) for field in dataclasses.fields(value)}}
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_flex_flow_answers_as_recorded(case: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "flow"
    write(folder, case["files"])

    for call in case["calls"]:
        try:
            outcome = run_flow_test(
                folder,
                inputs=call.get("inputs") or {},
                init=call.get("init"),
                environment_variables=call.get("env"),
                connections=CONNECTIONS,
                observer=Recorder(),
            )
            answer = ["value", shown(output_of(outcome))]
        except PromptflowException as error:
            answer = ["error", type(error).__name__, str(error).replace(str(tmp_path), "ROOT")]
        assert answer == call.get("ours", call["original"])


def test_deviations_are_the_exception_and_each_has_its_reason() -> None:
    calls = [call for case in CASES for call in case["calls"]]

    assert len(calls) > 140
    assert all(call["why"] for call in calls if "ours" in call)
