"""A folder of a studio, over HTTP: what it holds, and its files one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pfstudio.errors import UserErrorException
from pfstudio.sdk.folder_scan import is_executable, state_of

if TYPE_CHECKING:
    from httpx2 import Client, Response

_PIECE: Final = 1 << 20
_SIGN_IN: Final = "The token is not, or no longer, valid. Make a new one and put it into PFSTUDIO_TOKEN."


class StudioRefusedError(UserErrorException):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"The studio answered {status}: {_SIGN_IN if status == 401 else detail}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Remote:
    """A flow of a studio. `client` has the studio's address and the token."""

    client: Client
    path: str

    def manifest(self, *, ignored: bool = True) -> dict[str, tuple[str, str]]:
        """State and tag by path; empty where the folder is not there yet."""
        answer = self.client.get(f"/api/manifest/{quote(self.path)}", params={"ignored": ignored})
        if answer.status_code == 404:
            return {}
        files = _checked(answer).json()["files"]
        return {
            str(file["path"]): (state_of(str(file["sha256"]), executable=bool(file["executable"])), str(file["etag"]))
            for file in files
        }

    def read(self, path: str, target: Path) -> str:
        """Write the file's content to `target`, and give its hash."""
        digest = hashlib.sha256()
        with self.client.stream("GET", self._content(path)) as answer:
            if answer.is_error:
                answer.read()
            _checked(answer)
            with target.open("wb") as file:
                for piece in answer.iter_bytes(_PIECE):
                    digest.update(piece)
                    file.write(piece)
        return digest.hexdigest()

    def write(self, path: str, source: Path, etag: str | None, state: str) -> str:
        """Send the file, and give the hash of what was sent; refused where the studio's is another by now."""
        condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
        digest = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            with source.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    yield piece

        parameters = {"executable": is_executable(state)}
        _checked(self.client.put(self._content(path), content=pieces(), headers=condition, params=parameters))
        return digest.hexdigest()

    def delete(self, path: str, etag: str) -> None:
        """Move the file to the trash there, unless it is another by now."""
        address = f"/api/files/{quote(f'{self.path}/{path}')}"
        now = self.client.get(address)
        if now.status_code == 404:
            return
        if _checked(now).json()["etag"] != etag:
            raise StudioRefusedError(412, f"'{path}' was changed this very moment, so it was not deleted.")
        _checked(self.client.delete(address))

    def _content(self, path: str) -> str:
        return f"/api/content/{quote(f'{self.path}/{path}')}"


def _checked(answer: Response) -> Response:
    if answer.is_error:
        try:
            detail = str(answer.json()["detail"])
        except (ValueError, KeyError, TypeError):
            detail = answer.reason_phrase
        raise StudioRefusedError(answer.status_code, detail)
    return answer
