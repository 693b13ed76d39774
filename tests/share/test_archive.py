"""A folder becomes a zip that gives every byte back."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import subprocess
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.kit.ids import new_id
from pfstudio.share.archive import zip_folder
from pfstudio.share.errors import AboveOwnersError, NotAFolderError, PathNotFoundError
from pfstudio.share.incoming import Incoming
from pfstudio.share.paths import DEFAULT_LIMITS, Share, SharePath
from pfstudio.share.unzip import unpack
from pfstudio.share.walk import Selection

FLOW = SharePath.parse("Users/bob/promptflow/My flöw 🙂")


@pytest.fixture
def flow(bob: Path) -> Path:
    folder = bob / "promptflow" / "My flöw 🙂"
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_bytes(b"# comment\r\nnodes: []\n")
    return folder


def test_the_same_folder_gives_the_same_zip_whose_top_folder_is_the_flows_name(share: Share, flow: Path) -> None:
    (flow / "data").mkdir()
    (flow / "data" / "ünïcode 日本.bin").write_bytes(bytes(range(256)))
    (flow / "empty").mkdir()
    (flow / "run.sh").write_bytes(b"#!/bin/sh\n")
    (flow / "run.sh").chmod(0o755)
    (flow / "link").symlink_to("data")

    first = b"".join(zip_folder(share, FLOW))
    os.utime(flow / "flow.dag.yaml", (1, 1))

    assert b"".join(zip_folder(share, FLOW)) == first
    archive = zipfile.ZipFile(io.BytesIO(first))
    assert archive.testzip() is None
    top = "My flöw 🙂"
    assert archive.namelist() == [
        f"{top}/", f"{top}/data/", f"{top}/data/ünïcode 日本.bin", f"{top}/empty/", f"{top}/flow.dag.yaml",
        f"{top}/link", f"{top}/run.sh",
    ]  # fmt: skip
    assert archive.read(f"{top}/flow.dag.yaml") == b"# comment\r\nnodes: []\n"
    assert stat.S_IMODE(archive.getinfo(f"{top}/run.sh").external_attr >> 16) == 0o755


def test_caches_records_of_tests_and_git_are_left_out_and_nothing_else(share: Share, flow: Path) -> None:
    for name in (".git/config", "__pycache__/a.pyc", ".promptflow/flow.detail.json", "sub/.git/config"):
        (flow / name).parent.mkdir(parents=True, exist_ok=True)
        (flow / name).write_text("x")
    kept = [".env", ".gitignore", ".hidden/a", "node_modules/a.js", "sub/a.log", "x.detail.json", "sub/promptflow/b"]
    for name in kept:
        (flow / name).parent.mkdir(parents=True, exist_ok=True)
        (flow / name).write_text("x")

    archive = zipfile.ZipFile(io.BytesIO(b"".join(zip_folder(share, FLOW))))

    files = [name.split("/", 1)[1] for name in archive.namelist() if not name.endswith("/")]
    assert sorted(files) == sorted([*kept, "flow.dag.yaml"])


def test_what_was_left_out_is_noted_and_can_be_chosen(share: Share, flow: Path) -> None:
    files = {".git/config": "x", ".gitignore": "*.log\n", "a.log": "x", "sub/b.log": "x", "sub/.gitignore": "!b.log\n"}
    for name, text in files.items():
        (flow / name).parent.mkdir(parents=True, exist_ok=True)
        (flow / name).write_text(text)

    def names(**options: bool) -> tuple[set[str], bytes]:
        archive = zipfile.ZipFile(io.BytesIO(b"".join(zip_folder(share, FLOW, Selection(**options)))))
        found = {name.split("/", 1)[1] for name in archive.namelist() if not name.endswith("/")}
        return found, archive.comment

    everything = {*files, "flow.dag.yaml"}
    assert names() == (everything - {".git/config"}, b"Left out: .git.")
    assert names(git=True) == (everything, b"")
    comment = b"Left out: .git, files that a .gitignore names."
    assert names(ignored=False) == (everything - {".git/config", "a.log"}, comment)


def test_it_unpacks_to_the_same_folder(share: Share, flow: Path, tmp_path: Path) -> None:
    (flow / "big.bin").write_bytes(os.urandom(3_000_000))
    (flow / "text.txt").write_text("a line\n" * 1000)
    packed = tmp_path / "flow.zip"
    packed.write_bytes(b"".join(zip_folder(share, FLOW)))

    shutil.unpack_archive(packed, tmp_path / "out")

    ended = subprocess.run(["diff", "-r", flow, tmp_path / "out" / flow.name], check=False, capture_output=True)
    assert ended.returncode == 0, ended.stdout


def test_what_does_not_shrink_is_not_compressed_and_what_does_is(share: Share, flow: Path) -> None:
    text = b"a line that says what the others say\n" * 60_000
    (flow / "text.jsonl").write_bytes(text)
    (flow / "text.zip").write_bytes(text)
    (flow / "noise.bin").write_bytes(os.urandom(2_000_000))
    (flow / "small.txt").write_bytes(text[:5000])

    archive = zipfile.ZipFile(io.BytesIO(b"".join(zip_folder(share, FLOW))))

    shrunk = {entry.filename.rpartition("/")[2]: entry.compress_size < entry.file_size for entry in archive.infolist()}
    assert [shrunk[name] for name in ("text.jsonl", "text.zip", "noise.bin", "small.txt")] == [True, False, False, True]


def test_memory_stays_the_same_however_large_the_folder(share: Share, flow: Path) -> None:
    for name in ("large.gz", "large.bin"):  # One goes through as it is, one is compressed.
        with (flow / name).open("wb") as file:
            file.truncate(300_000_000)
    for number in range(2_000):
        (flow / f"{number}.txt").write_text("x")
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in zip_folder(share, FLOW))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert size > 300_000_000
    assert peak < 16_000_000


def test_what_may_not_be_read_is_left_out_and_noted() -> None:
    with tempfile.TemporaryDirectory() as place:  # Where everyone may go; the usual one is root's.
        Path(place).chmod(0o755)
        share = Share(Path(place) / "data" / "share")
        flow = share.users / "bob" / "flow"
        (flow / "closed").mkdir(parents=True)
        for name in ("open.txt", "secret.txt", "closed/a.txt"):
            (flow / name).write_text("x")
        (flow / "secret.txt").chmod(0)
        (flow / "closed").chmod(0)
        with _as_nobody():
            packed = b"".join(zip_folder(share, SharePath.parse("Users/bob/flow")))
        (flow / "closed").chmod(0o755)

    archive = zipfile.ZipFile(io.BytesIO(packed))
    assert archive.namelist() == ["flow/", "flow/open.txt"]
    assert archive.comment == b"Left out: what the studio may not read."


@contextlib.contextmanager
def _as_nobody() -> Iterator[None]:
    """Without the rights of root, who may read everything."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


