"""Small packages made on the spot, and a package index for them over real HTTP on loopback."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def write_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str] | None = None,
    requires: Sequence[str] = (),
) -> Path:
    """A wheel whose module says its version, unless `files` say otherwise."""
    module = name.replace("-", "_")
    stem = f"{module}-{version}"
    texts = dict(files or {f"{module}.py": f"VERSION = {version!r}\n"})
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    texts[f"{stem}.dist-info/METADATA"] = metadata + "".join(f"Requires-Dist: {one}\n" for one in requires)
    texts[f"{stem}.dist-info/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = "".join(f"{path},sha256={_hash(text)},{len(text.encode())}\n" for path, text in texts.items())
    texts[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in texts.items():
            archive.writestr(path, text)
    return target


def write_source(folder: Path, name: str, version: str = "1.0", *, setup: str = "") -> Path:
    """A source package with a build backend of its own, so that building it needs nothing else."""
    backend = f"""
import sys
sys.path.insert(0, '.')
from package_index_wheel import wheel
{setup}
def get_requires_for_build_wheel(config_settings=None): return []
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheel(wheel_directory)
"""
    wheel = write_wheel(folder / "prebuilt", name, version)
    packed = base64.b64encode(wheel.read_bytes()).decode()
    maker = (
        "import base64, pathlib\n"
        f"def wheel(folder):\n    pathlib.Path(folder, {wheel.name!r}).write_bytes(base64.b64decode({packed!r}))\n"
        f"    return {wheel.name!r}\n"
    )
    project = (
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
    )
    texts = {
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        "pyproject.toml": project,
        "backend.py": backend,
        "package_index_wheel.py": maker,
    }
    target = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(target, "w:gz") as archive:
        for path, text in texts.items():
            info = tarfile.TarInfo(f"{name}-{version}/{path}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return target


def sha256_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@dataclass
class PackageIndex:
    """A simple index of the packages in `folder`. With `credentials` (`name:password`) it refuses everyone else."""

    folder: Path
    port: int
    credentials: str | None = None
    asked: list[str] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)

    def url(self, credentials: str = "") -> str:
        return f"http://{credentials + '@' if credentials else ''}127.0.0.1:{self.port}/simple"


@contextmanager
def package_index(folder: Path, *, credentials: str | None = None) -> Iterator[PackageIndex]:
    """A running index. Answers wait while `hold` is cleared."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            index.asked.append(self.path)
            index.hold.wait(20)
            wanted = "Basic " + base64.b64encode((index.credentials or "").encode()).decode()
            if index.credentials and self.headers.get("Authorization") != wanted:
                self._answer(401, b"no", "text/plain")
                return
            parts = self.path.strip("/").split("/")
            if parts[0] == "simple" and len(parts) == 2:
                self._page(parts[1])
            elif parts[0] == "files" and (folder / parts[-1]).is_file():
                self._answer(200, (folder / parts[-1]).read_bytes(), "application/octet-stream")
            else:
                self._answer(404, b"none", "text/plain")

        def _page(self, name: str) -> None:
            found = [
                file
                for file in sorted(folder.iterdir())
                if file.is_file() and file.name.lower().replace("_", "-").startswith(f"{name}-")
            ]
            links = "".join(
                f'<a href="/files/{file.name}#sha256={sha256_of(file)}">{file.name}</a>\n' for file in found
            )
            body = f"<!DOCTYPE html><html><body>{links}</body></html>".encode()
            self._answer(200 if found else 404, body, "text/html")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    index = PackageIndex(folder, server.server_address[1], credentials)
    index.hold.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield index
    finally:
        index.hold.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
