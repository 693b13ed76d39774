"""A batch run's lines: what comes of each, and of the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.model_server import model_server
from tests.sandbox.batches import Sink, run, write_flow

from pfstudio.connections.types import CustomConnection, OpenAIConnection
from pfstudio.sandbox.batch_processes import Method

SUM = "log_metric('total', sum(values))\nlog_metric('lines', given)\nreturn sum(values)"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_every_line_is_run_once_and_recorded(tmp_path: Path, method: Method) -> None:
    flow = write_flow(tmp_path / "flow", "return given * 2")

    outcome, sink = run(flow, 30, method=method)

    assert (outcome.status, outcome.completed, outcome.failed) == ("Completed", 30, 0)
    assert sink.outputs() == [n * 2 for n in range(30)]
    assert sink.told[-1] == (30, 0, 30)


def test_a_record_holds_the_line_as_the_original_s_files_have_it(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "print('said')\nreturn given")

    _, sink = run(flow, [(7, {"given": "7", "line_number": 7})])

    record = sink.records[7]
    assert record["inputs"] == {"given": 7, "line_number": 7}
    assert record["outputs"] == {"out": 7}
    assert record["run_info"]["run_id"] == "run_7"
    assert record["run_info"]["index"] == 7
    assert [run["run_id"] for run in record["node_runs"]] == ["run_node_7"]
    assert record["node_runs"][0]["logs"]["stdout"].endswith("said\n")
    assert set(record["system_metrics"]) == {"duration", "prompt_tokens", "completion_tokens", "total_tokens"}
    assert "aggregation" not in record
    assert ("stdout", "[node in line 7 (index starts from 0)] stdout> said") in sink.logs


def test_a_line_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return 10 // (given - 3)")

    outcome, sink = run(flow, 6)

    assert (outcome.status, outcome.error, outcome.completed, outcome.failed) == ("Completed", None, 5, 1)
    assert sink.messages() == {3: "Execution failure in 'node': (ZeroDivisionError) integer division or modulo by zero"}
    assert "outputs" not in sink.records[3]
    assert outcome.system_metrics["__pf__.lines.failed"] == 1
    assert outcome.system_metrics["__pf__.nodes.node.completed"] == 5
    assert outcome.system_metrics["__pf__.nodes.node.failed"] == 1


def test_a_flow_that_cannot_be_loaded_fails_the_run_and_no_line(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given", helpers={"node.py": "import not_there\n"})

    outcome, sink = run(flow, 5)

    assert outcome.status == "Failed"
    assert outcome.error is not None
    assert outcome.error.type == "PythonLoadError"
    assert "not_there" in outcome.error.message
    assert not sink.records


def test_aggregation_runs_over_the_successful_lines_in_their_order(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "assert given != 2\nreturn given", aggregation=SUM)

    outcome, _ = run(flow, 5)

    assert outcome.metrics == {"total": 8, "lines": [0, 1, 3, 4]}
    assert [record["run_id"] for record in outcome.aggregation_records] == ["run_sum_reduce"]
    assert outcome.aggregation_records[0]["output"] == 8


def test_aggregation_does_not_run_where_every_line_failed(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "raise ValueError", aggregation=SUM)

    outcome, _ = run(flow, 3)

    assert (outcome.status, outcome.failed, outcome.metrics) == ("Completed", 3, {})
    assert not outcome.aggregation_records


def test_an_aggregation_that_fails_leaves_the_run_completed_with_an_error_of_its_node(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given", aggregation="log_metric('before', 1)\nreturn 1 // 0")

    outcome, sink = run(flow, 3)

    assert outcome.status == "Completed"
    assert outcome.metrics == {"before": 1}
    assert [error["aggregation_node_name"] for error in outcome.aggregation_errors] == ["sum"]
    assert "ZeroDivisionError" in outcome.aggregation_errors[0]["error"]["message"]
    assert any(level == "warning" and "'sum'" in message for level, message in sink.logs)


def test_an_aggregation_that_ends_its_process_leaves_the_run_completed(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given", aggregation="import os\nos._exit(3)")

    outcome, _ = run(flow, 3)

    assert (outcome.status, outcome.completed, outcome.metrics) == ("Completed", 3, {})
    assert "exit code 3" in outcome.aggregation_errors[0]["error"]["message"]


def test_values_for_the_aggregation_keep_their_python_types(tmp_path: Path) -> None:
    body = "from datetime import date\nreturn {'day': date(2026, 1, given + 1), 'pair': (1, 2)}"
    total = "log_metric('days', [type(v['day']).__name__ for v in values])\nlog_metric('pair', repr(values[0]['pair']))"
    flow = write_flow(tmp_path / "flow", body, aggregation=total)
    flow.write_text(flow.read_text().replace('reference: "${node.output}"', 'reference: "${inputs.given}"'))

    outcome, _ = run(flow, 2)

    assert outcome.metrics == {"days": ["date", "date"], "pair": "(1, 2)"}


def test_a_resumed_run_aggregates_lines_that_were_done_before_in_line_order(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given", aggregation=SUM)
    _, first = run(flow, [(n, {"given": n, "line_number": n}) for n in (3, 1)])

    rest = [(n, {"given": n, "line_number": n}) for n in (0, 2)]
    outcome, second = run(flow, rest, finished=[*first.records.values()])

    assert sorted(second.records) == [0, 2]
    assert outcome.metrics == {"total": 6, "lines": [0, 1, 2, 3]}


def test_a_resumed_run_with_no_line_left_still_aggregates(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given", aggregation=SUM)
    _, first = run(flow, 3)

    outcome, second = run(flow, [], finished=[*first.records.values()])

    assert (outcome.status, outcome.metrics["total"], second.records) == ("Completed", 3, {})


def test_workers_ask_the_caller_for_connections_and_records_do_not_show_their_secrets(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "")
    text = flow.read_text().replace('inputs: {given: "${inputs.given}"}', "inputs: {key: mine}")
    flow.write_text(text)
    code = (
        "from promptflow.core import tool\nfrom promptflow.connections import CustomConnection\n"
        "@tool\ndef node(key: CustomConnection):\n    print('I say', key.secret)\n"
        "    return key.config + key.secret[:2]\n"
    )
    (flow.parent / "node.py").write_text(code)
    mine = CustomConnection(name="mine", configs={"config": "c"}, secrets={"secret": "sesame-open-wide"})

    _, sink = run(flow, 2, mine)

    assert sink.outputs() == ["cse", "cse"]
    assert "sesame-open-wide" not in str(sink.records) + sink.text()


def test_a_connection_that_does_not_exist_fails_the_run(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given")
    flow.write_text(flow.read_text() + "environment_variables: {KEY: '${nobody.api_key}'}\n")

    outcome, _ = run(flow, 2)

    assert outcome.error is not None
    assert outcome.error.type == "ConnectionNotFoundError"


def test_tokens_are_counted_for_each_line_and_for_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "flow"
    folder.mkdir()
    (folder / "ask.jinja2").write_text("user:\n{{q}}\n")
    (folder / "flow.dag.yaml").write_text(
        "inputs: {given: {type: string}}\noutputs: {out: {type: string, reference: '${ask.output}'}}\n"
        "nodes:\n- name: ask\n  type: llm\n  source: {type: code, path: ask.jinja2}\n  connection: server\n"
        "  api: chat\n  inputs: {model: m, q: '${inputs.given}'}\n"
    )
    with model_server(lambda body: body["messages"][-1]["content"].upper()) as server:
        known = OpenAIConnection(name="server", api_key="sk-12345678", base_url=server.url)
        lines = [(n, {"given": word}) for n, word in enumerate(("ab", "cd", "ef"))]
        outcome, sink = run(folder / "flow.dag.yaml", lines, known)

    assert sink.outputs() == ["AB", "CD", "EF"]
    assert sink.records[1]["system_metrics"]["total_tokens"] == 10
    assert outcome.system_metrics["total_tokens"] == 30


def test_what_the_sink_raises_ends_the_batch(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "import time\ntime.sleep(given)\nreturn given")

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run(flow, 4, sink=Sink(full))


def test_the_callers_environment_and_search_path_are_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/found_only_by_path.py").write_text("VALUE = 'found'\n")
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    monkeypatch.setenv("OF_THE_CALLER", "kept")
    flow = write_flow(
        tmp_path / "flow", "import os, found_only_by_path as f\nreturn f.VALUE + os.environ['OF_THE_CALLER']"
    )

    _, sink = run(flow, 1)

    assert sink.outputs() == ["foundkept"]
