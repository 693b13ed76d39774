"""A model server over a real HTTP connection that answers what a test tells it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pfstudio.connections.types import AzureOpenAIConnection, OpenAIConnection

SECRET = "sk-very-secret-key"


@dataclass(frozen=True)
class Call:
    """One request the server got."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What to answer: `body` as it is, or as JSON; `hang` seconds before, `cut` to close the connection instead."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: float = 0.0
    cut: bool = False
    cut_after: bool = False


def chat_answer(text: str | None = "hi", **message: Any) -> Answer:
    return Answer(
        body={
            "id": "x",
            "object": "chat.completion",
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text, **message}}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        }
    )


def error_answer(status: int, message: str, code: str | None = None, **headers: str) -> Answer:
    return Answer(status, {"error": {"message": message, "type": "t", "code": code}}, headers)


def stream_answer(*pieces: str, done: bool = True, cut_after: bool = False) -> Answer:
    events = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + ("data: [DONE]\n\n" if done else "")
    return Answer(body=text, headers={"Content-Type": "text/event-stream"}, cut_after=cut_after)


class ModelServer:
    """`answers` are given in order, the last one again and again."""

    def __init__(self, *answers: Answer | Callable[[Call], Answer]) -> None:
        self.answers = list(answers)
        self.calls: list[Call] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {key.lower(): value for key, value in self.headers.items()}
                outer.handle(self, Call(self.path, headers, json.loads(raw or b"{}")))

            do_GET = do_POST

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def handle(self, handler: BaseHTTPRequestHandler, call: Call) -> None:
        with self._lock:
            answer = self.answers[min(len(self.calls), len(self.answers) - 1)]
            self.calls.append(call)
        if callable(answer):
            answer = answer(call)
        time.sleep(answer.hang)
        if answer.cut:
            handler.close_connection = True
            handler.connection.close()
            return
        body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        data = body.encode()
        handler.send_response(answer.status)
        for key, value in {"Content-Type": "application/json", **answer.headers}.items():
            handler.send_header(key.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data) + (100 if answer.cut_after else 0)))
        handler.end_headers()
        handler.wfile.write(data)
        if answer.cut_after:
            handler.close_connection = True

    def openai(self, name: str = "my_openai") -> OpenAIConnection:
        return OpenAIConnection(name=name, api_key=SECRET, base_url=f"{self.url}/v1")

    def azure(self, name: str = "my_azure") -> AzureOpenAIConnection:
        return AzureOpenAIConnection(name=name, api_key=SECRET, api_base=f"{self.url}/")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def model_server(*answers: Answer | Callable[[Call], Answer]) -> Iterator[ModelServer]:
    server = ModelServer(*answers)
    try:
        yield server
    finally:
        server.close()
