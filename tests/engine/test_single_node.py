from __future__ import annotations

from typing import Any

import pytest

from pfstudio.engine.errors import SingleNodeValidationError
from pfstudio.engine.results import RunStatus


@pytest.mark.parametrize("key", ["text", "trim.output", "${trim.output}", "trim"])
def test_input_of_a_node_is_given_by_its_name_or_reference(load_flow: Any, key: str) -> None:
    run = load_flow("two_python_nodes").run_node("shout", {key: "x"})

    assert (run.status, run.output) == (RunStatus.COMPLETED, "X!")


def test_literal_of_a_node_can_be_replaced(load_flow: Any) -> None:
    run = load_flow("two_python_nodes").run_node("shout", {"text": "x", "mark": "#"})

    assert run.output == "X#"


def test_flow_input_has_its_default(load_flow: Any) -> None:
    assert load_flow("two_python_nodes").run_node("trim", {}).output == "hi"


def test_property_is_taken_from_the_whole_output(load_flow: Any) -> None:
    given = {"make.output": {"items": ["first"]}, "point.output.y": 8}

    assert load_flow("property_paths").run_node("take", given).output == ["first", 8, ["items"]]


def test_what_is_given_nowhere_is_named(load_flow: Any) -> None:
    with pytest.raises(SingleNodeValidationError, match=r"Required input\(s\) \['text'\] are missing for \"shout\""):
        load_flow("two_python_nodes").run_node("shout", {})


def test_unknown_node_is_named(load_flow: Any) -> None:
    with pytest.raises(SingleNodeValidationError, match="Node 'nobody'"):
        load_flow("two_python_nodes").run_node("nobody", {})


def test_aggregation_node_gets_lists_of_one(load_flow: Any) -> None:
    run = load_flow("aggregation_metrics").run_node("accuracy", {"grades": "right", "inputs.answer": "B"})

    assert run.output == {"share": 100.0, "unit": "percent", "answers": ["B"]}


def test_failed_node_is_a_run_with_an_error(load_flow: Any) -> None:
    run = load_flow("failing_tool").run_node("divide", {"number": 0})

    assert (run.status, run.error.file, run.error.line) == (RunStatus.FAILED, "share.py", 2)


def test_async_node_runs_on_its_own(load_flow: Any) -> None:
    assert load_flow("async_and_sync").run_node("first", {"text": "b"}).output == "b1"
