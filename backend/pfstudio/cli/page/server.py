"""A small server for one user on this machine. It listens on loopback only and answers nobody without the token.

The token stands behind the `#` of the address, so it is in no request line and no log; the page sends it in a header,
which no other site can make a browser do. `Host` is checked, so that a name that resolves to loopback does not pass.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from pfstudio.cli import output
from pfstudio.errors import PromptflowException, UserErrorException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pfstudio.sdk.conversation import Conversation

_FILES: Final = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LARGEST_BODY: Final = 64 * 2**20


class Address(NamedTuple):
    """Where the page is shown: port 0 is any free one; parameters fill in inputs by name."""

    port: int
    parameters: Mapping[str, str]
    opens_browser: bool


def serve(conversation: Conversation, address: Address) -> None:
    """Show the page until Ctrl-C.

    Raises:
        UserErrorException: the port is taken.
        PromptflowException: the flow cannot be read.
    """
    _ = conversation.flow  # A flow that cannot be read is told here, before a browser opens.
    with PageServer(conversation, address.port) as server:
        url = server.url(address.parameters)
        output.write(f"The flow's page is at {url}")
        output.say("Ctrl-C ends it.")
        if address.opens_browser:
            _open_browser(url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            output.say("")


class PageServer(ThreadingHTTPServer):
    """Serves the page and runs the flow, one run at a time."""

    daemon_threads = True

    def __init__(self, conversation: Conversation, port: int = 0) -> None:
        self.conversation = conversation
        self.token = secrets.token_urlsafe(24)
        self.running = threading.Lock()
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise UserErrorException(
                f"Port {port} cannot be used: {error.strerror}. Choose another with --port."
            ) from (error)
        except OverflowError as error:
            raise UserErrorException(f"There is no port {port}; ports go up to 65535.") from error

    @property
    def hosts(self) -> set[str]:
        return {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")}

    def url(self, parameters: Mapping[str, str]) -> str:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"http://127.0.0.1:{self.server_port}/{query}#token={self.token}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is no event; the standard library would print a traceback."""


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    server_version = "pf"
    sys_version = ""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if not self._is_for_us():
            return
        if path in _FILES:
            name, kind = _FILES[path]
            self._answer(HTTPStatus.OK, (Path(__file__).parent / name).read_bytes(), kind)
        elif path == "/api/flow" and self._has_token():
            self._describe()
        elif path != "/api/flow":
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such page.")

    def do_POST(self) -> None:
        if not self._is_for_us() or not self._has_token():
            return
        if self.path != "/api/run":
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such page.")
            return
        inputs = self._inputs()
        if inputs is not None:
            from pfstudio.cli.page.turns import run_turn

            self._start(HTTPStatus.OK, "application/x-ndjson")
            with self.server.running:
                run_turn(self.server.conversation, inputs, self.wfile)

    def log_message(self, *_: Any) -> None:
        """Requests are nobody's news."""

    def _describe(self) -> None:
        from pfstudio.cli.page.turns import describe

        try:
            body = describe(self.server.conversation)
        except PromptflowException as error:
            body = {"problem": error.message, "place": f"{error.file}:{error.line}" if error.file else ""}
        except Exception as error:  # Loading a flex flow runs the user's code.
            body = {"problem": f"({type(error).__name__}) {error}", "place": ""}
        self._answer(HTTPStatus.OK, json.dumps(body, default=str).encode(), "application/json")

    def _inputs(self) -> dict[str, Any] | None:
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            length = -1
        if not 0 <= length <= _LARGEST_BODY:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The inputs are larger than 64 MB.")
            return None
        try:
            body = json.loads(self.rfile.read(length))
        except ValueError:
            body = None
        if not isinstance(body, dict) or not isinstance(body.get("inputs"), dict):
            self._refuse(HTTPStatus.BAD_REQUEST, "The body is no JSON object with inputs.")
            return None
        inputs: dict[str, Any] = body["inputs"]
        return inputs

    def _is_for_us(self) -> bool:
        """Whether the request is for this server under its own name, and from its own page."""
        origin = self.headers.get("Origin")
        if self.headers.get("Host") not in self.server.hosts:
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "This server has another name.")
            return False
        if origin is not None and origin.removeprefix("http://") not in self.server.hosts:
            self._refuse(HTTPStatus.FORBIDDEN, "Other pages may not ask.")
            return False
        return True

    def _has_token(self) -> bool:
        given = self.headers.get("X-Pf-Token", "")
        if hmac.compare_digest(given.encode("utf-8", "replace"), self.server.token.encode()):
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "Open the address that pf printed; this one lacks its token.")
        return False

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._answer(status, json.dumps({"problem": sentence}).encode(), "application/json")

    def _answer(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self._start(status, kind, length=len(body))
        self.wfile.write(body)

    def _start(self, status: HTTPStatus, kind: str, *, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()


def _open_browser(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        output.say("No browser could be opened; open the address yourself.")
