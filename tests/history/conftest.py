"""A share with bob's flow, a snapshot store, and a recorder on a database of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from databases import *  # noqa: F403 - fixtures.
from pfstudio.accounts.actor import Actor, Role
from pfstudio.db.session import Database
from pfstudio.history import repository, restoring, service
from pfstudio.history.recorder import Recorder
from pfstudio.history.retention import Retention, Rule
from pfstudio.history.upkeep import Upkeep
from pfstudio.share.content import begin_write
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots import SnapshotStore

FLOW = SharePath("bob", ("promptflow", "flow"))
BOB = Actor("bob", Role.AUTHOR)


@dataclass
class Kept:
    """The parts of a studio that keep history."""

    share: Share
    store: SnapshotStore
    database: Database
    recorder: Recorder
    retention: Retention

    def folder(self, path: SharePath = FLOW) -> Path:
        return self.share.users.joinpath(str(path.owner), *path.parts)

    def save(self, path: SharePath, text: str, author: str = "bob") -> None:
        """What the route of a save does."""
        with begin_write(self.share, path) as upload:
            upload.write(text.encode())
            self.recorder.commit(upload, path, author=author)

    def done(self) -> None:
        assert self.recorder.wait(30)

    def timeline(self, path: SharePath = FLOW, *, every: bool = True) -> list[str]:
        """Kind, author and paths of each entry, the newest first."""
        place = service.place_of(self.share, path)
        self.recorder.sync(place.unit)
        with self.database.read() as session:
            entries = service.timeline(session, place, before=None, limit=200, every=every).entries
        prefix = f"{place.unit.path}/"
        return [
            f"{entry.kind} {entry.author}: {' '.join(item.removeprefix(prefix) for item in entry.paths)}"
            for entry in entries
        ]

    def contents(self, path: SharePath) -> list[bytes | None]:
        """What a file was in each of its versions, the newest first; None where it was not there."""
        place = service.place_of(self.share, path)
        self.recorder.sync(place.unit)
        found: list[bytes | None] = []
        with self.database.read() as session:
            rows = repository.list_versions(session, place.unit, place.names, before=None, limit=500, every=True)
        for row in rows:
            entry = self.store.objects.find(row.tree_oid, place.names)
            found.append(None if entry is None else self.store.objects.blob(entry.oid))
        return found

    def restore(self, path: SharePath, version: str) -> restoring.Restored:
        place = service.place_of(self.share, path)
        self.recorder.sync(place.unit)
        with self.database.read() as session:
            row = service.require_version(session, place, version)
        return restoring.restore(self.store, self.share, place, row, actor=BOB)

    def ids(self, path: SharePath = FLOW) -> list[str]:
        place = service.place_of(self.share, path)
        self.recorder.sync(place.unit)
        with self.database.read() as session:
            return [
                row.id
                for row in repository.list_versions(
                    session, place.unit, place.names, before=None, limit=500, every=True
                )
            ]


def open_kept(root: Path, database: Database, *, beside: Path | None = None) -> Kept:
    """The parts below a folder; the store may be on another disk."""
    share = Share(root / "share")
    store = SnapshotStore((beside or root) / "snapshots.git", large_from=1_000_000)
    share.ensure_owner("bob")
    retention = Retention(store, share, database, Rule(days=365, keep=50))
    return Kept(share, store, database, Recorder(store, share, database, Upkeep(store, share, retention)), retention)


@pytest.fixture
def kept(tmp_path: Path, database: Database) -> Iterator[Kept]:
    opened = open_kept(tmp_path, database)
    opened.folder().mkdir(parents=True)
    yield opened
    opened.recorder.close()
