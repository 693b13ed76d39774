"""`pf flow test --record`, `--replay` and `--reuse`, with a real server that counts what it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model_server import ModelServer, model_server

from .conftest import Ended, write_flow

Pf = Callable[..., Ended]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(lambda body: f"answer to {body['messages'][-1]['content']}") as running:
        yield running


@pytest.fixture
def asking(pf: Pf, tmp_path: Path, server: ModelServer) -> Path:
    """A flow that asks the server, by a connection of the user's."""
    write_flow(
        tmp_path,
        {
            "ask/flow.dag.yaml": "inputs: {q: {type: string, default: one}}\n"
            "outputs: {a: {type: string, reference: '${ask.output}'}}\n"
            "nodes:\n- name: ask\n  type: llm\n  source: {type: code, path: ask.jinja2}\n  api: chat\n"
            "  connection: mine\n  inputs: {model: m, q: '${inputs.q}'}\n",
            "ask/ask.jinja2": "# user:\n{{q}}\n",
            "c.yaml": f"name: mine\ntype: open_ai\napi_key: sk-secret-7Q\nbase_url: {server.url}\n",
        },
    )
    assert pf("connection", "create", "-f", "c.yaml").code == 0
    return tmp_path / "ask"


def test_a_recorded_test_runs_again_without_the_server(pf: Pf, asking: Path, server: ModelServer) -> None:
    recorded = pf("flow", "test", "--flow", "ask", "--record", "calls.jsonl")
    asked = len(server.requests)

    replayed = pf("flow", "test", "--flow", "ask", "--replay", "calls.jsonl")

    assert json.loads(recorded.out) == json.loads(replayed.out) == {"a": "answer to one"}
    assert (asked, len(server.requests)) == (1, 1)
    assert "sk-secret-7Q" not in (asking.parent / "calls.jsonl").read_text()


def test_a_call_the_recording_does_not_know_fails(pf: Pf, asking: Path, server: ModelServer) -> None:
    pf("flow", "test", "--flow", "ask", "--record", "calls.jsonl")

    ended = pf("flow", "test", "--flow", "ask", "--inputs", "q=two", "--replay", "calls.jsonl")

    assert (ended.code, ended.out, len(server.requests)) == (1, "", 1)
    assert ended.last_error_line.startswith("pf.flow.test failed with ")


def test_answers_are_reused_when_asked_for(pf: Pf, asking: Path, server: ModelServer) -> None:
    outputs = [pf("flow", "test", "--flow", "ask", "--reuse").out for _ in range(3)]
    pf("flow", "test", "--flow", "ask")
    pf("flow", "test", "--flow", "ask", "--inputs", "q=two", "--reuse")

    assert [json.loads(output) for output in outputs] == [{"a": "answer to one"}] * 3
    assert [request["messages"][-1]["content"] for request in server.requests] == ["one", "one", "two"]


def test_a_recording_that_is_not_there_is_one_line(pf: Pf, asking: Path) -> None:
    ended = pf("flow", "test", "--flow", "ask", "--replay", "nothing.jsonl")

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert "There is no recording" in ended.err
