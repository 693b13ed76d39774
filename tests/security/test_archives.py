"""Archives that strangers made: nothing comes in that should not, and nothing stays of what is refused.

Row 41 of the table of incidents.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.accounts.actor import Actor, Role
from pfstudio.errors import PromptflowException
from pfstudio.flows.errors import FlowNameTakenError, NoFlowFileError
from pfstudio.flows.importing import Import
from pfstudio.share.errors import ArchiveRefusedError, ArchiveTooLargeError
from pfstudio.share.paths import Limits, Share
from security.zips import Item, pack

BOB = Actor("bob", Role.AUTHOR)
FLOW_FILE = ("flow/flow.dag.yaml", b"nodes: []\n")


@pytest.fixture
def share(tmp_path: Path) -> Share:
    made = Share(tmp_path / "share")
    made.ensure_owner("bob")
    return made


def make_zip(*entries: tuple[str | zipfile.ZipInfo, bytes], flow: bool = True) -> bytes:
    """A zip with these entries after a flow file, names exactly as given."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [FLOW_FILE, *entries] if flow else entries:
            entry = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo()
            if isinstance(name, str):
                entry.filename = name
                entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return target.getvalue()


def special(name: str, kind: int, mode: int = 0o777) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (kind | mode) << 16
    return entry


def link(name: str) -> zipfile.ZipInfo:
    return special(name, stat.S_IFLNK)


def bring_in(share: Share, archive: bytes, name: str | None = None) -> Path:
    """The folder on disk of the imported flow."""
    with Import(share, actor=BOB) as incoming:
        incoming.begin_file("some.zip")
        for start in range(0, len(archive), 1 << 20):
            incoming.write(archive[start : start + (1 << 20)])
        incoming.end_file()
        return share.root / incoming.finish(name).path


def is_untouched(share: Share) -> bool:
    """Whether nothing is anywhere: not with the flows, not where imports wait, not beside the share."""
    flows = share.users / "bob" / "promptflow"
    waiting = share.root / ".incoming"
    return (
        not (flows.exists() and any(flows.iterdir()))
        and not (waiting.exists() and any(waiting.iterdir()))
        and sorted(item.name for item in share.root.parent.iterdir()) == ["share"]
    )


