"""Runs whose model calls are recorded, replayed and reused by worker processes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.model_servers import SECRET, Call, ModelServer, chat_answer, error_answer
from tests.sandbox.batches import Sink, run, write_flow
from tests.sandbox.test_batch_models import ask_flow

from pfstudio.sandbox.batch import ModelCalls

OPENAI_NODE = """\
import openai
client = openai.OpenAI(api_key="{secret}", base_url="{url}/v1")
answer = client.chat.completions.create(model="m", messages=[{{"role": "user", "content": str(given % 3)}}])
return answer.choices[0].message.content
"""


@pytest.fixture
def server() -> Iterator[ModelServer]:
    def answer(call: Call) -> object:
        return chat_answer("said " + call.body["messages"][-1]["content"])

    server = ModelServer(answer)  # type: ignore[arg-type]  # It is an `Answer`.
    yield server
    server.close()


def test_second_run_that_reuses_pays_for_no_call(tmp_path: Path, server: ModelServer) -> None:
    flow, folder = ask_flow(tmp_path / "flow"), tmp_path / "kept"
    first, _ = run(flow, 6, server.openai(), model_calls=ModelCalls(keep=folder))
    (tmp_path / "flow/node.py").write_text(
        "from promptflow.core import tool\n\n@tool\ndef node(given: str):\n    return given + '!'\n"
    )
    second, sink = run(flow, 6, server.openai(), model_calls=ModelCalls(reuse=folder))

    assert len(server.calls) == 6
    assert sink.outputs() == [f"said {n}!" for n in range(6)]
    assert all(record["reused"] is True for record in sink.records.values())
    assert first.system_metrics["total_tokens"] == 30
    assert second.system_metrics["total_tokens"] == 0
    assert (second.system_metrics["reused_calls"], second.system_metrics["saved_tokens"]) == (6, 30)


def test_reused_call_is_marked_in_the_nodes_calls(tmp_path: Path, server: ModelServer) -> None:
    flow, folder = ask_flow(tmp_path / "flow"), tmp_path / "kept"
    for _ in range(2):
        _, sink = run(flow, 1, server.openai(), model_calls=ModelCalls(reuse=folder))

    [call] = sink.records[0]["node_runs"][0]["api_calls"][0]["children"]
    assert call["reused"] is True
    assert call["system_metrics"]["total_tokens"] == 0


def test_calls_of_users_own_library_are_recorded_and_replayed(tmp_path: Path, server: ModelServer) -> None:
    flow = write_flow(tmp_path / "flow", OPENAI_NODE.format(secret=SECRET, url=server.url))
    file = tmp_path / "calls.jsonl"
    _, recorded = run(flow, 9, model_calls=ModelCalls(record=file), workers=3)
    server.close()
    outcome, replayed = run(flow, 9, model_calls=ModelCalls(replay=file), workers=3)

    assert outcome.completed == 9, replayed.messages()
    assert recorded.outputs() == replayed.outputs() == [f"said {n % 3}" for n in range(9)]
    assert len(file.read_text().splitlines()) == 9
    assert SECRET not in file.read_text()


def test_line_whose_call_was_not_recorded_fails_with_its_reason(tmp_path: Path, server: ModelServer) -> None:
    flow = write_flow(tmp_path / "flow", OPENAI_NODE.format(secret=SECRET, url=server.url))
    file = tmp_path / "calls.jsonl"
    run(flow, 2, model_calls=ModelCalls(record=file))
    made = len(server.calls)
    outcome, sink = run(flow, 3, model_calls=ModelCalls(replay=file))

    assert (outcome.completed, outcome.failed, len(server.calls)) == (2, 1, made)
    assert "is not in the recording" in sink.messages()[2]


ASYNC_NODE = """\
import httpx
from promptflow.core import tool

@tool
async def node(given: int):
    async with httpx.AsyncClient() as client:
        asked = {{"model": "m", "messages": [{{"role": "user", "content": str(given)}}]}}
        try:
            answer = await client.post("{url}/v1/chat/completions", json=asked)
        except Exception:
            return "swallowed"
        return answer.json()["choices"][0]["message"]["content"]
"""


def test_code_that_catches_every_exception_cannot_hide_a_call_that_was_not_recorded(
    tmp_path: Path, server: ModelServer
) -> None:
    flow = write_flow(tmp_path / "flow", "return given")
    (tmp_path / "flow/node.py").write_text(ASYNC_NODE.format(url=server.url))
    file = tmp_path / "calls.jsonl"
    run(flow, 1, model_calls=ModelCalls(record=file))
    _, sink = run(flow, 2, model_calls=ModelCalls(replay=file))

    assert sink.outputs() == ["said 0", None]
    assert "is not in the recording" in sink.messages()[1]


def test_run_whose_recording_is_not_there_fails_before_its_first_line(tmp_path: Path, server: ModelServer) -> None:
    outcome, _ = run(
        ask_flow(tmp_path / "flow"), 2, server.openai(), model_calls=ModelCalls(replay=tmp_path / "none.jsonl")
    )

    assert outcome.status == "Failed"
    assert outcome.error is not None
    assert "There is no recording" in outcome.error.message


def test_python_node_that_allows_it_is_not_run_again(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    flow = write_flow(tmp_path / "flow", f"open({str(ran)!r}, 'a').write(f'{{given}} ')\nreturn {{'twice': given * 2}}")
    plain = flow.read_text()
    reuse = ModelCalls(reuse=tmp_path / "kept")

    for text in (plain, plain):
        flow.write_text(text)
        run(flow, 2, model_calls=reuse)
    assert sorted(ran.read_text().split()) == ["0", "0", "1", "1"], "a node that does not ask for it was not run"

    ran.write_text("")
    flow.write_text(plain.replace("  type: python\n", "  type: python\n  enable_cache: true\n"))
    _, first = run(flow, 2, model_calls=reuse)
    _, second = run(flow, 3, model_calls=reuse)
    assert sorted(ran.read_text().split()) == ["0", "1", "2"]
    assert first.outputs() == second.outputs()[:2] == [{"twice": 0}, {"twice": 2}]
    assert second.records[0]["node_runs"][0]["api_calls"][0]["reused"] is True

    node = tmp_path / "flow/node.py"
    node.write_text(node.read_text().replace("given * 2", "given * 3"))
    _, third = run(flow, 2, model_calls=reuse)
    assert third.outputs() == [{"twice": 0}, {"twice": 3}], "changed code was answered from before"


def test_retries_are_told_while_the_line_still_waits(tmp_path: Path) -> None:
    server = ModelServer(error_answer(429, "slow down", Retry_After="1"), chat_answer())
    told: list[float] = []

    class Watching(Sink):
        def log(self, level: str, message: str) -> None:
            super().log(level, message)
            if "Trying again" in message:
                told.append(time.monotonic())

    sink = Watching(lambda _: told.append(time.monotonic()))
    outcome, _ = run(ask_flow(tmp_path / "flow"), 1, server.openai(), sink=sink, workers=1)
    server.close()

    assert outcome.completed == 1
    warned, ended = told
    assert ended - warned > 0.5, sink.text()
    assert SECRET not in json.dumps(sink.logs)