def test_what_changes_while_it_is_taken_spoils_no_zip(share: Share, flow: Path) -> None:
    """Files and folders that vanish, or become a link, between being listed and being opened."""
    kept = os.urandom(1_500_000)
    (flow / "a-large.bin").write_bytes(kept)
    for name in ("b-file", "c-folder/x", "d-file"):
        (flow / name).parent.mkdir(exist_ok=True)
        (flow / name).write_text("x")
    (flow / "e-link").symlink_to("d-file")
    pieces = zip_folder(share, FLOW)
    taken = [next(pieces)]  # The folder has been listed, and the large file is under way.

    shutil.rmtree(flow / "c-folder")
    (flow / "c-folder").symlink_to("/etc")
    (flow / "b-file").unlink()
    (flow / "d-file").unlink()
    (flow / "d-file").symlink_to("/etc/passwd")
    (flow / "e-link").unlink()
    taken += pieces

    archive = zipfile.ZipFile(io.BytesIO(b"".join(taken)))
    assert archive.testzip() is None
    top = flow.name
    assert archive.namelist() == [f"{top}/", f"{top}/a-large.bin", f"{top}/flow.dag.yaml"]
    assert archive.read(f"{top}/a-large.bin") == kept


def test_the_folder_of_everyones_folders_has_no_zip(share: Share) -> None:
    for path in ("", "Users"):
        with pytest.raises(AboveOwnersError):
            zip_folder(share, SharePath.parse(path))


def test_what_is_no_folder_has_no_zip(share: Share, flow: Path) -> None:
    with pytest.raises(NotAFolderError):
        zip_folder(share, FLOW / "flow.dag.yaml")
    with pytest.raises(PathNotFoundError):
        zip_folder(share, FLOW / "none")


_names = st.text(
    st.characters(exclude_characters="/\\\0:", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8
).filter(
    lambda name: (
        name.strip() == name and name not in (".", "..") and not name.casefold().startswith((".git", "git~", "__"))
    )
)


@given(st.dictionaries(_names, st.binary(max_size=2000), min_size=1, max_size=8))
def test_a_folder_that_is_exported_and_imported_is_the_same_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes]
) -> None:
    if len({name.casefold() for name in contents}) < len(contents):
        contents = dict(list(contents.items())[:1])
    base = tmp_path_factory.getbasetemp() / f"trip-{new_id()}"
    share = Share(base / "share")
    share.ensure_owner("bob")
    folder = share.users / "bob" / "flow"
    folder.mkdir()
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    packed = base / "flow.zip"
    packed.write_bytes(b"".join(zip_folder(share, SharePath.parse("Users/bob/flow"))))

    with Incoming(share) as incoming:
        unpack(packed, incoming, DEFAULT_LIMITS)
        incoming.place(SharePath.parse("Users/bob/copy"))

    copy = share.users / "bob" / "copy"
    kept = {name: data for name, data in contents.items() if name not in ("__pycache__", ".promptflow")}
    assert {item.name: item.read_bytes() for item in copy.iterdir()} == kept
