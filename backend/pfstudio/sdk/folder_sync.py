"""Keeps a local folder and a flow of a studio in step, over HTTP.

Both sides are compared by hash with what they had in common the last time, which the folder remembers in
`.promptflow/studio.json`. What changed on one side goes to the other; what changed on both is a conflict, and then
nothing is written unless that was asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

from pfstudio.errors import ConflictError, InvalidError, NotFoundError, UserErrorException
from pfstudio.kit.ids import new_id

if TYPE_CHECKING:
    from httpx2 import Client, Response

Action = Literal["add", "update", "delete", "conflict", "keep"]
_RECORD: Final = Path(".promptflow") / "studio.json"
_NEVER: Final = frozenset({".git", "__pycache__", ".promptflow"})
_TEMPORARY: Final = ".pfstudio-tmp-"
_PIECE: Final = 1 << 20


class StudioRefusedError(UserErrorException):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"The studio answered {status}: {detail}")


class SyncConflictError(ConflictError):
    def __init__(self, paths: list[str]) -> None:
        shown = ", ".join(paths[:10]) + (f" and {len(paths) - 10} more" if len(paths) > 10 else "")
        super().__init__(f"Changed on both sides since the last time, so nothing was written: {shown}. See --force.")


class UnsafePathError(InvalidError):
    def __init__(self, path: str) -> None:
        super().__init__(f"The studio names a file {path!r}, which is no path inside the folder; nothing was written.")


@dataclass(frozen=True, slots=True)
class Change:
    """What happens with one file on the side that is written to."""

    path: str
    action: Action


@dataclass(frozen=True, slots=True)
class Remote:
    """A flow of a studio. `client` has the studio's address and the token."""

    client: Client
    path: str

    def manifest(self) -> dict[str, tuple[str, str]]:
        """Hash and tag by path; empty where the folder is not there yet."""
        answer = self.client.get(f"/api/manifest/{quote(self.path)}")
        if answer.status_code == 404:
            return {}
        files = _checked(answer).json()["files"]
        return {str(file["path"]): (str(file["sha256"]), str(file["etag"])) for file in files}

    def read(self, path: str, target: Path) -> None:
        with self.client.stream("GET", self._content(path)) as answer:
            if answer.is_error:
                answer.read()
            _checked(answer)
            with target.open("wb") as file:
                for piece in answer.iter_bytes(_PIECE):
                    file.write(piece)

    def write(self, path: str, source: Path, etag: str | None) -> None:
        condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
        with source.open("rb") as file:
            pieces = iter(lambda: file.read(_PIECE), b"")
            _checked(self.client.put(self._content(path), content=pieces, headers=condition))

    def delete(self, path: str) -> None:
        _checked(self.client.delete(f"/api/files/{quote(f'{self.path}/{path}')}"))

    def _content(self, path: str) -> str:
        return f"/api/content/{quote(f'{self.path}/{path}')}"


def pull(remote: Remote, folder: Path, *, delete: bool, force: bool, dry_run: bool) -> list[Change]:
    """Bring the studio's changes into the folder; what is only here stays.

    Raises:
        SyncConflictError: files changed on both sides.
        NotFoundError: there is no such flow.
    """
    theirs = remote.manifest()
    if not theirs:
        raise NotFoundError(f"There is nothing at '{remote.path}' in the studio, or it holds no files.")
    mine = hashes(folder)
    source = {path: found[0] for path, found in theirs.items()}
    for path in source:
        _inside(folder, path)

    def apply(change: Change) -> None:
        target = _inside(folder, change.path)
        if change.action == "delete":
            target.unlink(missing_ok=True)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"{_TEMPORARY}{new_id()}")
        try:
            remote.read(change.path, partial)
            if target.exists():
                partial.chmod(target.stat().st_mode & 0o777)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    return _sync(remote, folder, (source, mine), apply, delete=delete, force=force, dry_run=dry_run)


def push(remote: Remote, folder: Path, *, delete: bool, force: bool, dry_run: bool) -> list[Change]:
    """Bring the folder's changes into the studio; what is only there stays. Deleted files go to the trash there.

    Raises:
        SyncConflictError: files changed on both sides.
        StudioRefusedError: the studio does not take a file, such as one that was saved this very moment.
    """
    theirs = remote.manifest()
    mine = hashes(folder)
    target = {path: found[0] for path, found in theirs.items()}

    def apply(change: Change) -> None:
        if change.action == "delete":
            remote.delete(change.path)
        else:
            known = theirs.get(change.path)
            remote.write(change.path, folder / change.path, known[1] if known else None)

    return _sync(remote, folder, (mine, target), apply, delete=delete, force=force, dry_run=dry_run)


