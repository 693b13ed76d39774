from __future__ import annotations

from typing import Any

import pytest

from flow_folders import TOOL
from pfstudio.engine.results import LineResult, RunStatus

LINES = [("A", "A"), ("B", "A"), ("crash", "A"), ("A", "A")]


def run_lines(executor: Any) -> list[LineResult]:
    lines = [executor.run_line({"answer": a, "truth": t}, index=i) for i, (a, t) in enumerate(LINES)]
    return [lines[3], lines[0], lines[2], lines[1]]  # Workers finish in any order.


def test_aggregation_sees_the_successful_lines_in_line_order(load_flow: Any) -> None:
    executor = load_flow("aggregation_metrics")

    result = executor.run_aggregation(run_lines(executor))

    assert result.outputs["accuracy"]["answers"] == ["A", "B", "A"]
    assert result.outputs["report"] == "67 percent"
    assert result.metrics == {"accuracy": pytest.approx(200 / 3), "lines": 3}
    assert [run.status for run in result.node_runs.values()] == [RunStatus.COMPLETED] * 2


def test_aggregation_does_not_run_where_no_line_succeeded(load_flow: Any) -> None:
    executor = load_flow("aggregation_metrics")
    failed = executor.run_line({"answer": "crash"})

    result = executor.run_aggregation([failed])

    assert (result.outputs, result.metrics, result.node_runs) == ({}, {}, {})


def test_failed_aggregation_node_keeps_the_metrics_logged_before(load_flow: Any, write_flow: Any) -> None:
    yaml = """
inputs: {a: {type: string, default: x}}
nodes:
- {name: bad, type: python, aggregation: true, source: {path: bad.py}, inputs: {a: "${inputs.a}"}}
- {name: behind, type: python, aggregation: true, source: {path: behind.py}, inputs: {b: "${bad.output}"}}
"""
    bad = "from promptflow.core import log_metric\n" + TOOL + "def bad(a):\n    log_metric('seen', len(a))\n    1 / 0\n"
    executor = load_flow(write_flow(yaml, {"bad.py": bad, "behind.py": TOOL + "def behind(b):\n    return b\n"}))

    result = executor.run_aggregation([executor.run_line({})])

    assert result.metrics == {"seen": 1}
    assert result.node_runs["bad"].error.message == "Execution failure in 'bad': (ZeroDivisionError) division by zero"
    assert "behind" not in result.node_runs


def test_bypassed_node_is_none_in_the_list_and_inputs_with_defaults_are_filled(load_flow: Any, write_flow: Any) -> None:
    yaml = """
inputs: {a: {type: int, default: "7"}, kind: {type: string}}
nodes:
- {name: n, type: python, source: {path: n.py}, inputs: {a: "${inputs.a}"}, activate: {when: "${inputs.kind}", is: on}}
- {name: g, type: python, reduce: true, source: {path: g.py}, inputs: {n: "${n.output}", a: "${inputs.a}"}}
"""
    files = {"n.py": TOOL + "def n(a):\n    return a\n", "g.py": TOOL + "def g(n, a):\n    return [n, a]\n"}
    executor = load_flow(write_flow(yaml, files))
    lines = [executor.run_line({"kind": kind}, index=i) for i, kind in enumerate(["on", "off"])]

    assert executor.run_aggregation(lines).outputs == {"g": [[7, None], [7, 7]]}


def test_flow_output_of_an_aggregation_node_is_left_out(load_flow: Any, write_flow: Any) -> None:
    yaml = """
outputs: {o: {type: string, reference: "${g.output}"}}
nodes:
- {name: g, type: python, aggregation: true, source: {path: g.py}}
"""
    executor = load_flow(write_flow(yaml, {"g.py": TOOL + "def g():\n    return 1\n"}))

    assert executor.run_line({}).outputs == {}


def test_metric_outside_an_aggregation_node_is_not_recorded_and_warns(load_flow: Any, write_flow: Any) -> None:
    yaml = "nodes:\n- {name: n, type: python, source: {path: n.py}}\n"
    logging = "from promptflow.core import log_metric\n" + TOOL + "def n():\n    log_metric('m', 1)\n"
    executor = load_flow(write_flow(yaml, {"n.py": logging}))

    with pytest.warns(RuntimeWarning, match="'m' was logged outside an aggregation node"):
        line = executor.run_line({})

    assert line.status is RunStatus.COMPLETED
