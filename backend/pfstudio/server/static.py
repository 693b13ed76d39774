"""The built pages: `index.html` for every address of the studio, and the files it loads."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

FOLDER = Path(__file__).with_name("static")
_INDEX = "index.html"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_NO_PAGES = (
    "The studio runs, but its pages are not built, so only its API answers.\n"
    "In a checkout, `make pages` builds them; an installed pfstudio from a release carries them.\n"
)
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is sent: plain, and as it was compressed at build time."""

    bodies: dict[str, bytes]
    media_type: str
    etag: str
    cache_control: str


class Pages:
    """Answers GET for everything outside `/api`. Files are read once; a new build is noticed by its `index.html`."""

    def __init__(self, *, base_path: str, folder: Path = FOLDER) -> None:
        self._base_path = base_path
        self._folder = folder
        self._built_at: int | None = None
        self._files: dict[str, _File] = {}

    async def answer(self, request: Request) -> Response:
        path: str = request.path_params["path"]
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404, "There is no such call.")
        if not await run_in_threadpool(self._refresh):
            return PlainTextResponse(_NO_PAGES, 503)
        if path != _INDEX and (file := self._files.get(path)):
            return _send(file, request)
        if path.startswith("assets/"):
            raise HTTPException(404, "There is no such file; the pages may have been built anew. Reload the page.")
        return self._index(request)

    def _index(self, request: Request) -> Response:
        text = self._files[_INDEX].bodies[""].decode()
        text = text.replace("__CSP_NONCE__", request.scope["pfstudio.nonce"]).replace("__BASE_PATH__", self._base_path)
        return Response(text, media_type="text/html", headers={"Cache-Control": "no-store"})

    def _refresh(self) -> bool:
        """Read the files when there are new ones; False where there are none."""
        try:
            built_at = (self._folder / _INDEX).stat().st_mtime_ns
        except OSError:
            return False
        if built_at != self._built_at:
            self._files = _read_files(self._folder)
            self._built_at = built_at
        return True


def _read_files(folder: Path) -> dict[str, _File]:
    """All files by their address. What is not here is not served, whatever an address looks like."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: _read_file(name, path, paths) for name, path in paths.items() if not name.endswith((".br", ".gz", ".map"))
    }


def _read_file(name: str, path: Path, paths: dict[str, Path]) -> _File:
    body = path.read_bytes()
    bodies = {"": body}
    for encoding, suffix in _ENCODINGS:
        if compressed := paths.get(name + suffix):
            bodies[encoding] = compressed.read_bytes()
    return _File(
        bodies=bodies,
        media_type=_TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream",
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        # Names of assets have their content's hash in them.
        cache_control="public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache",
    )


def _send(file: _File, request: Request) -> Response:
    headers = {"Cache-Control": file.cache_control, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    encoding = next((name for name, _ in _ENCODINGS if name in accepted and name in file.bodies), "")
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(file.bodies[encoding], media_type=file.media_type, headers=headers)
