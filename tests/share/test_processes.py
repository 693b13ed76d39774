"""Saves from several web processes on one share."""

from __future__ import annotations

import errno
import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pfstudio.share import content, locks
from pfstudio.share.content import Precondition
from pfstudio.share.errors import StaleFileError
from pfstudio.share.paths import Share, SharePath

FILE = SharePath.parse("Users/bob/promptflow/flow/a.txt")
PROGRAM = Path(__file__).with_name("saving_process.py")


@pytest.fixture
def processes(share: Share) -> Iterator[list[subprocess.Popen[str]]]:
    """Four processes that are ready to save, each a content of its own."""
    with ExitStack() as stack:
        started = []
        for number in range(4):
            command = [sys.executable, str(PROGRAM), str(share.root), str(FILE), f"process {number}"]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            stack.callback(process.wait, 20)
            assert process.stdin is not None
            stack.callback(process.stdin.close)
            started.append(process)
        for process in started:
            assert _answer(process) == "ready"
        yield started


def test_of_many_processes_that_save_the_same_version_at_once_exactly_one_wins(
    share: Share, bob: Path, processes: list[subprocess.Popen[str]]
) -> None:
    for _ in range(60):
        tag = content.write_bytes(share, FILE, b"start").entry.etag
        moment = time.time() + 0.02
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(f"{tag} {moment}\n")
            process.stdin.flush()
        answers = [_answer(process) for process in processes]

        assert sorted(answers) == ["stale", "stale", "stale", "won"]
        assert content.read_bytes(share, FILE).decode() == f"process {answers.index('won')}"
    assert [item.name for item in (bob / "promptflow" / "flow").iterdir()] == ["a.txt"]


def test_locks_lie_outside_the_share_and_do_not_grow_with_its_files(share: Share) -> None:
    for number in range(600):
        content.write_bytes(share, SharePath.parse(f"Users/bob/many/{number}.txt"), b"x")

    found = list((share.root.parent / "locks").iterdir())

    assert 0 < len(found) <= locks.STRIPES
    assert {file.stat().st_mode & 0o777 for file in found} == {0o600}


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_the_file_system_has_no_locks_a_save_is_still_exact_within_the_process(
    share: Share, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, "no locks here")

    monkeypatch.setattr(fcntl, "flock", refuse)
    _saves_once(share)


def test_where_python_has_no_fcntl_a_save_is_still_exact_within_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    share = Share(tmp_path / "elsewhere" / "share")
    share.ensure_owner("bob")

    _saves_once(share)

    assert not (tmp_path / "elsewhere" / "locks").exists()


def _saves_once(share: Share) -> None:
    tag = content.write_bytes(share, FILE, b"start").entry.etag
    content.write_bytes(share, FILE, b"first", Precondition.from_headers(tag, None))
    with pytest.raises(StaleFileError):
        content.write_bytes(share, FILE, b"second", Precondition.from_headers(tag, None))
    assert content.read_bytes(share, FILE) == b"first"


def _answer(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
