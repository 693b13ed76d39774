"""Answers kept between runs: what counts as the same call, what is kept, and how much."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from tests.model_servers import SECRET, Answer, ModelServer, chat_answer, error_answer, stream_answer

from pfstudio.models import recordings
from pfstudio.models.client import ModelClient
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.reuse import AnswerStore
from pfstudio.tracing.tracer import NodeTrace, open_node_trace

BODY = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}], "temperature": 0.5}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "model-calls"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer(lambda call: chat_answer(f"to {call.body.get('messages', [{}])[-1].get('content')}"))
    yield server
    server.close()


def ask(server: ModelServer, body: dict[str, Any] = BODY) -> Any:
    client = ModelClient(endpoint_of(server.openai()))
    try:
        return client.call("chat", body)
    finally:
        client.close()


def test_call_made_before_is_answered_from_what_was_kept(server: ModelServer, folder: Path) -> None:
    with recordings.installed(reuse=folder):
        first = ask(server)
    with recordings.installed(reuse=folder):
        second = ask(server)

    assert first == second
    assert (first.reused, second.reused) == (False, True)
    assert len(server.calls) == 1


def test_keeping_alone_answers_nothing(server: ModelServer, folder: Path) -> None:
    with recordings.installed(keep=folder):
        ask(server), ask(server)
    assert len(server.calls) == 2

    with recordings.installed(reuse=folder):
        assert ask(server).reused


@pytest.mark.parametrize(
    "changed",
    [
        {"temperature": 0.6},
        {"model": "gpt-4o"},
        {"seed": 1},
        {"n": 2},
        {"messages": [{"role": "user", "content": "hello "}]},
        {"messages": [{"role": "system", "content": "hello"}]},
        {"stream": True},
    ],
)
def test_call_that_differs_in_anything_is_made(changed: dict[str, Any], server: ModelServer, folder: Path) -> None:
    with recordings.installed(reuse=folder):
        ask(server)
        ask(server, {**BODY, **changed})

    assert len(server.calls) == 2


def test_another_server_is_another_call(server: ModelServer, folder: Path) -> None:
    other = ModelServer(chat_answer("from elsewhere"))
    with recordings.installed(reuse=folder):
        ask(server), ask(other)
    other.close()

    assert len(other.calls) == 1


def test_another_key_is_the_same_call(server: ModelServer, folder: Path) -> None:
    with recordings.installed(reuse=folder):
        for key in ("key-number-1", "key-number-2"):
            httpx.post(f"{server.url}/v1/chat/completions", json=BODY, headers={"api-key": key})

    assert len(server.calls) == 1
    assert b"key-number" not in b"".join(file.read_bytes() for file in folder.rglob("*.json"))


def test_streams_are_reused_as_streams(folder: Path) -> None:
    server = ModelServer(stream_answer("a ", "b"))

    async def pieces() -> list[str]:
        async with openai.AsyncOpenAI(api_key=SECRET, base_url=f"{server.url}/v1") as client:
            stream = await client.chat.completions.create(**BODY, stream=True)  # type: ignore[call-overload]  # A body.
            return [chunk.choices[0].delta.content async for chunk in stream]

    with recordings.installed(reuse=folder):
        assert asyncio.run(pieces()) == asyncio.run(pieces()) == ["a ", "b"]
    server.close()

    assert len(server.calls) == 1


def test_stream_without_its_end_is_not_reused(folder: Path) -> None:
    server = ModelServer(stream_answer("a ", "b ", done=False))
    client = ModelClient(endpoint_of(server.openai()))
    with recordings.installed(reuse=folder):
        pieces = client.stream("chat", {**BODY, "stream": True})
        next(pieces)
        pieces.close()
        assert len(list(client.stream("chat", {**BODY, "stream": True}))) == 2
    server.close()

    assert len(server.calls) == 2


@pytest.mark.parametrize("answer", [error_answer(400, "no"), error_answer(404, "not here")])
def test_refusals_are_never_reused(answer: Answer, folder: Path) -> None:
    server = ModelServer(answer, chat_answer("fine"))
    with recordings.installed(reuse=folder):
        httpx.post(f"{server.url}/v1/chat/completions", json=BODY)
        assert "fine" in httpx.post(f"{server.url}/v1/chat/completions", json=BODY).text
    server.close()


def test_node_counts_what_a_reused_call_saved(server: ModelServer, folder: Path) -> None:
    with recordings.installed(reuse=folder):
        ask(server)
        trace = NodeTrace("n")
        close = open_node_trace(trace)
        ask(server)
        close()

    assert trace.usage == {"reused_calls": 1, "saved_tokens": 5}


def test_broken_file_is_a_call_not_made_before(server: ModelServer, folder: Path) -> None:
    with recordings.installed(reuse=folder):
        ask(server)
        [file] = folder.rglob("*.json")
        file.write_text("{")
        assert not ask(server).reused

    assert len(server.calls) == 2


def test_only_its_user_can_read_what_is_kept(server: ModelServer, folder: Path) -> None:
    with recordings.installed(keep=folder):
        ask(server)

    [file] = folder.rglob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_folder_that_cannot_be_written_costs_a_warning(
    server: ModelServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "file"
    place.write_text("")
    with recordings.installed(keep=place):
        ask(server)
    assert caplog.records == [], "who did not ask for it was told"
    with recordings.installed(reuse=place):
        ask(server), ask(server)

    assert [record.message for record in caplog.records if "cannot be kept" in record.message] != []
    assert len(server.calls) == 3


def test_what_was_not_used_for_longest_is_forgotten_first(folder: Path) -> None:
    store = AnswerStore(folder)
    for number in range(20):
        store.put(f"{number:064x}", {"answer": "x"})
        os.utime(store._file(f"{number:064x}"), (number, number))
    store.get(f"{0:064x}")

    store.forget_oldest(10 * 4096)

    assert sorted(int(key, 16) for key, _ in store.entries()) == [0, *range(13, 20)]


def test_store_keeps_to_its_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PF_REUSE_MAX_MB", "4")
    store = AnswerStore(folder)
    for number in range(80):
        store.put(f"{number:064x}", {"answer": "x" * 2**20})

    assert AnswerStore(folder).summary().bytes <= 33 * 2**20, "it is looked at after each 32 MB"


def test_threads_may_keep_the_same_answer_at_the_same_time(folder: Path) -> None:
    store = AnswerStore(folder)
    threads = [
        threading.Thread(target=lambda: [store.put("a" * 64, {"answer": "y" * 10_000}) for _ in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        value = store.get("a" * 64)
        assert value is None or len(value["answer"]) == 10_000
        time.sleep(0.001)

    assert [file.name for file in folder.rglob("*.*")] == ["a" * 64 + ".json"]


def test_summary_counts_and_clear_deletes(server: ModelServer, folder: Path) -> None:
    with recordings.installed(keep=folder):
        ask(server), ask(server, {**BODY, "seed": 1})
    store = AnswerStore(folder)

    found = store.summary()
    assert (found.calls, found.nodes, found.saved_tokens) == (2, 0, 10)
    assert [value["body"]["model"] for value in store.values()] == ["gpt-4o-mini"] * 2
    assert store.clear().calls == 2
    assert store.summary().calls == 0


def test_recording_while_reusing_keeps_the_reused_answer(server: ModelServer, folder: Path, tmp_path: Path) -> None:
    with recordings.installed(reuse=folder):
        ask(server)
    with recordings.installed(reuse=folder, record=tmp_path / "calls.jsonl"):
        ask(server)
    with recordings.installed(replay=tmp_path / "calls.jsonl"):
        assert ask(server)["choices"][0]["message"]["content"] == "to hello"

    assert len(server.calls) == 1


def test_call_kept_by_one_thread_is_there_for_another(server: ModelServer, folder: Path) -> None:
    with recordings.installed(reuse=folder):
        thread = threading.Thread(target=ask, args=(server,))
        thread.start()
        thread.join()
        assert ask(server).reused
