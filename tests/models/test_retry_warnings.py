"""Where a user reads that a model call is tried again: beside the node, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow_folders import KnownConnections
from tests.model_servers import SECRET, ModelServer, chat_answer, error_answer
from tests.sandbox.test_batch_models import ask_flow

from pfstudio.engine.results import NodeRun
from pfstudio.sandbox.flow_test import run_flow_test
from pfstudio.sdk.prompty import Prompty
from pfstudio.sdk.run_log import RunLog


class Observer:
    def __init__(self) -> None:
        self.logs: list[tuple[str, str, str | None]] = []

    def node_started(self, node: str, index: int | None) -> None: ...

    def node_finished(self, run: NodeRun) -> None: ...

    def output_chunk(self, node: str, text: str) -> None: ...

    def log(self, level: str, message: str, node: str | None = None) -> None:
        self.logs.append((level, message, node))


@pytest.fixture
def busy() -> Iterator[ModelServer]:
    server = ModelServer(error_answer(429, f"slow down, {SECRET}", Retry_After="0"), chat_answer())
    yield server
    server.close()


def test_observer_of_a_test_hears_of_it_with_the_nodes_name(tmp_path: Path, busy: ModelServer) -> None:
    observer = Observer()
    flow = ask_flow(tmp_path / "flow")
    run_flow_test(flow, inputs={"given": 1}, connections=KnownConnections(busy.openai()), observer=observer)

    [(level, message, node)] = [entry for entry in observer.logs if "Trying again" in entry[1]]
    assert (level, node) == ("warning", "ask")
    assert "Error code: 429 - slow down" in message
    assert SECRET not in message


def test_log_of_a_test_has_it(tmp_path: Path, busy: ModelServer, capsys: pytest.CaptureFixture[str]) -> None:
    with RunLog(None, "run", to_stderr=True, level="info", scrub=str) as log:
        run_flow_test(
            ask_flow(tmp_path / "flow"),
            inputs={"given": 1},
            connections=KnownConnections(busy.openai()),
            observer=log,
        )

    [line] = [line for line in capsys.readouterr().err.splitlines() if "Trying again" in line]
    assert "WARNING" in line


def test_prompty_on_its_own_writes_to_the_log_of_python(
    tmp_path: Path, busy: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "ask.prompty"
    file.write_text(
        "---\nmodel:\n  configuration:\n    type: openai\n    model: m\n"
        f"    api_key: {SECRET}\n    base_url: {busy.url}/v1\n---\nuser:\nhello\n"
    )

    assert Prompty.load(file)() == "hi"
    assert [r.levelname for r in caplog.records if "Trying again" in r.message] == ["WARNING"]
