"""The demo model: a small server of OpenAI's protocol that answers by general rules, without any network.

It is no language model. It lets every flow run, deterministically and for nothing, before a connection to a real one
is there; whatever it answers carries the model name `demo`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from pfstudio.connections.types import OpenAIConnection
from pfstudio.kit.ids import new_id
from pfstudio.models.demo_answers import Reply, answer_chat, answer_completion
from pfstudio.models.demo_embeddings import embed
from pfstudio.models.tokens import estimate_tokens

MODEL: Final = "demo"
DEMO_CONNECTION: Final = "demo"
DEMO_URL: Final = "demo://local/v1"


def demo_connection(base_url: str = DEMO_URL) -> OpenAIConnection:
    """The built-in connection `demo`. Its key is no secret; the protocol wants one."""
    return OpenAIConnection(api_key="demo", base_url=base_url, name=DEMO_CONNECTION)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer, its body in the pieces it is sent in."""

    status: int
    content_type: str
    pieces: Iterable[bytes]


def respond(method: str, path: str, body: bytes) -> Response:
    """Answer one request of OpenAI's protocol; Azure's addresses are understood too."""
    name = path.split("?")[0].rstrip("/")
    if method == "GET" and name.endswith("/models"):
        return _json(200, {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "pfstudio"}]})
    routes = {"/chat/completions": _chat, "/completions": _completion, "/embeddings": _embeddings}
    route = next((route for ending, route in routes.items() if name.endswith(ending)), None)
    if method != "POST" or route is None:
        return _refusal(404, f"The demo model has no {method} {path}.")
    try:
        asked = json.loads(body)
        return route(asked) if isinstance(asked, dict) else _refusal(400, "The body must be a JSON object.")
    except ValueError as error:
        return _refusal(400, f"The body cannot be used: {error}")
    except (TypeError, KeyError, AttributeError, IndexError) as error:
        return _refusal(400, f"The body does not have the shape of the interface: {type(error).__name__} {error}")


def _chat(asked: Mapping[str, Any]) -> Response:
    messages = asked.get("messages")
    if not isinstance(messages, list) or not messages:
        return _refusal(400, "'messages' must be a list with at least one message.")
    reply = answer_chat(asked)
    usage = _usage(json.dumps(messages, ensure_ascii=False), reply)
    head = {"id": new_id("chatcmpl"), "created": int(time.time()), "model": MODEL}
    if asked.get("stream"):
        return Response(200, "text/event-stream", _stream_chat(head, reply, usage if _wants_usage(asked) else None))
    choice = {"index": 0, "message": reply.message(), "finish_reason": reply.finish_reason, "logprobs": None}
    return _json(200, {**head, "object": "chat.completion", "choices": [choice], "usage": usage})


def _completion(asked: Mapping[str, Any]) -> Response:
    prompt = asked.get("prompt")
    text = "\n".join(map(str, prompt)) if isinstance(prompt, list) else str(prompt or "")
    reply = answer_completion(text, asked)
    usage = _usage(text, reply)
    head = {"id": new_id("cmpl"), "object": "text_completion", "created": int(time.time()), "model": MODEL}
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
    data = [
        {"object": "embedding", "index": index, "embedding": embed(str(text))} for index, text in enumerate(texts)
    ]
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


def _wants_usage(asked: Mapping[str, Any]) -> bool:
    return bool((asked.get("stream_options") or {}).get("include_usage"))


def _usage(prompt: str, reply: Reply) -> dict[str, int]:
    asked = estimate_tokens(prompt)
    given = estimate_tokens(reply.text + json.dumps(reply.calls) if reply.calls else reply.text)
    return {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given}


def _json(status: int, body: Mapping[str, Any]) -> Response:
    return Response(status, "application/json", [json.dumps(body, ensure_ascii=False).encode()])


def _refusal(status: int, message: str) -> Response:
    return _json(status, {"error": {"message": message, "type": "invalid_request_error", "code": None}})


class DemoServer:
    """The demo model on a real port. `close` ends it."""

    def __init__(self, host: str, port: int) -> None:
        self._server = ThreadingHTTPServer((host, port), _Handler)
        self._server.daemon_threads = True
        address = f"[{host}]" if ":" in host else host
        self.url = f"http://{address}:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, name="demo-model", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start_demo_server(host: str = "127.0.0.1", port: int = 0) -> DemoServer:
    """Serve the demo model; `url` is the base URL for an OpenAI connection. Port 0 takes a free one."""
    return DemoServer(host, port)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "pfstudio-demo"
    timeout = 60

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _LARGEST_REQUEST:
            self.close_connection = True
            self._send(_refusal(413 if length.isdigit() else 411, "A body of at most 32 MB with its length is needed."))
            return
        self._answer(self.rfile.read(int(length)))

    def _answer(self, body: bytes) -> None:
        self._send(respond(self.command, self.path, body))

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        if response.content_type == "application/json":
            body = b"".join(response.pieces)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in response.pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it.
        """Say nothing: stderr belongs to the flow."""


_LARGEST_REQUEST: Final = 32 * 2**20
