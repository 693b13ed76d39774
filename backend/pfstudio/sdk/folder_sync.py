"""Keeps a local folder and a flow of a studio in step, over HTTP.

Both sides are compared by hash with what they had in common the last time, which the folder remembers in
`.promptflow/studio.json`. What changed on one side goes to the other; what changed on both is a conflict, and then
nothing is written unless that was asked for. Ended in the middle and begun again, it goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pfstudio.errors import ConflictError, InvalidError, NotFoundError
from pfstudio.kit.ids import new_id
from pfstudio.sdk.folder_scan import (
    NEVER,
    TEMPORARY,
    LocalFolder,
    digest_of,
    is_executable,
    scan,
    set_executable,
    state_of,
)
from pfstudio.sdk.studio_folder import Remote, StudioRefusedError

__all__ = ["Change", "Options", "Remote", "StudioRefusedError", "plan", "pull", "push", "remembered_flow"]

Action = Literal["add", "update", "delete", "conflict", "keep", "skip"]
_RECORD: Final = Path(".promptflow") / "studio.json"


class SyncConflictError(ConflictError):
    def __init__(self, changes: list[Change]) -> None:
        super().__init__(
            f"Nothing was written, because of what both sides have changed: {_listed(changes)}. --dry-run tells all, "
            "--force overwrites it."
        )
        self.changes = changes


class InTheWayError(ConflictError):
    def __init__(self, paths: list[str]) -> None:
        super().__init__(
            f"Nothing was written, because a link, a folder or a file of another kind is in the way here: "
            f"{_listed(paths)}. Move it away first."
        )


class ChangedMeanwhileError(ConflictError):
    def __init__(self, path: str) -> None:
        super().__init__(f"'{path}' was changed here this very moment, so it was not overwritten. Do it again.")


class UnsafePathError(InvalidError):
    def __init__(self, path: str) -> None:
        super().__init__(f"The studio names a file {path!r}, which is no path inside the folder; nothing was written.")


@dataclass(frozen=True, slots=True)
class Options:
    """`delete` what was deleted on the other side, too; `force` what conflicts; `ignored` files take part, too."""

    delete: bool = False
    force: bool = False
    dry_run: bool = False
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What happens with one file on the side that is written to, and `why` where it is no plain copy."""

    path: str
    action: Action
    why: str = ""

    def __str__(self) -> str:
        return f"{self.path} ({self.why})" if self.why else self.path


def pull(remote: Remote, folder: Path, options: Options) -> list[Change]:
    """Bring the studio's changes into the folder; what is only here stays.

    Raises:
        SyncConflictError: files changed on both sides.
        InTheWayError: there is something here that is no file.
        NotFoundError: there is no such flow.
    """
    theirs = remote.manifest(ignored=options.ignored)
    if not theirs:
        raise NotFoundError(f"There is nothing at '{remote.path}' in the studio, or it holds no files.")
    for path in theirs:
        _inside(folder, path)
    sync = _Sync(remote, folder, options, {path: state for path, (state, _) in theirs.items()})

    def apply(path: str) -> str | None:
        target = _inside(folder, path)
        if path not in sync.theirs:
            _require_unchanged(target, path, sync.mine.get(path))
            target.unlink(missing_ok=True)
            return None
        return _fetch(remote, path, target, sync.theirs[path], sync.mine.get(path))

    return sync.run(sync.theirs, sync.mine, apply, writes_here=True)


def push(remote: Remote, folder: Path, options: Options) -> list[Change]:
    """Bring the folder's changes into the studio; what is only there stays. Deleted files go to the trash there.

    Raises:
        SyncConflictError: files changed on both sides.
        StudioRefusedError: the studio does not take a file, such as one that was saved this very moment.
    """
    theirs = remote.manifest(ignored=options.ignored)
    sync = _Sync(remote, folder, options, {path: state for path, (state, _) in theirs.items()})

    def apply(path: str) -> str | None:
        etag = theirs[path][1] if path in theirs else None
        if path not in sync.mine:
            remote.delete(path, etag or "")
            return None
        state = sync.mine[path]
        return state_of(remote.write(path, folder / path, etag, state), executable=is_executable(state))

    return sync.run(sync.mine, sync.theirs, apply, writes_here=False) + sync.skipped()


def plan(source: Mapping[str, str], target: Mapping[str, str], base: Mapping[str, str]) -> list[Change]:
    """What makes `target` follow `source`, both known by state, since they had `base` in common.

    `delete` is a file that the source had and deleted; `keep` is one that only the target changed, made or deleted.
    """
    changes = []
    for path in sorted({*source, *target}):
        ours, theirs, common = source.get(path), target.get(path), base.get(path)
        if ours != theirs:
            changes.append(Change(path, *_action(ours, theirs, common)))
    return changes


