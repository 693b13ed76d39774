"""Lines that call models: how many run at a time, and what a server's 429 does to the run."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from tests.model_servers import Answer, Call, ModelServer, chat_answer, error_answer
from tests.sandbox.batches import run, write_flow

from pfstudio.sandbox.batch import ModelCalls
from pfstudio.sandbox.batch_processes import Method


def ask_flow(folder: Path) -> Path:
    """A flow that asks a model and passes its answer through a python node."""
    flow = write_flow(folder, "return given")
    (folder / "ask.jinja2").write_text("user:\n{{q}}\n")
    ask = (
        "- name: ask\n  type: llm\n  source: {type: code, path: ask.jinja2}\n  connection: my_openai\n  api: chat\n"
        "  inputs: {model: m, q: '${inputs.given}'}\n"
    )
    text = flow.read_text().replace('inputs: {given: "${inputs.given}"}', "inputs: {given: '${ask.output}'}")
    flow.write_text(text.replace("nodes:\n", f"nodes:\n{ask}"))
    return flow


@pytest.fixture
def server() -> ModelServer:
    return ModelServer(Answer(body=chat_answer().body, hang=0.5))


def test_lines_that_wait_for_a_model_get_many_workers(tmp_path: Path, server: ModelServer) -> None:
    with_server = server.openai()
    try:
        started = time.monotonic()
        outcome, _ = run(ask_flow(tmp_path / "flow"), 60, with_server)
    finally:
        server.close()

    assert outcome.completed == 60
    assert time.monotonic() - started < 60 * 0.5 / 4, "no faster than four workers"


def test_a_number_of_workers_that_was_asked_for_is_kept(tmp_path: Path) -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def slowly(_: Call) -> Answer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        with lock:
            running -= 1
        return chat_answer()

    server = ModelServer(slowly)
    try:
        run(ask_flow(tmp_path / "flow"), 20, server.openai(), workers=3)
    finally:
        server.close()

    assert most <= 3


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_429_makes_every_worker_wait(tmp_path: Path, method: Method) -> None:
    refused: list[float] = []
    later: list[float] = []
    lock = threading.Lock()

    def busy(_: Call) -> Answer:
        with lock:
            now = time.monotonic()
            if not refused:
                refused.append(now)
                return error_answer(429, "slow down", Retry_After="2")
            later.append(now)
        time.sleep(0.4)
        return chat_answer()

    server = ModelServer(busy)
    try:
        outcome, _ = run(ask_flow(tmp_path / "flow"), 8, server.openai(), workers=2, method=method)
    finally:
        server.close()

    assert outcome.completed == 8
    between = [moment for moment in later if 0.6 < moment - refused[0] < 1.8]
    assert not between, "a worker went on asking while the server wanted a pause"


def test_calls_that_were_recorded_are_answered_without_the_server(tmp_path: Path) -> None:
    flow = ask_flow(tmp_path / "flow")
    file = tmp_path / "calls.jsonl"
    server = ModelServer(lambda call: chat_answer(f"re: {call.body['messages'][-1]['content']}"))
    known = server.openai()
    try:
        _, first = run(flow, 6, known, model_calls=ModelCalls(record=file))
    finally:
        server.close()

    outcome, again = run(flow, 6, known, model_calls=ModelCalls(replay=file))
    unknown, _ = run(flow, [(0, {"given": 99})], known, model_calls=ModelCalls(replay=file))

    assert first.outputs() == again.outputs() == [f"re: {n}" for n in range(6)]
    assert (outcome.failed, unknown.failed) == (0, 1)


def test_lines_whose_calls_an_earlier_run_made_are_answered_from_it_and_marked(tmp_path: Path) -> None:
    flow = ask_flow(tmp_path / "flow")
    server = ModelServer(chat_answer())
    known = server.openai()
    try:
        run(flow, 4, known, model_calls=ModelCalls(keep=tmp_path / "answers"))
        asked = len(server.calls)
        outcome, sink = run(flow, 5, known, model_calls=ModelCalls(reuse=tmp_path / "answers"))
    finally:
        server.close()

    assert (asked, len(server.calls)) == (4, 5)
    assert [sink.records[n].get("reused", False) for n in range(5)] == [True] * 4 + [False]
    assert outcome.system_metrics["reused_calls"] == 4
