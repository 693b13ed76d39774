"""Quotas hold, a full disk makes the studio read-only, and both let go by themselves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pfstudio.share import content, trash, uploads
from pfstudio.share.copying import copy_entry
from pfstudio.share.diskspace import Use, use_of
from pfstudio.share.errors import FlowQuotaExceededError, QuotaExceededError
from pfstudio.share.files import make_parents
from pfstudio.share.incoming import Incoming
from pfstudio.share.paths import Limits, Share, SharePath

FULL, EMPTY = (SharePath.parse(f"Users/bob/promptflow/{name}") for name in ("full", "empty"))
A, B = (SharePath.parse(f"Users/bob/promptflow/{name}") for name in ("a.bin", "b.bin"))


def _upload(share: Share) -> None:
    made = uploads.begin(share, username="bob", path=B, size=600)
    uploads.write(share, made, 0, bytes(600))
    uploads.finish(share, uploads.get(share, made.id, username="bob"))


def _import(share: Share) -> None:
    with Incoming(share) as incoming:
        with incoming.open_file("flow/b.bin") as file:
            incoming.write(file, bytes(600))
        incoming.place(B)


WAYS: dict[str, Callable[[Share], object]] = {
    "save": lambda share: content.write_bytes(share, B, bytes(600)),
    "copy": lambda share: copy_entry(share, A, B),
    "upload": _upload,
    "import": _import,
}


@pytest.mark.parametrize("way", WAYS)
def test_nobody_gets_more_than_the_quota_and_room_that_was_made_counts(tmp_path: Path, way: str) -> None:
    share = Share(tmp_path / "share", limits=Limits(user_bytes=1000))
    share.ensure_owner("bob")
    content.write_bytes(share, A, bytes(600))

    with pytest.raises(QuotaExceededError, match="'bob' uses"):
        WAYS[way](share)
    assert [item.name for item in (share.users / "bob/promptflow").iterdir()] == ["a.bin"]
    content.write_bytes(share, A, bytes(400))  # What is replaced makes room.
    if way == "copy":
        content.write_bytes(share, A, bytes(450))
    WAYS[way](share)
    assert (share.users / "bob/promptflow/b.bin").exists()


@pytest.mark.parametrize("way", WAYS)
def test_no_flow_gets_more_than_its_quota_and_others_have_their_own(tmp_path: Path, way: str) -> None:
    share = Share(tmp_path / "share", limits=Limits(flow_bytes=1000))
    share.ensure_owner("bob")
    for path in (FULL / "a.bin", EMPTY / "a.bin"):
        make_parents(share, path)
        content.write_bytes(share, path, bytes(600))
    content.write_bytes(share, SharePath.parse("Users/bob/data.bin"), bytes(5000))  # In no flow.
    content.write_bytes(share, FULL / "more.bin", bytes(300))

    if way == "import":
        with pytest.raises(FlowQuotaExceededError, match=f"'{FULL}2' uses 0 of"), Incoming(share) as incoming:
            with incoming.open_file("flow/b.bin") as file:
                incoming.write(file, bytes(1100))
            incoming.place(SharePath.parse(f"{FULL}2"))
        return
    ways: dict[str, Callable[[SharePath], object]] = {
        "save": lambda path: content.write_bytes(share, path, bytes(400)),
        "copy": lambda path: copy_entry(share, FULL / "more.bin", path),
        "upload": lambda path: uploads.begin(share, username="bob", path=path, size=400),
    }
    with pytest.raises(FlowQuotaExceededError, match=f"'{FULL}' uses 0 of 0 MB that one flow may have"):
        ways[way](FULL / "b.bin")
    assert not (share.users / FULL.below / "b.bin").exists()
    ways[way](EMPTY / "b.bin")


def test_uploads_that_are_not_finished_are_no_way_around_the_quota(tmp_path: Path) -> None:
    share = Share(tmp_path / "share", limits=Limits(user_bytes=1000))
    share.ensure_owner("bob")
    first = uploads.begin(share, username="bob", path=A, size=600)

    for path in (B, None):
        with pytest.raises(QuotaExceededError):
            uploads.begin(share, username="bob", path=path, size=600)
    uploads.begin(share, username="bob2", path=None, size=600)
    uploads.write(share, first, 0, bytes(600))
    uploads.finish(share, uploads.get(share, first.id, username="bob"))
    uploads.begin(share, username="bob", path=B, size=400)


def test_the_trash_counts_until_it_is_emptied(tmp_path: Path) -> None:
    share = Share(tmp_path / "share", limits=Limits(user_bytes=1000))
    share.ensure_owner("bob")
    share.ensure_owner("bob2")
    content.write_bytes(share, A, bytes(600))
    trashed = trash.put(share, A, deleted_by="bob")
    share.quotas.forget("bob")

    with pytest.raises(QuotaExceededError):
        content.write_bytes(share, B, bytes(600))
    content.write_bytes(share, SharePath.parse("Users/bob2/b.bin"), bytes(600))
    trash.delete_for_good(share, trashed.id)
    content.write_bytes(share, B, bytes(600))


def test_links_are_not_followed_when_use_is_measured(tmp_path: Path) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "deep" / "file").write_bytes(bytes(100))
    (tmp_path / "a" / "out").symlink_to("/usr")
    (tmp_path / "a" / "loop").symlink_to(".")

    assert use_of(tmp_path / "a").bytes < 200
    assert use_of(tmp_path / "a" / "deep") == Use(100, 1)
    assert use_of(tmp_path / "none") == Use()


NEARLY_FULL = """
import subprocess, sys, time
from pathlib import Path
root = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(root)], check=True)
from pfstudio.share import content, files, trash, uploads
from pfstudio.share.errors import StudioReadOnlyError
from pfstudio.share.incoming import Incoming
from pfstudio.share.paths import Limits, Share, SharePath
share = Share(root / "share", limits=Limits(reserve_bytes=2_000_000))
share.ensure_owner("bob")
path = SharePath.parse("Users/bob/a.txt")
content.write_bytes(share, path, b"before")
content.write_bytes(share, SharePath.parse("Users/bob/gone"), b"x" * 6_500_000)
upload = uploads.begin(share, username="bob", path=None, size=10)
time.sleep(0.6)
attempts = {
    "save": lambda: content.write_bytes(share, path, b"after"),
    "folder": lambda: files.make_folder(share, SharePath.parse("Users/bob/new")),
    "import": lambda: Incoming(share),
    "begin": lambda: uploads.begin(share, username="bob", path=path, size=1),
    "go on": lambda: uploads.write(share, upload, 0, b"x"),
}
for name, attempt in attempts.items():
    try:
        attempt()
        print(name, "was written")
    except StudioReadOnlyError as error:
        print(error)
assert content.read_bytes(share, path) == b"before"
gone = trash.put(share, SharePath.parse("Users/bob/gone"), deleted_by="bob")
trash.delete_for_good(share, gone.id)
time.sleep(0.6)
content.write_bytes(share, path, b"after")
uploads.write(share, upload, 0, b"x")
"""


def test_a_nearly_full_disk_makes_the_studio_read_only_until_there_is_room(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", NEARLY_FULL, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert len(lines) == 5
    assert set(lines) == {
        "The disk is nearly full, so the studio is read-only until there is room again. Deleting for good and emptying "
        "the trash still work."
    }
