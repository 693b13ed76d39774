"""What `pfstudio doctor` says of the history."""

from __future__ import annotations

from history.conftest import FLOW, Kept
from pfstudio.history.condition import describe


def test_a_sound_store_is_told_with_its_size(kept: Kept) -> None:
    assert describe(kept.store.folder) == "nothing is kept yet"
    kept.save(FLOW / "a.txt", "a")
    kept.done()

    assert describe(kept.store.folder) == "1 folder, 0.0 MB, sound"


def test_a_store_that_misses_something_is_told(kept: Kept) -> None:
    kept.save(FLOW / "a.txt", "a")
    kept.done()
    newest = next(iter(kept.store.refs().values()))
    version = kept.store.version(newest)
    assert version is not None
    entry = kept.store.objects.find(version.tree, ("a.txt",))
    assert entry is not None
    (kept.store.folder / "objects" / entry.oid[:2] / entry.oid[2:]).unlink()

    assert ", damaged: " in describe(kept.store.folder)
