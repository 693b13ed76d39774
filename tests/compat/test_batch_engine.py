"""The engine's own classes, as scripts of the wild use them: the answers are the original's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from promptflow._core.connection_manager import ConnectionManager
from promptflow._utils._errors import ApplyInputMappingError
from promptflow._utils.load_data import load_data
from promptflow.batch import BatchEngine
from promptflow.contracts.flow import Flow, InputValueType
from promptflow.contracts.run_info import Status
from promptflow.contracts.tool import ValueType
from promptflow.executor import FlowExecutor
from promptflow.executor.flow_executor import execute_flow
from promptflow.storage import AbstractRunStorage

TOOL = """
from promptflow.core import tool
@tool
def f(q: str, n: int = 2):
    if q == "bad":
        raise ValueError("bad q")
    return q * n
"""
COUNT = """
from promptflow.core import tool, log_metric
@tool
def g(a: list, q: list):
    log_metric("count", len(a))
    return {"all": a, "q": q}
"""
DAG = """
inputs: {q: {type: string}, n: {type: int, default: 3}}
outputs: {a: {type: string, reference: "${n1.output}"}}
nodes:
- {name: n1, type: python, source: {type: code, path: t.py}, inputs: {q: "${inputs.q}", n: "${inputs.n}"}}
- {name: agg, type: python, source: {type: code, path: agg.py}, aggregation: true,
   inputs: {a: "${n1.output}", q: "${inputs.q}"}}
"""


class Seen(AbstractRunStorage):
    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.lines: list[Any] = []

    def persist_node_run(self, run_info: Any) -> None:
        self.nodes.append((run_info.node, run_info.index, run_info.status, run_info.run_id))

    def persist_flow_run(self, run_info: Any) -> None:
        self.lines.append((run_info.run_id, run_info.status, run_info.output, run_info.inputs))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"t.py": TOOL, "agg.py": COUNT, "flow.dag.yaml": DAG}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "data.jsonl").write_text('{"q": "a"}\n{"q": "bad"}\n{"q": "c"}\n')
    return tmp_path


def test_a_batch_writes_outputs_and_tells_the_storage(folder: Path) -> None:
    seen = Seen()
    engine = BatchEngine(folder / "flow.dag.yaml", folder, connections={}, storage=seen)

    result = engine.run({"data": folder / "data.jsonl"}, {"q": "${data.q}"}, folder / "out", run_id="rid")

    assert (result.status, result.total_lines, result.completed_lines, result.failed_lines) == ("Completed", 3, 2, 1)
    assert result.node_status == {"n1.completed": 2, "n1.failed": 1, "agg.completed": 1}
    assert result.metrics == {"count": 2}
    assert [each.line_number for each in result.error_summary.error_list] == [1]
    assert result.error_summary.failed_user_error_lines == 1
    outputs = (folder / "out/output.jsonl").read_text()
    assert outputs == '{"line_number": 0, "a": "aaa"}\n{"line_number": 2, "a": "ccc"}\n'
    assert sorted(seen.nodes, key=str)[0] == ("agg", None, Status.Completed, "rid_agg_reduce")
    assert ("rid_2", Status.Completed, {"a": "ccc"}, {"q": "c", "line_number": 2, "n": 3}) in seen.lines


def test_a_mapping_that_leads_nowhere_is_refused(folder: Path) -> None:
    engine = BatchEngine(folder / "flow.dag.yaml", folder)

    with pytest.raises(ApplyInputMappingError, match="zzz"):
        engine.run({"data": "data.jsonl"}, {"q": "${data.zzz}"}, "out")


def test_a_flow_is_run_once_with_its_aggregation(folder: Path) -> None:
    result = execute_flow("flow.dag.yaml", folder, Path("out"), {}, {"q": "x"})

    assert result.output == {"a": "xxx"}
    assert list(result.node_run_infos) == ["n1", "agg"]


def test_an_executor_tells_the_storage(folder: Path) -> None:
    seen = Seen()

    FlowExecutor.create(folder / "flow.dag.yaml", {}, storage=seen).exec_line({"q": "x"}, index=5)

    assert [each[:3] for each in seen.nodes] == [("n1", 5, Status.Completed)]
    assert seen.lines[0][2] == {"a": "xxx"}


def test_connections_come_as_promptflow_passed_them() -> None:
    value = {"type": "CustomConnection", "value": {"key": "k", "url": "u"}, "secret_keys": ["key"]}

    connection = ConnectionManager({"c": value}).get("c")

    assert (dict(connection.secrets), dict(connection.configs)) == ({"key": "k"}, {"url": "u"})


def test_a_flow_file_can_be_looked_at(folder: Path) -> None:
    flow = Flow.from_yaml("flow.dag.yaml", folder)

    assert (flow.inputs["n"].type, flow.inputs["n"].default) == (ValueType.INT, 3)
    assert flow.outputs["a"].reference.value == "n1"
    given = flow.nodes[0].inputs["q"]
    assert (given.value_type, given.value) == (InputValueType.FLOW_INPUT, "q")
    assert flow.has_aggregation_node()
    assert not flow.is_chat_flow()
    assert flow.get_connection_names() == set()


def test_data_is_read_as_a_run_reads_it(folder: Path) -> None:
    assert load_data(folder / "data.jsonl", max_rows_count=1) == [{"q": "a"}]
