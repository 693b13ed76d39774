"""The snapshot store: a bare repository in which every save, run and deployment of a flow is a tree.

Each unit has one ref, which leads to its newest version and on to the older ones; it is moved by compare-and-swap.
Nothing but this package ever writes here.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pfstudio.kit.ids import new_id
from pfstudio.share.locks import SharedLocks
from pfstudio.share.plainstore import PlainStore
from pfstudio.share.snapshots_caches import StampCaches
from pfstudio.share.snapshots_errors import SnapshotMovedError, SnapshotsFailedError
from pfstudio.share.snapshots_git import Git
from pfstudio.share.snapshots_objects import Objects, failed
from pfstudio.share.snapshots_walk import LARGE_FROM, Known

try:
    import fcntl
except ImportError:  # Not POSIX: one process only.
    fcntl = None  # type: ignore[assignment]

Kind = Literal["save", "outside change", "run", "deployment", "restore", "import", "lost save", "git"]
FOLDER_NAME = "snapshots.git"
NOTHING = "0" * 64
_FORM = 1


@dataclass(frozen=True, slots=True)
class Version:
    """One commit. `tree` is what was kept; `state` is how the folder was, which differs for a save that lost a race.

    `id` and `entry` never change, whereas `commit` does when older versions are removed. Versions with the same
    `entry` belong together: one author's saves within a minute, of which the last one has all `paths`.
    """

    commit: str
    parent: str | None
    tree: str
    state: str
    id: str
    entry: str
    unit: str
    kind: Kind
    author: str | None
    at: datetime
    first: datetime
    paths: tuple[str, ...]
    message: str
    mode: int
    left_out: int = 0

    @property
    def is_lost(self) -> bool:
        return self.kind == "lost save"


class SnapshotStore:
    """One store. Opens and makes nothing before it is used; threads and processes may share it."""

    def __init__(self, folder: Path, *, large_from: int = LARGE_FROM) -> None:
        self.folder = folder
        self.large_from = large_from
        self.git = Git(folder)
        self.objects = Objects(self.git)
        self.plain = PlainStore(folder / "large")
        self._caches = StampCaches(folder / "cache")
        self._generation: bytes | None = None
        self._units = SharedLocks(folder / "locks")
        self._packing = SharedLocks(folder / "packing")
        self._making = SharedLocks(folder / "making")

    @property
    def exists(self) -> bool:
        """Whether it is there, all of it: `locks` is made last."""
        return (self.folder / "locks").is_dir() and (self.folder / "HEAD").exists()

    def prepare(self) -> None:
        """Make the store where it is missing.

        Raises:
            SnapshotsFailedError: it cannot be made.
        """
        if self.exists:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._making.hold(()):  # Two that make it at once would meet in git's own locks.
                if self.exists:
                    return
                self.git.run("init", "--quiet", "--bare", "--template=", "--object-format=sha256", str(self.folder))
                (self.folder / "locks").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise failed(error) from error

    def newest(self, ref: str) -> Version | None:
        """The newest version of a unit; None where it has none."""
        return self.version(ref) if self.exists else None

    def version(self, name: str) -> Version | None:
        """The version that a commit's id or a ref leads to."""
        found = self.objects.read(name)
        return None if found is None else decode_version(*found)

    def versions(self, ref: str, *, until: str | None = None) -> Iterator[Version]:
        """A unit's versions, newest first, down to the one before the commit `until`."""
        version = self.newest(ref)
        while version is not None and version.commit != until:
            yield version
            version = self.version(version.parent) if version.parent else None

    def refs(self, prefix: str = "refs/units/") -> dict[str, str]:
        """Every unit's ref and newest commit."""
        if not self.exists:
            return {}
        lines = self.git.run("for-each-ref", "--format=%(refname) %(objectname)", prefix).decode().splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def move(self, ref: str, *, old: str | None, new: str) -> None:
        """Let a ref lead to another commit, if it still leads to `old`.

        Raises:
            SnapshotMovedError: it does not.
        """
        try:
            self.git.run("update-ref", "--no-deref", ref, new, old or NOTHING)
        except SnapshotsFailedError as error:
            now = self.objects.read(ref)
            if (now[0] if now else None) != old:
                raise SnapshotMovedError from error
            raise

    def delete(self, ref: str) -> None:
        self.git.run("update-ref", "--no-deref", "-d", ref)

    def hold(self, version: Version, name: str) -> None:
        """Keep a version, whatever retention says, until `release`: a run or a deployment needs it."""
        self.git.run("update-ref", "--no-deref", f"refs/held/{name}", version.commit)

    def release(self, name: str) -> None:
        """A held version may go."""
        self.delete(f"refs/held/{name}")

    def known(self, key: str) -> Known:
        """What is known of the files of a unit."""
        return self._caches.of(key)

    def save_known(self, key: str) -> None:
        self._caches.save(key)

    def removed_objects(self) -> None:
        """Say, while `alone`, that objects were removed: what any process remembers of the store is void."""
        (self.folder / "generation").write_bytes(new_id().encode())
        self._caches.forget(for_good=True)
        self._note_generation()

    def _note_generation(self) -> None:
        """Forget what was remembered before somebody removed objects."""
        try:
            generation = (self.folder / "generation").read_bytes()
        except OSError:
            generation = b""
        if self._generation not in (None, generation):
            self.objects.forget()
            self._caches.forget()
        self._generation = generation

    @contextlib.contextmanager
    def adding(self, key: str) -> Iterator[None]:
        """While the block adds to a unit, nobody else does, and nothing is removed from the store."""
        with self._units.hold((key,)), self.shared():
            yield

    @contextlib.contextmanager
    def packing(self) -> Iterator[None]:
        """While the block packs, nobody else does."""
        with self._packing.hold(()):
            yield

    @contextlib.contextmanager
    def shared(self) -> Iterator[None]:
        """While the block runs, nothing is removed from the store."""
        with self._locked(exclusive=False):
            self._note_generation()
            yield

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While the block runs, nobody else adds to the store."""
        with self._locked(exclusive=True):
            yield

    @contextlib.contextmanager
    def _locked(self, *, exclusive: bool) -> Iterator[None]:
        if fcntl is None:
            with self._making:
                yield
            return
        fd = os.open(self.folder / "store.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
            yield
        finally:
            os.close(fd)  # And with it the lock.

    def close(self) -> None:
        """End the processes of git that wait for questions."""
        self.objects.close()


def encode_version(version: Version) -> bytes:
    """The commit of a version; `commit` itself is not in it."""
    about = {
        "form": _FORM,
        "id": version.id,
        "entry": version.entry,
        "unit": version.unit,
        "kind": version.kind,
        "author": version.author,
        "at": version.at.isoformat(),
        "first": version.first.isoformat(),
        "paths": version.paths,
        "message": version.message,
        "mode": version.mode,
        "left_out": version.left_out,
        "state": version.state,
    }
    seconds = int(version.at.timestamp())
    # Names of users are plain; whatever else comes here must not break the head of the commit.
    name = (
        "".join(letter for letter in version.author or "outside" if letter.isalnum() or letter in "._-") or "somebody"
    )
    head = [f"tree {version.tree}"]
    if version.parent:
        head.append(f"parent {version.parent}")
    head += [f"author {name} <{name}@pfstudio> {seconds} +0000", f"committer pfstudio <pfstudio> {seconds} +0000"]
    text = "\n".join([*head, "", version.kind, "", json.dumps(about), ""])
    return text.encode(errors="replace")


def decode_version(commit: str, content: bytes) -> Version:
    """What `encode_version` wrote.

    Raises:
        SnapshotsFailedError: it is no commit of ours.
    """
    try:
        head, _, body = content.decode().partition("\n\n")
        lines = dict(reversed([line.split(" ", 1) for line in head.splitlines()]))
        about: dict[str, Any] = json.loads(body.partition("\n\n")[2])
        return Version(
            commit=commit,
            parent=lines.get("parent"),
            tree=lines["tree"],
            state=about["state"],
            id=about["id"],
            entry=about["entry"],
            unit=about["unit"],
            kind=about["kind"],
            author=about["author"],
            at=datetime.fromisoformat(about["at"]).astimezone(UTC),
            first=datetime.fromisoformat(about["first"]).astimezone(UTC),
            paths=tuple(about["paths"]),
            message=about["message"],
            mode=about["mode"],
            left_out=about["left_out"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SnapshotsFailedError(f"the commit {commit} is not one of ours") from error
