"""Flex flows and prompties run over lines as DAG flows do."""

from __future__ import annotations

from pathlib import Path

from tests.model_server import model_server
from tests.sandbox.batches import run

from pfstudio.connections.types import OpenAIConnection


def test_a_function_is_run_for_every_line(tmp_path: Path) -> None:
    code = "def answer(given: int):\n    return {'out': given + 1}\n"
    (tmp_path / "flow").mkdir()
    (tmp_path / "flow/flow.flex.yaml").write_text("entry: grading:answer\n")
    (tmp_path / "flow/grading.py").write_text(code)

    outcome, sink = run(tmp_path / "flow/flow.flex.yaml", 6)

    assert (outcome.status, sink.outputs()) == ("Completed", [1, 2, 3, 4, 5, 6])
    assert sink.records[0]["node_runs"] == []


def test_a_class_is_made_with_init_and_aggregates_the_outputs_of_its_lines(tmp_path: Path) -> None:
    code = (
        "class Grade:\n    def __init__(self, base: int = 0):\n        self.base = base\n"
        "    def __call__(self, given: int):\n        assert given != 2\n"
        "        return {'out': given + self.base}\n"
        "    def __aggregate__(self, lines: list):\n"
        "        return {'total': sum(line['out'] for line in lines), 'count': len(lines)}\n"
    )
    (tmp_path / "flow").mkdir()
    (tmp_path / "flow/flow.flex.yaml").write_text("entry: grading:Grade\n")
    (tmp_path / "flow/grading.py").write_text(code)

    outcome, sink = run(tmp_path / "flow/flow.flex.yaml", 4, init={"base": 10})

    assert sink.outputs() == [10, 11, None, 13]
    assert outcome.metrics == {"total": 34, "count": 3}
    assert outcome.aggregation_errors == []


def test_an_aggregation_of_a_class_that_fails_leaves_the_run_completed(tmp_path: Path) -> None:
    code = (
        "class Grade:\n    def __call__(self, given: int):\n        return {'out': given}\n"
        "    def __aggregate__(self, lines: list):\n        return 1 // 0\n"
    )
    (tmp_path / "flow").mkdir()
    (tmp_path / "flow/flow.flex.yaml").write_text("entry: grading:Grade\n")
    (tmp_path / "flow/grading.py").write_text(code)

    outcome, sink = run(tmp_path / "flow/flow.flex.yaml", 3)

    assert (outcome.status, outcome.completed, outcome.metrics) == ("Completed", 3, {})
    assert "Failed to execute aggregation function with error: " in sink.text()


def test_a_prompty_is_asked_for_every_line(tmp_path: Path) -> None:
    (tmp_path / "flow").mkdir()
    file = tmp_path / "flow/ask.prompty"
    file.write_text(
        "---\nname: ask\nmodel:\n  api: chat\n  configuration:\n    type: openai\n    model: m\n"
        "    connection: server\ninputs:\n  given: {type: string}\n---\nuser:\nsay {{given}}\n"
    )
    with model_server(lambda body: body["messages"][-1]["content"].upper()) as server:
        known = OpenAIConnection(name="server", api_key="sk-12345678", base_url=server.url)
        outcome, sink = run(file, [(n, {"given": f"word{n}"}) for n in range(3)], known)

    assert outcome.status == "Completed", outcome.error
    assert [sink.records[n]["outputs"] for n in range(3)] == [{"output": f"SAY WORD{n}"} for n in range(3)]
    assert outcome.system_metrics["total_tokens"] == 30
