"""The bytes of files: read, written whole, never lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pfstudio.errors import PromptflowException
from pfstudio.share import content, files
from pfstudio.share.content import Precondition
from pfstudio.share.errors import (
    FileTooLargeError,
    InvalidNameError,
    NotAFolderError,
    NotReadableError,
    StaleFileError,
)
from pfstudio.share.paths import Limits, Share, SharePath

FILE = SharePath.parse("Users/bob/promptflow/flow/a.txt")


def test_a_file_is_written_with_the_folders_above_it_and_read_back(share: Share, bob: Path) -> None:
    written = content.write_bytes(share, FILE, b"one\r\ntwo \xff\0")

    assert written.created
    assert content.read_bytes(share, FILE) == b"one\r\ntwo \xff\0"
    assert (bob / "promptflow" / "flow" / "a.txt").read_bytes() == b"one\r\ntwo \xff\0"
    assert [item.name for item in (bob / "promptflow" / "flow").iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    "name", ["with space.txt", "ünïcödé.txt", "日本.py", "🙂.md", "-rf", "a;b", "a%20b", "e\u0301.txt", "x" * 255]
)
def test_names_of_all_kinds_are_kept_exactly(share: Share, bob: Path, name: str) -> None:
    path = SharePath.parse(f"Users/bob/{name}")

    content.write_bytes(share, path, b"x")

    assert [item.name for item in bob.iterdir()] == [name]
    assert files.list_folder(share, SharePath.parse("Users/bob"))[0].name == name


def test_an_existing_file_keeps_its_mode_and_a_reader_what_it_opened(share: Share, bob: Path) -> None:
    (bob / "run.sh").write_text("old")
    (bob / "run.sh").chmod(0o755)
    path = SharePath.parse("Users/bob/run.sh")
    opened = content.open_file(share, path)

    written = content.write_bytes(share, path, b"new")

    with opened.file:
        assert opened.file.read() == b"old"
    assert not written.created
    assert (bob / "run.sh").stat().st_mode & 0o777 == 0o755


def test_writing_through_a_link_changes_what_it_leads_to_and_keeps_the_link(share: Share, bob: Path) -> None:
    (bob / "data").mkdir()
    (bob / "data" / "real.txt").write_text("old")
    (bob / "link.txt").symlink_to("data/real.txt")

    content.write_bytes(share, SharePath.parse("Users/bob/link.txt"), b"new")

    assert (bob / "link.txt").is_symlink()
    assert (bob / "data" / "real.txt").read_text() == "new"


def test_tags_differ_between_any_two_writes_even_of_the_same_bytes(share: Share) -> None:
    tags = {content.write_bytes(share, FILE, b"same").entry.etag for _ in range(200)}

    assert len(tags) == 200


def test_a_tag_follows_what_any_other_program_does_to_the_file(share: Share, bob: Path) -> None:
    first = content.write_bytes(share, FILE, b"aaaa").entry.etag
    on_disk = bob / "promptflow" / "flow" / "a.txt"
    stat = on_disk.stat()
    on_disk.write_bytes(b"bbbb")
    os.utime(on_disk, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # As rsync and git can do.

    assert files.stat_entry(share, FILE).etag != first
    with pytest.raises(StaleFileError):
        content.write_bytes(share, FILE, b"cccc", Precondition.from_headers(first, None))
    assert on_disk.read_bytes() == b"bbbb"


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "on_missing", "on_present"),
    [
        (None, None, True, True),
        ("{tag}", None, False, True),
        ("W/{tag}", None, False, True),
        ('"other", {tag}', None, False, True),
        ('"other"', None, False, False),
        ("*", None, False, True),
        (None, "*", True, False),
        (None, "{tag}", True, False),
        (None, '"other"', True, True),
        ("", None, False, False),
    ],
)
def test_conditions_decide_whether_a_write_happens(
    share: Share, if_match: str | None, if_none_match: str | None, on_missing: bool, on_present: bool
) -> None:
    other = SharePath.parse("Users/bob/missing.txt")
    tag = content.write_bytes(share, FILE, b"old").entry.etag
    condition = Precondition.from_headers(
        if_match and if_match.format(tag=tag), if_none_match and if_none_match.format(tag=tag)
    ) if if_match != "" else Precondition.from_headers("", None)  # fmt: skip

    for path, expected in ((other, on_missing), (FILE, on_present)):
        if expected:
            content.write_bytes(share, path, b"new", condition)
            assert content.read_bytes(share, path) == b"new"
        else:
            with pytest.raises(StaleFileError):
                content.write_bytes(share, path, b"new", condition)


def test_of_many_tabs_that_save_the_same_version_at_once_exactly_one_wins(share: Share, rounds: int) -> None:
    for _ in range(rounds):
        tag = content.write_bytes(share, FILE, b"start").entry.etag
        outcomes = _save_at_once(share, Precondition.from_headers(tag, None))
        winners = [text for text, error in outcomes.items() if error is None]
        assert len(winners) == 1
        assert content.read_bytes(share, FILE).decode() == winners[0]
        assert {type(error) for error in outcomes.values() if error} == {StaleFileError}


def test_of_many_that_create_the_same_file_at_once_exactly_one_wins(share: Share, rounds: int) -> None:
    for number in range(rounds):
        path = SharePath.parse(f"Users/bob/new{number}.txt")
        outcomes = _save_at_once(share, Precondition.from_headers(None, "*"), path)
        winners = [text for text, error in outcomes.items() if error is None]
        assert len(winners) == 1
        assert content.read_bytes(share, path).decode() == winners[0]


def _save_at_once(share: Share, condition: Precondition, path: SharePath = FILE) -> dict[str, Exception | None]:
    outcomes: dict[str, Exception | None] = {}
    ready = threading.Barrier(8)

    def save(text: str) -> None:
        ready.wait(10)
        try:
            content.write_bytes(share, path, text.encode(), condition)
            outcomes[text] = None
        except PromptflowException as error:
            outcomes[text] = error

    threads = [threading.Thread(target=save, args=(f"tab {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(outcomes) == 8
    return outcomes


def test_an_upload_that_is_given_up_leaves_nothing(share: Share, bob: Path) -> None:
    content.write_bytes(share, FILE, b"old")

    with content.begin_write(share, FILE) as upload:
        upload.write(b"half of")

    assert content.read_bytes(share, FILE) == b"old"
    assert [item.name for item in (bob / "promptflow" / "flow").iterdir()] == ["a.txt"]


def test_a_file_beyond_the_limit_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    share = Share(tmp_path / "share", limits=Limits(file_bytes=10))
    share.ensure_owner("bob")
    content.write_bytes(share, FILE, b"0123456789")

    with pytest.raises(FileTooLargeError):
        content.write_bytes(share, FILE, b"0123456789a")
    assert content.read_bytes(share, FILE) == b"0123456789"


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "a\x7f", " ", ".pfstudio-tmp-x"])
def test_names_that_would_confuse_are_not_created(share: Share, bob: Path, name: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        content.write_bytes(share, SharePath.parse(f"Users/bob/{name}"), b"x")

    assert str(caught.value).isprintable()
    assert [item.name for item in bob.iterdir()] == []


def test_a_folder_is_no_file_and_a_file_no_folder(share: Share, bob: Path) -> None:
    (bob / "folder").mkdir()
    content.write_bytes(share, SharePath.parse("Users/bob/file"), b"x")

    with pytest.raises(NotReadableError):
        content.read_bytes(share, SharePath.parse("Users/bob/folder"))
    with pytest.raises(NotReadableError):
        content.write_bytes(share, SharePath.parse("Users/bob/folder"), b"x")
    with pytest.raises((NotAFolderError, PromptflowException)):
        content.write_bytes(share, SharePath.parse("Users/bob/file/below"), b"x")
    with pytest.raises(NotAFolderError):
        files.list_folder(share, SharePath.parse("Users/bob/file"))
    assert content.read_bytes(share, SharePath.parse("Users/bob/file")) == b"x"


FULL_DISK = """
import os, subprocess, sys
from pathlib import Path
root = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(root)], check=True)
from pfstudio.share import content
from pfstudio.share.errors import DiskFullError
from pfstudio.share.incoming import Incoming
from pfstudio.share.paths import Share, SharePath
share = Share(root / "share")
share.ensure_owner("bob")
path = SharePath.parse("Users/bob/promptflow/flow/a.txt")
content.write_bytes(share, path, b"precious" * 1000)
for attempt in range(3):
    try:
        content.write_bytes(share, path, b"x" * 4_000_000)
    except DiskFullError as error:
        print(error)
    assert content.read_bytes(share, path) == b"precious" * 1000
    assert os.listdir(root / "share/Users/bob/promptflow/flow") == ["a.txt"]
try:
    with Incoming(share) as incoming:
        with incoming.open_file("flow/big.bin") as file:
            for _ in range(8):
                incoming.write(file, b"y" * 1_000_000)
except DiskFullError as error:
    print(error)
assert os.listdir(root / "share/.incoming") == []
content.write_bytes(share, path, b"room again" * 1000)
"""


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", FULL_DISK, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode == 0, ended.stderr
    sentence = f"The disk is full, so '{FILE}' was not written. What was there before is unchanged."
    assert ended.stdout.splitlines()[:3] == [sentence] * 3
    assert len(ended.stdout.splitlines()) == 4
