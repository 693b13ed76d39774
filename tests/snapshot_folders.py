"""Folders to take snapshots of: told exactly, and generated with everything that git alone would spoil."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

from pfstudio.share.paths import Share, SharePath
from pfstudio.share.snapshots import Kind, SnapshotStore, Version
from pfstudio.share.snapshots_units import Unit
from pfstudio.share.snapshots_writing import About, writing

FLOW = SharePath("bob", ("promptflow", "flow"))
UNIT = Unit(FLOW)
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12\n"


def told(folder: Path) -> dict[bytes, tuple[int, bytes]]:
    """All that is in a folder: the mode with its kind, and content or target; `.git` left out."""
    found: dict[bytes, tuple[int, bytes]] = {b"": (stat.S_IMODE(folder.stat().st_mode), b"")}
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for path in [Path(top, name) for name in [*folders, *files] if name != ".git"]:
            info = path.lstat()
            content = b""
            if stat.S_ISLNK(info.st_mode):
                content = os.fsencode(path.readlink())
            elif stat.S_ISREG(info.st_mode):
                content = path.read_bytes()
            found[os.fsencode(path.relative_to(folder))] = (info.st_mode, content)
    return found


def snapshot(
    store: SnapshotStore,
    share: Share,
    *,
    minute: float = 0,
    kind: Kind = "save",
    author: str | None = "bob",
    always: bool = False,
) -> Version | None:
    """Take in the whole flow as it is."""
    with writing(store, share, UNIT) as unit:
        unit.scan()
        return unit.add(About(kind, author, START + timedelta(minutes=minute)), always=always)


_PLAIN = st.sampled_from(["a", "b.txt", "flow.dag.yaml", "data", "node_modules", "x.log", ".env"])
_ODD = st.sampled_from(
    [
        "-rf",
        "--",
        " ",
        "a\nb",
        "a\tb",
        '"q"',
        "\\",
        "*",
        ":(top)",
        ".GIT",
        "git~1",
        ".gitmodules",
        "CON",
        "é",
        "e\u0301",
    ]
).map(str)
_BYTES = st.binary(min_size=1, max_size=12).map(
    lambda raw: os.fsdecode(raw.replace(b"/", b"_").replace(b"\0", b"_")) if raw not in (b".", b"..") else "dots"
)
NAMES = st.one_of(_PLAIN, _ODD, _BYTES).filter(lambda name: name != ".git" and not name.startswith(".pfstudio-tmp-"))
_FILES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([b"", b"a\r\nb\r\n", b"mixed\r\nends\n", POINTER, b"*.log\nignored/\n", b"\xef\xbb\xbfbom"]),
)
_FILE_MODES = st.sampled_from([0o644, 0o755, 0o600, 0o664, 0o777, 0o400, 0o4755, 0o640])
_FOLDER_MODES = st.sampled_from([0o755, 0o700, 0o775, 0o1777, 0o2755, 0o500])
_TARGETS = st.sampled_from(["a", "../b.txt", "missing/x", "/etc/passwd", ".", "data/../data", "\udcff"])
_LEAVES = st.one_of(
    st.tuples(st.just("file"), _FILES, _FILE_MODES),
    st.tuples(st.just("link"), _TARGETS, st.just(0)),
)
TREES = st.dictionaries(
    NAMES,
    st.recursive(
        _LEAVES,
        lambda inner: st.tuples(
            st.just("folder"), st.dictionaries(NAMES, inner, max_size=4), st.tuples(_FOLDER_MODES, st.booleans())
        ),
        max_leaves=12,
    ),
    max_size=6,
)


def build(folder: Path, tree: dict) -> None:  # type: ignore[type-arg]
    """Make what a generated tree says; a folder that is a repository gets a `.git` and attributes."""
    for name, (kind, what, mode) in tree.items():
        place = folder / name
        if kind == "file":
            place.write_bytes(what)
            place.chmod(mode)
        elif kind == "link":
            place.symlink_to(what)
        else:
            place.mkdir()
            build(place, what)
            permissions, is_repository = mode
            if is_repository:
                (place / ".git").mkdir()
                (place / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
                if not os.path.lexists(place / ".gitattributes"):
                    (place / ".gitattributes").write_text("* text=auto eol=crlf\n*.bin filter=lfs\n")
            place.chmod(permissions)