REFUSED: dict[str, bytes] = {
    "climbs": make_zip(("flow/../../../evil.txt", b"x")),
    "climbs at the start": make_zip(("../evil.txt", b"x")),
    "climbs the Windows way": make_zip(("flow\\..\\..\\evil.txt", b"x")),
    "only dots": make_zip(("flow/..", b"x")),
    "absolute": make_zip(("/etc/evil.txt", b"x")),
    "absolute on a share": make_zip(("//server/evil.txt", b"x")),
    "drive": make_zip(("C:/evil.txt", b"x")),
    "drive with backslash": make_zip(("C:\\evil.txt", b"x")),
    "empty name in it": make_zip(("flow//evil.txt", b"x")),
    "control character": make_zip(("flow/a\nb.txt", b"x")),
    "too long a name": make_zip(("flow/" + "x" * 256, b"x")),
    "too long a path": make_zip(("flow/" + "/".join("x" * 100 for _ in range(11)), b"x")),
    "link up": make_zip((link("flow/evil"), b"../../../../etc/passwd")),
    "absolute link": make_zip((link("flow/evil"), b"/etc/passwd")),
    "link to a neighbor": make_zip((link("flow/evil"), b"../other")),
    "links one through the other": make_zip((link("flow/a"), b"."), (link("flow/b"), b"a/../..")),
    "link loop": make_zip((link("flow/a"), b"b"), (link("flow/b"), b"a")),
    "link and a file below it": make_zip((link("flow/a"), b".."), ("flow/a/evil.txt", b"x")),
    "link to a folder of links": make_zip((link("flow/d/a"), b"../.."), (link("flow/b"), b"d/a/..")),
    "empty link": make_zip((link("flow/a"), b"")),
    "very long link": make_zip((link("flow/a"), b"a/" * 3000)),
    "device": make_zip((special("flow/null", stat.S_IFCHR), b"")),
    "block device": make_zip((special("flow/disk", stat.S_IFBLK), b"")),
    "fifo": make_zip((special("flow/pipe", stat.S_IFIFO), b"")),
    "socket": make_zip((special("flow/socket", stat.S_IFSOCK), b"")),
    "twice the same": make_zip(("flow/a.txt", b"1"), ("flow/a.txt", b"2")),
    "case collision": make_zip(("flow/A.txt", b"1"), ("flow/a.txt", b"2")),
    "folder case collision": make_zip(("flow/Data/a.txt", b"1"), ("flow/data/b.txt", b"2")),
    "accent collision": make_zip(("flow/\u00e9.txt", b"1"), ("flow/e\u0301.txt", b"2")),
    "file and folder": make_zip(("flow/a", b"1"), ("flow/a/b", b"2")),
    "git": make_zip(("flow/.git/hooks/post-checkout", b"#!/bin/sh")),
    "nested git": make_zip(("flow/sub/.git/config", b"[core]")),
    "git in capitals": make_zip(("flow/.GIT/config", b"[core]")),
    "git with a dot": make_zip(("flow/.git./config", b"[core]")),
    "git file": make_zip(("flow/sub/.git", b"gitdir: /etc")),
    "our own temporary name": make_zip(("flow/.pfstudio-tmp-x", b"x")),
    "packed with LZMA": pack([Item(b"flow/a", b"\x09\x04\x05\0" + b"\xff" * 50, method=14)]),
    "no zip": b"this is not a zip",
    "empty": b"",
    "cut off": make_zip(("flow/a.txt", os.urandom(1000)))[:-300],
    "cut off at the front": make_zip(("flow/a.txt", os.urandom(5000)))[400:],
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_zip_is_refused_in_a_sentence_and_leaves_nothing(share: Share, kind: str) -> None:
    with pytest.raises(ArchiveRefusedError) as caught:
        bring_in(share, REFUSED[kind])

    assert str(caught.value).startswith("The import was refused, nothing was written: ")
    assert str(caught.value).isprintable()
    assert is_untouched(share)


def test_links_that_stay_inside_come_in_as_links(share: Share) -> None:
    folder = bring_in(
        share,
        make_zip(("flow/data/a.txt", b"a"), (link("flow/link"), b"data/a.txt"), (link("flow/data/up"), b"../data")),
    )

    assert (folder / "link").readlink() == Path("data/a.txt")
    assert (folder / "data" / "up" / "a.txt").read_text() == "a"


def test_modes_come_in_without_the_dangerous_bits(share: Share) -> None:
    folder = bring_in(
        share,
        make_zip((special("flow/run.sh", stat.S_IFREG, 0o6755), b"x"), (special("flow/none", stat.S_IFREG, 0), b"x")),
    )

    assert stat.S_IMODE((folder / "run.sh").stat().st_mode) == 0o755
    assert stat.S_IMODE((folder / "none").stat().st_mode) & 0o600 == 0o600


def bomb(inflated: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(*FLOW_FILE)
        with archive.open("flow/zeros.bin", "w", force_zip64=True) as file:
            piece = bytes(1 << 20)
            for _ in range(inflated >> 20):
                file.write(piece)
    return target.getvalue()


def test_a_bomb_is_given_up_by_the_bytes_that_really_come_out(share: Share) -> None:
    began = time.monotonic()

    with pytest.raises(ArchiveTooLargeError, match="200 times"):
        bring_in(share, bomb(400 << 20))

    assert time.monotonic() - began < 20
    assert is_untouched(share)


def test_a_bomb_that_lies_about_its_size_is_given_up_as_well(share: Share) -> None:
    honest = bytearray(bomb(200 << 20))
    size = (200 << 20).to_bytes(4, "little")
    lying = bytes(honest).replace(size, (10).to_bytes(4, "little"))

    with pytest.raises((ArchiveTooLargeError, ArchiveRefusedError)):
        bring_in(share, lying)
    assert is_untouched(share)


def test_overlapping_entries_count_each_time_they_inflate(share: Share) -> None:
    """One compressed block that many entries point to (the bomb without nesting)."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(8 << 20)
    block = packed.compress(zeros) + packed.flush()
    crc = zlib.crc32(zeros)
    local, central, count = bytearray(), bytearray(), 60
    header = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(block), len(zeros), 1, 0) + b"a"
    local += header + block
    for number in range(count):
        name = f"flow/{number}.bin".encode()
        central += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 33, crc, len(block), len(zeros), len(name), 0, 0, 0, 0, 0, 0
        )
        central += name
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(central), len(local), 0)

    with pytest.raises((ArchiveTooLargeError, ArchiveRefusedError)):
        bring_in(share, bytes(local + central + end))
    assert is_untouched(share)


def test_more_entries_than_the_limit_are_refused_before_they_are_read(share: Share) -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0) + b"flow/a"
    central = entry * 100_001
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, len(central), 0, 0)

    with pytest.raises(ArchiveTooLargeError, match="100,000"):
        bring_in(share, central + end)
    assert is_untouched(share)


def test_a_harmless_folder_that_compresses_very_well_comes_in(share: Share) -> None:
    folder = bring_in(share, make_zip(("flow/zeros.bin", bytes(50 << 20))))

    assert (folder / "zeros.bin").stat().st_size == 50 << 20


def test_all_files_together_may_not_be_larger_than_the_limit(tmp_path: Path) -> None:
    share = Share(tmp_path / "share", limits=Limits(import_bytes=1000))
    share.ensure_owner("bob")

    with pytest.raises(ArchiveTooLargeError), Import(share, actor=BOB) as incoming:
        for number in range(3):
            incoming.begin_file(f"flow/{number}.bin")
            incoming.write(bytes(400))
            incoming.end_file()
    assert is_untouched(share)


def test_what_macos_adds_to_its_zips_is_left_out_and_told(share: Share) -> None:
    archive = make_zip(("__MACOSX/flow/._flow.dag.yaml", b"x"), ("flow/.DS_Store", b"x"))

    with Import(share, actor=BOB) as incoming:
        incoming.begin_file("some.zip")
        incoming.write(archive)
        incoming.end_file()
        imported = incoming.finish(None)

    assert (imported.path, imported.left_out) == ("Users/bob/promptflow/flow", ["__MACOSX"])
    assert not (share.root / imported.path / "__MACOSX").exists()


def test_a_zip_of_azure_or_of_windows_comes_in(share: Share) -> None:
    """Back-slashes between names, folders as entries, a top folder and what test runs left."""
    entries = [("flow\\", b""), ("flow\\.promptflow\\flow.tools.json", b"{}"), ("flow\\sub\\a.py", b"x = 1\r\n")]

    folder = bring_in(share, make_zip(("flow\\flow.dag.yaml", b"nodes: []\n"), *entries, flow=False))

    assert folder.name == "flow"
    assert (folder / "sub" / "a.py").read_bytes() == b"x = 1\r\n"
    assert (folder / ".promptflow" / "flow.tools.json").exists()


def test_a_streamed_zip64_with_data_descriptors_comes_in(share: Share) -> None:
    class Pipe(io.RawIOBase):
        data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, piece: bytes) -> int:  # type: ignore[override]
            self.data += piece
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("flow/flow.dag.yaml", "flow/big.bin"):
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(b"nodes: []\n")

    assert (bring_in(share, bytes(pipe.data)) / "big.bin").read_bytes() == b"nodes: []\n"


Bring = Callable[[Share, list[tuple[str, bytes]], str | None], str]


def bring_in_files(share: Share, files: list[tuple[str, bytes]], name: str | None = None) -> str:
    with Import(share, actor=BOB) as incoming:
        for path, data in files:
            incoming.begin_file(path)
            incoming.write(data)
            incoming.end_file()
        return incoming.finish(name).path


@pytest.mark.parametrize(
    "path", ["../evil", "flow/../../evil", "/etc/evil", "C:\\evil", "flow/a\0b", "flow//x", "..", ".", "flow/\x1b[2J"]
)
def test_files_with_hostile_paths_are_refused_and_leave_nothing(share: Share, path: str) -> None:
    with pytest.raises(ArchiveRefusedError):
        bring_in_files(share, [FLOW_FILE, (path, b"x")])
    assert is_untouched(share)


def test_a_folders_repository_is_left_out_and_told(share: Share) -> None:
    path = bring_in_files(share, [FLOW_FILE, ("flow/.git/config", b"[core]"), ("flow/.gitignore", b"x")])

    assert sorted(item.name for item in (share.root / path).iterdir()) == [".gitignore", "flow.dag.yaml"]


def test_the_top_folder_names_the_flow_and_a_taken_name_gets_a_number(share: Share) -> None:
    paths = [bring_in_files(share, [FLOW_FILE, ("flow/sub/a.txt", b"a")]) for _ in range(3)]

    assert paths == [f"Users/bob/promptflow/{name}" for name in ("flow", "flow-2", "flow-3")]
    assert (share.root / paths[2] / "sub" / "a.txt").read_text() == "a"


def test_a_given_name_that_is_taken_is_refused_and_nothing_changes(share: Share) -> None:
    bring_in_files(share, [FLOW_FILE, ("flow/mine.txt", b"mine")], "taken")

    with pytest.raises(FlowNameTakenError):
        bring_in_files(share, [FLOW_FILE], "taken")
    flows = share.users / "bob" / "promptflow"
    assert [item.name for item in flows.iterdir()] == ["taken"]
    assert (flows / "taken" / "mine.txt").read_text() == "mine"
    assert not any((share.root / ".incoming").iterdir())


@pytest.mark.parametrize("files", [[("flow/a.txt", b"x")], [("flow.yaml", b"nodes: []")], [("readme.md", b"")]])
def test_a_folder_without_a_flow_file_is_refused_in_a_sentence(share: Share, files: list[tuple[str, bytes]]) -> None:
    with pytest.raises(NoFlowFileError, match="holds neither"):
        bring_in_files(share, files)
    assert is_untouched(share)


def test_a_zip_of_empty_folders_is_no_flow(share: Share) -> None:
    with pytest.raises(NoFlowFileError):
        bring_in(share, make_zip(("flow/", b""), flow=False))
    assert is_untouched(share)


@given(st.binary(max_size=300), st.integers(0, 400), st.booleans())
def test_no_damage_to_a_zip_is_worse_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: bool
) -> None:
    share = Share(tmp_path_factory.getbasetemp() / "damage" / "share")
    share.ensure_owner("bob")
    archive = bytearray(make_zip(("flow/a.txt", b"hello" * 50), (link("flow/b"), b"a.txt")))
    archive[at : at + (0 if cut else len(noise))] = noise
    try:
        bring_in(share, bytes(archive))
    except PromptflowException:
        assert not any((share.root / ".incoming").iterdir())
    assert sorted(item.name for item in share.root.parent.iterdir()) == ["share"]


@pytest.mark.parametrize("name", ["a/" * 450 + ".git/config", "C:/" + "x" * 900, "../" + "y" * 900])
def test_a_refusal_stays_short_however_long_the_names(share: Share, name: str) -> None:
    with pytest.raises(ArchiveRefusedError) as caught:
        bring_in(share, make_zip((name, b"x")))

    assert len(str(caught.value)) < 500
