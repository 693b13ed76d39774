"""The demo model on a real port."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from pfstudio.models.demo.responses import Response, refusal, respond

_LARGEST_REQUEST: Final = 32 * 2**20


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
            self._send(refusal(413 if length.isdigit() else 411, "A body of at most 32 MB with its length is needed."))
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
