"""A git server on loopback: the real `git http-backend`, and a few of a kind that nobody should meet."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

__all__ = ["GitServer", "git_server", "serving_repositories"]

_WHO = {f"GIT_{role}_{what}": "test@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_BACKEND = subprocess.run(["git", "--exec-path"], check=True, capture_output=True, text=True).stdout.strip()


@dataclass
class GitServer:
    """Serves the repositories below `root`. `asked` are the paths of all requests; `redirects` send elsewhere,
    `refused` want a password and take none, `passwords` take the one `user:password`, `slow` ones never end."""

    root: Path
    port: int = 0
    asked: list[str] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    passwords: dict[str, str] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def git(self, name: str, *arguments: str, stdin: bytes = b"") -> str:
        """Run git on one of the repositories, and give what it wrote."""
        ended = subprocess.run(
            ["git", "-c", "core.protectNTFS=false", *arguments],
            input=stdin,
            env={**os.environ, **_WHO, "GIT_DIR": str(self.root / name), "GIT_CONFIG_GLOBAL": os.devnull},
            check=True,
            capture_output=True,
            timeout=60,
        )
        return ended.stdout.decode().strip()

    def make(self, name: str, files: dict[str, bytes | tuple[str, bytes]], branch: str = "main") -> None:
        """A repository with one commit. A file is its bytes, or its mode and bytes."""
        if not (self.root / name).exists():
            subprocess.run(["git", "init", "-q", "--bare", "-b", branch, self.root / name], check=True)
        index = self.root / f"{name}.index"
        lines = []
        for path, content in files.items():
            mode, data = content if isinstance(content, tuple) else ("100644", content)
            blob = data.decode() if mode == "160000" else self.git(name, "hash-object", "-w", "--stdin", stdin=data)
            lines.append(f"{mode} {blob}\t".encode() + os.fsencode(path) + b"\0")
        environment = {**os.environ, "GIT_DIR": str(self.root / name), "GIT_INDEX_FILE": str(index)}
        subprocess.run(
            ["git", "update-index", "-z", "--index-info"], input=b"".join(lines), env=environment, check=True
        )
        ended = subprocess.run(["git", "write-tree"], env=environment, check=True, capture_output=True, text=True)
        index.unlink(missing_ok=True)
        self.commit(name, ended.stdout.strip(), branch)

    def commit(self, name: str, tree: str, branch: str = "main") -> None:
        commit = self.git(name, "commit-tree", "-m", "made", tree)
        self.git(name, "update-ref", f"refs/heads/{branch}", commit)

    def make_tree(self, name: str, entries: list[tuple[str, bytes, str]]) -> str:
        """A tree of any entries at all (mode, name, hash), also such as git itself never makes."""
        raw = b"".join(mode.encode() + b" " + path + b"\0" + bytes.fromhex(blob) for mode, path, blob in entries)
        return self.git(name, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=raw)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET

    def _answer(self) -> None:
        serving, parts = self.server.serving, urlsplit(self.path)
        serving.asked.append(parts.path)
        name = parts.path.split("/")[1]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) if self.command == "POST" else b""
        if name in serving.redirects:
            self.send_response(302)
            self.send_header("Location", self.path.replace(f"/{name}", serving.redirects[name], 1))
            self.end_headers()
        elif name in serving.refused or not self._has_password(name):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.end_headers()
        elif name in serving.slow:
            time.sleep(20)
        else:
            self._run(parts.path, parts.query, body)

    def _has_password(self, name: str) -> bool:
        wanted = self.server.serving.passwords.get(name)
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        return wanted is None or base64.b64decode(given).decode() == wanted

    def _run(self, path: str, query: str, body: bytes) -> None:
        variables = {
            "GIT_PROJECT_ROOT": str(self.server.serving.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": unquote(path),
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH": os.environ["PATH"],
        }
        ended = subprocess.run(
            [f"{_BACKEND}/git-http-backend"], input=body, env=variables, capture_output=True, check=False
        )
        head, _, content = ended.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    serving: GitServer

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # Whoever asked has hung up.


@pytest.fixture
def git_server(tmp_path: Path) -> Iterator[GitServer]:
    (tmp_path / "repositories").mkdir()
    with serving_repositories(tmp_path / "repositories") as serving:
        yield serving


@contextmanager
def serving_repositories(folder: Path) -> Iterator[GitServer]:
    serving = GitServer(folder)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.serving = serving
    serving.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield serving
    server.shutdown()
    server.server_close()
    thread.join(10)
