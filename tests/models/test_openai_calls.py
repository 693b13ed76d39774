"""Calls of users' code with OpenAI's own library: what of them shows in the record of a node."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from tests.model_servers import SECRET, Answer, ModelServer, chat_answer, error_answer, stream_answer

from pfstudio.models.openai_watch import watch_openai
from pfstudio.tracing.tracer import NodeTrace, open_node_trace

ASKED: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
TOKENS = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


@pytest.fixture
def trace() -> Iterator[NodeTrace]:
    watch_openai()
    opened = NodeTrace("n")
    close = open_node_trace(opened)
    yield opened
    close()


def client(server: ModelServer) -> openai.OpenAI:
    return openai.OpenAI(api_key=SECRET, base_url=f"{server.url}/v1", max_retries=0)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer(chat_answer())
    yield server
    server.close()


def test_call_is_recorded_with_its_tokens_and_cost(trace: NodeTrace, server: ModelServer) -> None:
    answer = client(server).chat.completions.create(**ASKED, extra_headers={"x-secret": "1"})

    [call] = trace.calls
    assert answer.choices[0].message.content == "hi"
    assert (call["name"], call["type"], call["node_name"]) == ("openai_chat", "LLM", "n")
    assert call["inputs"] == ASKED
    assert call["output"]["choices"][0]["message"]["content"] == "hi"
    assert TOKENS.items() <= trace.usage.items()
    assert trace.usage["estimated_cost"] == pytest.approx((3 * 0.15 + 2 * 0.6) / 1e6)


def test_async_call_is_recorded(trace: NodeTrace, server: ModelServer) -> None:
    async def ask() -> Any:
        async with openai.AsyncOpenAI(api_key=SECRET, base_url=f"{server.url}/v1") as asking:
            return await asking.chat.completions.create(**ASKED)

    asyncio.run(ask())

    assert [call["name"] for call in trace.calls] == ["openai_chat_async"]
    assert trace.usage["total_tokens"] == 5


def test_stream_is_recorded_once_it_is_read(trace: NodeTrace) -> None:
    server = ModelServer(stream_answer("a ", "b"))
    stream = client(server).chat.completions.create(**ASKED, stream=True)
    assert trace.calls == []
    text = "".join(piece.choices[0].delta.content or "" for piece in stream)
    server.close()

    [call] = trace.calls
    assert text == "a b"
    assert len(call["output"]) == 2


def test_async_stream_is_recorded(trace: NodeTrace) -> None:
    server = ModelServer(stream_answer("a ", "b"))

    async def ask() -> str:
        async with openai.AsyncOpenAI(api_key=SECRET, base_url=f"{server.url}/v1") as asking:
            stream = await asking.chat.completions.create(**ASKED, stream=True)
            return "".join([piece.choices[0].delta.content or "" async for piece in stream])

    assert asyncio.run(ask()) == "a b"
    server.close()

    assert len(trace.calls) == 1


def test_call_that_fails_is_recorded_with_its_error(trace: NodeTrace) -> None:
    server = ModelServer(error_answer(400, "no"))
    with pytest.raises(openai.BadRequestError):
        client(server).chat.completions.create(**ASKED)
    server.close()

    [call] = trace.calls
    assert call["error"]["type"] == "BadRequestError"
    assert trace.usage == {}


def test_embeddings_are_recorded(trace: NodeTrace) -> None:
    body = {
        "object": "list",
        "model": "text-embedding-3-small",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
        "usage": {"prompt_tokens": 4, "total_tokens": 4},
    }
    server = ModelServer(Answer(body=body))
    client(server).embeddings.create(model="text-embedding-3-small", input="x", encoding_format="float")
    server.close()

    assert (trace.calls[0]["name"], trace.calls[0]["type"]) == ("openai_embeddings", "Embedding")
    assert trace.usage["prompt_tokens"] == 4


def test_raw_answers_stay_raw(trace: NodeTrace, server: ModelServer) -> None:
    raw = client(server).chat.completions.with_raw_response.create(**ASKED)

    assert raw.headers["content-type"] == "application/json"
    assert raw.parse().choices[0].message.content == "hi"
    assert trace.usage["total_tokens"] == 5
    with client(server).chat.completions.with_streaming_response.create(**ASKED) as streamed:
        assert b'"hi"' in streamed.read()


def test_outside_of_nodes_nothing_is_recorded(server: ModelServer) -> None:
    watch_openai()

    assert client(server).chat.completions.create(**ASKED).choices[0].message.content == "hi"
