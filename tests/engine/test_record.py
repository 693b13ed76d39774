from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flow_folders import TOOL
from pfstudio.connections.types import CustomConnection
from pfstudio.engine.record import flow_run_record, node_run_record, to_detail
from pfstudio.engine.serialize import json_safe

FLOW_KEYS = [
    "run_id",
    "status",
    "error",
    "inputs",
    "output",
    "metrics",
    "request",
    "parent_run_id",
    "root_run_id",
    "source_run_id",
    "flow_id",
    "start_time",
    "end_time",
    "index",
    "api_calls",
    "name",
    "description",
    "tags",
    "system_metrics",
    "result",
    "upload_metrics",
    "otel_trace_id",
    "message_format",
]
NODE_KEYS = [
    "node",
    "flow_run_id",
    "run_id",
    "status",
    "inputs",
    "output",
    "metrics",
    "error",
    "parent_run_id",
    "start_time",
    "end_time",
    "index",
    "api_calls",
    "cached_run_id",
    "cached_flow_run_id",
    "logs",
    "system_metrics",
    "result",
    "message_format",
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@dataclass
class Point:
    x: int


def test_detail_has_the_originals_keys_and_is_json(load_flow: Any) -> None:
    executor = load_flow("aggregation_metrics")
    line = executor.run_line({})

    detail = to_detail(line, run_id="abc", aggregation=executor.run_aggregation([line]))

    assert json.loads(json.dumps(detail)) == detail
    (flow_run,) = detail["flow_runs"]
    assert list(flow_run) == FLOW_KEYS
    assert all(list(run) == NODE_KEYS for run in detail["node_runs"])
    assert flow_run["metrics"] == {"accuracy": 100.0, "lines": 1}
    assert [run["run_id"] for run in detail["node_runs"]] == ["abc_grade_0", "abc_accuracy_reduce", "abc_report_reduce"]


def test_failed_line_has_the_error_object_and_no_output(load_flow: Any) -> None:
    record = flow_run_record(load_flow("failing_tool").run_line({}), run_id="abc")

    assert (record["status"], record["output"], record["result"]) == ("Failed", None, None)
    assert record["error"]["innerError"] == {"code": "ToolExecutionError", "innerError": None}


def test_prints_are_stamped_and_times_end_in_z(load_flow: Any) -> None:
    run = load_flow("printing_nodes").run_line({}).node_runs["first"]

    record = node_run_record(run, run_id="abc")

    stamp = run.end_time.strftime("%Y-%m-%dT%H:%M:%S%z")
    assert record["logs"] == {"stdout": f"[{stamp}] out hi\n", "stderr": f"[{stamp}] err hi\n"}
    assert record["start_time"].endswith("Z")


def test_value_that_is_no_json_is_recorded_by_its_repr(load_flow: Any, write_flow: Any) -> None:
    yaml = "nodes:\n- {name: n, type: python, source: {path: n.py}}\n"
    run = load_flow(write_flow(yaml, {"n.py": TOOL + "def n():\n    return {1, 2}\n"})).run_line({}).node_runs["n"]

    assert run.output == {1, 2}
    assert node_run_record(run, run_id="abc")["output"] == "{1, 2}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ((1, 2), [1, 2]),
        ({1: "a", None: "b", 0.5: "c"}, {"1": "a", "null": "b", "0.5": "c"}),
        (CustomConnection(name="service", secrets={"key": "s3cret"}), "service"),
        ([CustomConnection(name="service", secrets={"key": "s3cret"})], ["service"]),
        (Point(1), "Point(x=1)"),
        ([Point(1)], "[Point(x=1)]"),
        (datetime(2026, 1, 2, tzinfo=UTC), "datetime.datetime(2026, 1, 2, 0, 0, tzinfo=datetime.timezone.utc)"),
        (b"ab", "b'ab'"),
    ],
)
def test_value_becomes_json(value: Any, shown: Any) -> None:
    assert json_safe(value) == shown


def test_not_a_number_is_null_only_where_asked_for() -> None:
    assert json.dumps(json_safe([float("nan"), float("inf")])) == "[NaN, Infinity]"
    assert json_safe([float("nan"), float("inf")], finite=True) == [None, None]


def test_value_that_contains_itself_is_shown() -> None:
    endless: list[Any] = []
    endless.append(endless)

    assert json_safe(endless) == "[[...]]"


def test_value_whose_repr_raises_is_named() -> None:
    class Rude:
        def __repr__(self) -> str:
            raise ValueError("no")

    assert json_safe(Rude()) == "<Rude, whose repr raises ValueError>"


@given(json_values)
def test_json_values_stay_as_they_are(value: Any) -> None:
    assert json_safe(value) == value


@given(st.dictionaries(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.integers(), max_size=5))
def test_keys_become_what_json_makes_of_them(value: Mapping[Any, int]) -> None:
    assert json.dumps(json_safe(value)) == json.dumps(json.loads(json.dumps(value)))
