"""A collector of traces on a real port, for OTLP over HTTP in JSON."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Collector:
    """Keeps what it is sent. `statuses` are answered in order, the last again and again; `hang` is waited before."""

    def __init__(self, *statuses: int, hang: float = 0.0) -> None:
        self.requests: list[tuple[str, Mapping[str, str], dict[str, Any]]] = []
        self.hang = hang
        given = list(statuses) or [200]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    content = gzip.decompress(content)
                time.sleep(outer.hang)
                status = given[min(len(outer.requests), len(given) - 1)]
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append((self.path, headers, json.loads(content)))
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def spans(self) -> list[dict[str, Any]]:
        """Every span, with its attributes as a plain mapping."""
        return [
            {**span, "attributes": plain(span["attributes"])}
            for _, _, body in self.requests
            for resource in body["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]

    @property
    def resource(self) -> dict[str, Any]:
        return plain(self.requests[-1][2]["resourceSpans"][0]["resource"]["attributes"])

    def named(self, name: str) -> dict[str, Any]:
        """The one span of that name."""
        [span] = [span for span in self.spans if span["name"] == name]
        return span

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        item["key"]: int(value) if kind == "intValue" else value
        for item in attributes
        for kind, value in item["value"].items()
    }


@contextmanager
def collector(*statuses: int, hang: float = 0.0) -> Iterator[Collector]:
    running = Collector(*statuses, hang=hang)
    try:
        yield running
    finally:
        running.close()