def _action(source: str | None, target: str | None, base: str | None) -> tuple[Action, str]:
    if target == base:
        if source is None:
            return "delete", ""
        return ("add" if target is None else "update"), ""
    if source == base:
        what = "deleted" if target is None else "made" if base is None else "changed"
        return "keep", f"only {what} where it would go to"
    if source is None:
        return "conflict", "deleted on one side, changed on the other"
    if target is None:
        return "conflict", "changed on one side, deleted on the other"
    return "conflict", "made on both sides" if base is None else "changed on both sides"


def remembered_flow(folder: Path) -> tuple[str, str] | None:
    """The studio and the flow that a folder was in step with the last time."""
    record = _read_record(folder)
    return (record["studio"], record["flow"]) if "studio" in record and "flow" in record else None


class _Sync:
    """One comparison of the two sides, and what follows from it."""

    def __init__(self, remote: Remote, folder: Path, options: Options, theirs: dict[str, str]) -> None:
        self._remote, self._folder, self._options = remote, folder, options
        self._base = _base(folder, remote)
        self._local: LocalFolder = scan(folder, ignored=options.ignored, known=self._base | theirs)
        self.mine = self._local.files
        # What one side's `.gitignore` names takes no part on the other either.
        self.theirs = {path: state for path, state in theirs.items() if not self._local.ignores(path)}

    def run(
        self,
        source: Mapping[str, str],
        target: Mapping[str, str],
        apply: Callable[[str], str | None],
        *,
        writes_here: bool,
    ) -> list[Change]:
        """`apply` brings one path over, and gives its state afterwards on both sides; None where it is gone."""
        changes = plan(source, target, self._base)
        wanted = [change.path for change in changes if self._is_wanted(change, source)]
        if self._options.dry_run:
            return changes
        conflicts = [change for change in changes if change.action == "conflict"]
        if conflicts and not self._options.force:
            raise SyncConflictError(conflicts)
        if writes_here and (blocked := [path for path in wanted if self._is_blocked(path)]):
            raise InTheWayError(blocked)
        agreed = {path: state for path, state in source.items() if target.get(path) == state}
        both = {*source, *target}
        agreed |= {path: state for path, state in self._base.items() if path in both and path not in agreed}
        try:
            for path in wanted:
                state = apply(path)
                agreed.pop(path, None)
                if state is not None:
                    agreed[path] = state
        finally:
            _write_record(self._folder, self._remote, agreed)
        return changes

    def skipped(self) -> list[Change]:
        """What of the folder cannot go to a studio."""
        return [
            Change(path, "skip", "a link, no file, or a name that is no text") for path in sorted(self._local.others)
        ]

    def _is_wanted(self, change: Change, source: Mapping[str, str]) -> bool:
        forced = change.action == "conflict" and self._options.force
        if change.path not in source:
            return self._options.delete and (forced or change.action == "delete")
        return forced or change.action in ("add", "update")

    def _is_blocked(self, path: str) -> bool:
        names = path.split("/")
        above = {"/".join(names[:depth]) for depth in range(1, len(names))}
        in_the_way = self._local.others | set(self.mine)
        return path in self._local.others or path in self._local.folders or bool(above & in_the_way)


def _fetch(remote: Remote, path: str, target: Path, state: str, known: str | None) -> str:
    """Bring a file here, whole, and give its state."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{TEMPORARY}{new_id()}")
    try:
        digest = remote.read(path, partial)
        if known is not None:
            partial.chmod(target.stat().st_mode & 0o777)
        set_executable(partial, executable=is_executable(state))
        _require_unchanged(target, path, known)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return state_of(digest, executable=is_executable(state))


def _require_unchanged(target: Path, path: str, known: str | None) -> None:
    """Refuse to touch what is no longer what it was when both sides were compared."""
    now = digest_of(target) if target.is_file() and not target.is_symlink() else None
    if now != (known[:64] if known else None):
        raise ChangedMeanwhileError(path)


def _inside(folder: Path, path: str) -> Path:
    names = path.split("/")
    if any(name in ("", ".", "..") or "\\" in name or ":" in name or "\0" in name for name in names):
        raise UnsafePathError(path)
    if any(name.lower() in NEVER for name in names):
        raise UnsafePathError(path)
    return folder.joinpath(*names)


def _base(folder: Path, remote: Remote) -> dict[str, str]:
    record = _read_record(folder)
    if (record.get("studio"), record.get("flow")) != (str(remote.client.base_url), remote.path):
        return {}
    files = record.get("files")
    return {str(path): str(state) for path, state in files.items()} if isinstance(files, dict) else {}


def _read_record(folder: Path) -> dict[str, Any]:
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write_record(folder: Path, remote: Remote, files: Mapping[str, str]) -> None:
    record = {"studio": str(remote.client.base_url), "flow": remote.path, "files": files}
    place = folder / _RECORD
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f"{TEMPORARY}{new_id()}")
    partial.write_text(json.dumps(record, indent=1, sort_keys=True), encoding="utf-8")
    partial.replace(place)


def _listed(items: Iterable[object]) -> str:
    texts = [str(item) for item in items]
    return ", ".join(texts[:10]) + (f" and {len(texts) - 10} more" if len(texts) > 10 else "")
