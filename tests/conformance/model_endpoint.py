"""A model server for all cases at once: the first part of a path names the case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


class ModelEndpoint(ThreadingHTTPServer):
    """`answers` of a case are given in order, the last one again and again; `requests` keeps what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[Any, ...]] = {}
        self.requests: dict[str, list[dict[str, Any]]] = {}
        self.lock = Lock()

    def url(self, slug: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{slug}"


class _Handler(BaseHTTPRequestHandler):
    server: ModelEndpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"{}")
        _, slug, path = self.path.split("/", 2)
        with self.server.lock:
            requests = self.server.requests.setdefault(slug, [])
            answers = self.server.answers.get(slug) or ("ok",)
            answer = answers[min(len(requests), len(answers) - 1)]
            request = {"path": path, "body": body}
            if "azure" in path or "deployments" in path:
                request["from"] = self.headers.get("ms-azure-ai-promptflow-called-from")
            requests.append(request)
        status, kind, data, headers = _response(path, body, answer)
        self.send_response(status)
        for key, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed for a request."""


def _response(path: str, body: Mapping[str, Any], answer: Any) -> tuple[int, str, bytes, Mapping[str, str]]:
    if isinstance(answer, dict) and "status" in answer:
        error = {
            "error": {
                "message": answer.get("message", "no"),
                "type": answer.get("type", "t"),
                "code": answer.get("code"),
            }
        }
        return answer["status"], "application/json", json.dumps(error).encode(), answer.get("headers", {})
    if answer == "echo":
        answer = json.dumps(body.get("messages") or body.get("prompt") or body.get("input"))
    if body.get("stream"):
        return 200, "text/event-stream", _events(str(answer), "chat" in path).encode(), {}
    if "embeddings" in path:
        data = [{"object": "embedding", "index": 0, "embedding": [0.25, 0.5]}]
        document: dict[str, Any] = {"object": "list", "data": data, "model": "m", "usage": USAGE}
    elif "chat" in path:
        message = {"role": "assistant", "content": answer} if isinstance(answer, str) else answer
        reason = "tool_calls" if "tool_calls" in message else "stop"
        choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}
        document = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        document["usage"] = USAGE
    else:
        choice = {"index": 0, "text": answer, "finish_reason": "stop", "logprobs": None}
        document = {"id": "1", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}
        document["usage"] = USAGE
    return 200, "application/json", json.dumps(document).encode(), {}


def _events(text: str, chat: bool) -> str:
    head = {"id": "1", "object": "chat.completion.chunk" if chat else "text_completion", "created": 1, "model": "m"}
    words = text.split(" ")
    pieces = [word if number == 0 else f" {word}" for number, word in enumerate(words)]
    choices = [{"index": 0, **({"delta": {"content": piece}} if chat else {"text": piece})} for piece in pieces]
    return "".join(f"data: {json.dumps({**head, 'choices': [choice]})}\n\n" for choice in choices) + "data: [DONE]\n\n"


@contextmanager
def model_endpoint() -> Iterator[ModelEndpoint]:
    """A running server; it ends with the block."""
    server = ModelEndpoint()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
