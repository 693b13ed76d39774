"""A model server on a real port that answers by a rule and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


class ModelServer(ThreadingHTTPServer):
    """`requests` holds the bodies; `answer` makes the text of an answer from a body."""

    daemon_threads = True

    def __init__(self, answer: Callable[[dict[str, Any]], str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.requests: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, **body})
        text = self.server.answer(body)
        if body.get("stream"):
            return self._send("text/event-stream", _events(text))
        key = {"message": {"role": "assistant", "content": text}} if "chat" in self.path else {"text": text}
        answer = {"id": "1", "model": body["model"], "choices": [{"index": 0, **key}], "usage": USAGE}
        return self._send("application/json", json.dumps(answer))

    def _send(self, kind: str, content: str) -> None:
        data = content.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed for a request."""


def _events(text: str) -> str:
    pieces = [{"choices": [{"index": 0, "delta": {"content": word}}]} for word in text.split(" ")]
    return "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"


@contextmanager
def model_server(answer: Callable[[dict[str, Any]], str]) -> Iterator[ModelServer]:
    """A running server; it ends with the block."""
    server = ModelServer(answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
