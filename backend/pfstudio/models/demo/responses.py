"""The demo model as a server of OpenAI's protocol sees itself: a request in, an HTTP answer out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from pfstudio.models.demo.answers import Reply, answer_chat, answer_completion
from pfstudio.models.demo.embeddings import embed
from pfstudio.models.tokens import estimate_tokens

MODEL: Final = "demo"


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer, its body in the pieces it is sent in."""

    status: int
    content_type: str
    pieces: Iterable[bytes]


def respond(method: str, path: str, body: bytes) -> Response:
    """Answer one request of OpenAI's protocol; Azure's addresses are understood too."""
    name = path.split("?", maxsplit=1)[0].rstrip("/")
    if method == "GET" and name.endswith("/models"):
        return _json(200, {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "pfstudio"}]})
    routes = {"/chat/completions": _chat, "/completions": _completion, "/embeddings": _embeddings}
    route = next((route for ending, route in routes.items() if name.endswith(ending)), None)
    if method != "POST" or route is None:
        return refusal(404, f"The demo model has no {method} {path}.")
    try:
        asked = json.loads(body)
        return route(asked) if isinstance(asked, dict) else refusal(400, "The body must be a JSON object.")
    except ValueError as error:
        return refusal(400, f"The body cannot be used: {error}")
    except (TypeError, KeyError, AttributeError, IndexError) as error:
        return refusal(400, f"The body does not have the shape of the interface: {type(error).__name__} {error}")


def _chat(asked: Mapping[str, Any]) -> Response:
    messages = asked.get("messages")
    if not isinstance(messages, list) or not messages:
        return refusal(400, "'messages' must be a list with at least one message.")
    reply = answer_chat(asked)
    usage = _usage(json.dumps(messages, ensure_ascii=False), reply)
    head = {"id": _id("chatcmpl", asked), "created": int(time.time()), "model": MODEL}
    if asked.get("stream"):
        return Response(200, "text/event-stream", _stream_chat(head, reply, usage if _wants_usage(asked) else None))
    choice = {"index": 0, "message": reply.message(), "finish_reason": reply.finish_reason, "logprobs": None}
    return _json(200, {**head, "object": "chat.completion", "choices": [choice], "usage": usage})


def _completion(asked: Mapping[str, Any]) -> Response:
    prompt = asked.get("prompt")
    text = "\n".join(map(str, prompt)) if isinstance(prompt, list) else str(prompt or "")
    reply = answer_completion(text, asked)
    usage = _usage(text, reply)
    head = {"id": _id("cmpl", asked), "object": "text_completion", "created": int(time.time()), "model": MODEL}
    if asked.get("stream"):
        parts = ({**head, "choices": [_text_choice(piece, None)]} for piece in _pieces_of(reply.text))
        ends: list[dict[str, Any]] = [{**head, "choices": [_text_choice("", reply.finish_reason)]}]
        if _wants_usage(asked):
            ends.append({**head, "choices": [], "usage": usage})
        return Response(200, "text/event-stream", _event_stream([*parts, *ends]))
    return _json(200, {**head, "choices": [_text_choice(reply.text, reply.finish_reason)], "usage": usage})


def _embeddings(asked: Mapping[str, Any]) -> Response:
    given = asked["input"]
    texts = given if isinstance(given, list) else [given]
    data = [{"object": "embedding", "index": index, "embedding": embed(str(text))} for index, text in enumerate(texts)]
    tokens = sum(estimate_tokens(str(text)) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return _json(200, {"object": "list", "model": MODEL, "data": data, "usage": usage})


def _text_choice(text: str, finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "text": text, "finish_reason": finish_reason, "logprobs": None}


def _stream_chat(head: Mapping[str, Any], reply: Reply, usage: Mapping[str, int] | None) -> Iterator[bytes]:
    def chunk(delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return {**head, "object": "chat.completion.chunk", "choices": [choice]}

    chunks = [chunk({"role": "assistant", "content": ""})]
    if reply.calls:
        calls = [{"index": index, **call} for index, call in enumerate(reply.calls)]
        chunks.append(chunk({"tool_calls": calls}))
    else:
        chunks += [chunk({"content": piece}) for piece in _pieces_of(reply.text)]
    chunks.append(chunk({}, reply.finish_reason))
    if usage is not None:
        chunks.append({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage})
    return _event_stream(chunks)


def _event_stream(chunks: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    for chunk in chunks:
        yield b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
    yield b"data: [DONE]\n\n"


def _pieces_of(text: str) -> Iterator[str]:
    """The text word by word, each with the space after it."""
    start = 0
    for index, character in enumerate(text):
        if character.isspace() and index + 1 < len(text) and not text[index + 1].isspace():
            yield text[start : index + 1]
            start = index + 1
    if start < len(text):
        yield text[start:]


def _id(prefix: str, asked: Mapping[str, Any]) -> str:
    """The same id for the same request: nothing about this model is left to chance."""
    return f"{prefix}-{blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=12).hexdigest()}"


def _wants_usage(asked: Mapping[str, Any]) -> bool:
    return bool((asked.get("stream_options") or {}).get("include_usage"))


def _usage(prompt: str, reply: Reply) -> dict[str, int]:
    asked = estimate_tokens(prompt)
    given = estimate_tokens(reply.text + json.dumps(reply.calls) if reply.calls else reply.text)
    return {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given}


def _json(status: int, body: Mapping[str, Any]) -> Response:
    return Response(status, "application/json", [json.dumps(body, ensure_ascii=False).encode()])


def refusal(status: int, message: str) -> Response:
    """An answer that says what is wrong with the request."""
    return _json(status, {"error": {"message": message, "type": "invalid_request_error", "code": None}})