def plan(source: Mapping[str, str], target: Mapping[str, str], base: Mapping[str, str]) -> list[Change]:
    """What makes `target` follow `source`, both known by hash, since they had `base` in common.

    `delete` is a file that the source had and deleted; `keep` is one that only the target changed, made or deleted.
    """
    changes = []
    for path in sorted({*source, *target}):
        ours, theirs, common = source.get(path), target.get(path), base.get(path)
        if ours == theirs:
            continue
        action: Action
        if theirs == common:
            action = "delete" if ours is None else "update" if theirs is not None else "add"
        else:
            action = "keep" if ours == common else "conflict"
        changes.append(Change(path, action))
    return changes


def hashes(folder: Path) -> dict[str, str]:
    """The hash of every file of a folder that takes part, by its path with `/`. Links do not."""
    found = {}
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NEVER)
        for name in names:
            file = Path(top, name)
            if name in _NEVER or name.startswith(_TEMPORARY) or file.is_symlink() or not file.is_file():
                continue
            with file.open("rb") as opened:
                found[file.relative_to(folder).as_posix()] = hashlib.file_digest(opened, "sha256").hexdigest()
    return found


def remembered_flow(folder: Path) -> tuple[str, str] | None:
    """The studio and the flow that a folder was in step with the last time."""
    record = _read_record(folder)
    return (record["studio"], record["flow"]) if "studio" in record and "flow" in record else None


def _sync(
    remote: Remote,
    folder: Path,
    sides: tuple[dict[str, str], dict[str, str]],
    apply: Callable[[Change], None],
    *,
    delete: bool,
    force: bool,
    dry_run: bool,
) -> list[Change]:
    source, target = sides
    base = _base(folder, remote)
    changes = plan(source, target, base)
    conflicts = [change.path for change in changes if change.action == "conflict"]
    if conflicts and not force and not dry_run:
        raise SyncConflictError(conflicts)
    wanted = [change for change in changes if _is_wanted(change, source, delete=delete, force=force)]
    if dry_run:
        return changes
    agreed = {path: hashed for path, hashed in source.items() if target.get(path) == hashed}
    both = {*source, *target}
    agreed |= {path: hashed for path, hashed in base.items() if path in both and path not in agreed}
    try:
        for change in wanted:
            apply(Change(change.path, "delete" if change.path not in source else "update"))
            agreed.pop(change.path, None)
            if change.path in source:
                agreed[change.path] = source[change.path]
    finally:
        _write_record(folder, {"studio": str(remote.client.base_url), "flow": remote.path, "files": agreed})
    return changes


def _is_wanted(change: Change, source: Mapping[str, str], *, delete: bool, force: bool) -> bool:
    if change.path not in source:
        return delete and change.action in (("delete", "conflict") if force else ("delete",))
    return change.action in (("add", "update", "conflict") if force else ("add", "update"))


def _inside(folder: Path, path: str) -> Path:
    names = path.split("/")
    if any(name in ("", ".", "..") or "\\" in name or ":" in name or "\0" in name for name in names):
        raise UnsafePathError(path)
    target = folder.joinpath(*names)
    if not target.parent.resolve().is_relative_to(folder.resolve()) or names[0] in _NEVER:
        raise UnsafePathError(path)
    return target


def _base(folder: Path, remote: Remote) -> dict[str, str]:
    record = _read_record(folder)
    if (record.get("studio"), record.get("flow")) != (str(remote.client.base_url), remote.path):
        return {}
    return {str(path): str(hashed) for path, hashed in record.get("files", {}).items()}


def _read_record(folder: Path) -> dict[str, Any]:
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write_record(folder: Path, record: dict[str, Any]) -> None:
    place = folder / _RECORD
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f"{_TEMPORARY}{new_id()}")
    partial.write_text(json.dumps(record, indent=1, sort_keys=True), encoding="utf-8")
    partial.replace(place)


def _checked(answer: Response) -> Response:
    if answer.is_error:
        try:
            detail = str(answer.json()["detail"])
        except (ValueError, KeyError, TypeError):
            detail = answer.reason_phrase
        raise StudioRefusedError(answer.status_code, detail)
    return answer
