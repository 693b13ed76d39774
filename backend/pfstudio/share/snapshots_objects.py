"""Objects of the snapshot store: read through git, written in git's own form.

A tree keeps modes exactly (git would reduce them to two), an empty folder is an empty tree, and a file that is too
large for git is an entry of the kind git uses for submodules, named by the SHA-256 of its content. No file of a user
can look like either, and git follows none of them.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import struct
import tempfile
import threading
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import NamedTuple

from pfstudio.kit.ids import new_id
from pfstudio.share.snapshots_errors import SnapshotsFailedError, SnapshotsFullError
from pfstudio.share.snapshots_git import Conversation, Git

LARGE = 0o160000
EMPTY_TREE = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
_FORMAT = 0o170000
_PERMISSIONS = 0o7777
TEMPORARY = "tmp_obj_"
_MOST_LOOSE = 200
_KEPT_TREES = 20_000
_PACK_KINDS = {"commit": 1, "tree": 2, "blob": 3}


class TreeEntry(NamedTuple):
    """One name in a folder: the mode as `lstat` tells it (a large file's as git writes it) and the object."""

    mode: int
    oid: str

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    @property
    def is_large(self) -> bool:
        return self.mode & _FORMAT == LARGE


Tree = Mapping[str, TreeEntry]


def large_entry(mode: int, name: str) -> TreeEntry:
    """The entry of a file that is in the plain store under this hash."""
    return TreeEntry(LARGE | mode & _PERMISSIONS, name)


def oid_of(kind: str, content: bytes) -> str:
    """The name of an object."""
    return hashlib.sha256(b"%s %d\0" % (kind.encode(), len(content)) + content).hexdigest()


def encode_tree(entries: Tree) -> bytes:
    """A tree in git's form."""
    rows = [(os.fsencode(name), _written_mode(entry.mode), entry) for name, entry in entries.items()]
    rows.sort(key=lambda row: row[0] + b"/" if row[2].is_folder else row[0])
    return b"".join(b"%o %s\0" % (mode, name) + bytes.fromhex(entry.oid) for name, mode, entry in rows)


def decode_tree(content: bytes) -> dict[str, TreeEntry]:
    """What `encode_tree` wrote."""
    entries: dict[str, TreeEntry] = {}
    position = 0
    while position < len(content):
        space, end = content.index(b" ", position), content.index(b"\0", position)
        mode = _written_mode(int(content[position:space], 8))
        entries[os.fsdecode(content[space + 1 : end])] = TreeEntry(mode, content[end + 1 : end + 33].hex())
        position = end + 33
    return entries


def _written_mode(mode: int) -> int:
    """Folders change 755 and 000, so that the usual folder has git's usual mode. It is its own inverse."""
    if stat.S_ISDIR(mode) and mode & _PERMISSIONS in (0o755, 0):
        return mode ^ 0o755
    return mode


class Objects:
    """Reads objects; trees are remembered."""

    def __init__(self, git: Git) -> None:
        self._content = Conversation(git, "cat-file", "--batch")
        self._check = Conversation(git, "cat-file", "--batch-check")
        self._trees: OrderedDict[str, Tree] = OrderedDict()
        self._guard = threading.Lock()

    def read(self, name: str) -> tuple[str, bytes] | None:
        """The id and the content of an object or of what a ref leads to; None where there is none."""
        head, content = self._content.ask(name.encode())
        words = head.split()
        return None if words[-1] == b"missing" else (words[0].decode(), content)

    def blob(self, oid: str) -> bytes:
        """The content of a file or a link.

        Raises:
            SnapshotsFailedError: it was removed, or the store is broken.
        """
        found = self.read(oid)
        if found is None:
            raise SnapshotsFailedError(f"the object {oid} is missing")
        return found[1]

    def size(self, oid: str) -> int:
        head, _ = self._check.ask(oid.encode())
        words = head.split()
        return 0 if words[-1] == b"missing" else int(words[2])

    def has(self, oid: str) -> bool:
        return self._check.ask(oid.encode())[0].split()[-1] != b"missing"

    def tree(self, oid: str) -> Tree:
        """What is in a folder.

        Raises:
            SnapshotsFailedError: it was removed, or the store is broken.
        """
        with self._guard:
            known = self._trees.get(oid)
            if known is not None:
                self._trees.move_to_end(oid)
                return known
        return self.remember(oid, decode_tree(self.blob(oid)))

    def remember(self, oid: str, tree: Tree) -> Tree:
        with self._guard:
            self._trees[oid] = tree
            while len(self._trees) > _KEPT_TREES:
                self._trees.popitem(last=False)
        return tree

    def find(self, tree: str, names: tuple[str, ...]) -> TreeEntry | None:
        """The entry that names lead to from a root tree; the root itself without names."""
        entry = TreeEntry(stat.S_IFDIR | 0o755, tree)
        for name in names:
            below = self.tree(entry.oid).get(name) if entry.is_folder else None
            if below is None:
                return None
            entry = below
        return entry

    def forget(self) -> None:
        """Know nothing any more: objects were removed."""
        with self._guard:
            self._trees.clear()
        self._content.close()
        self._check.close()

    close = forget


class ObjectWriter:
    """Adds objects. Nothing counts before `flush`; leaving the block without it forgets the rest.

    The first are written one by one, as git does for small changes; beyond that they become one pack.
    """

    def __init__(self, git: Git, objects: Objects) -> None:
        self._git = git
        self._objects = objects
        self._loose: list[tuple[str, str]] = []
        self._new: set[str] = set()
        self._trees: dict[str, Tree] = {}
        self._pack = tempfile.TemporaryFile(dir=git.folder)  # noqa: SIM115 - closed by `close`.
        self._packed = 0

    def __enter__(self) -> ObjectWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def blob(self, content: bytes) -> str:
        return self.add("blob", content)

    def tree(self, entries: Tree) -> str:
        content = encode_tree(entries)
        oid = oid_of("tree", content)
        if oid not in self._trees:
            self._trees[oid] = dict(entries)
            self.add("tree", content)
        return oid

    def read_tree(self, oid: str) -> Tree:
        """A tree of the store, or one that was just added."""
        known = self._trees.get(oid)
        return self._objects.tree(oid) if known is None else known

    def add(self, kind: str, content: bytes) -> str:
        """Add an object unless the store has it, and tell its id.

        Raises:
            SnapshotsFailedError: it could not be written.
        """
        oid = oid_of(kind, content)
        if oid in self._new:
            return oid
        # Git answers for the empty tree even where the store lacks it.
        if not self._is_loose(oid) and (oid == EMPTY_TREE or not self._objects.has(oid)):
            try:
                if len(self._loose) < _MOST_LOOSE:
                    self._add_loose(oid, kind, content)
                else:
                    self._add_to_pack(kind, content)
            except OSError as error:
                raise failed(error) from error
        self._new.add(oid)
        return oid

    def flush(self) -> None:
        """Make all of it last."""
        try:
            folders = set()
            for temporary, final in self._loose:
                _sync(temporary)
                os.rename(temporary, final)  # noqa: PTH104 - many of them.
                folders.add(os.path.dirname(final))  # noqa: PTH120
            self._loose.clear()
            for folder in folders:
                _sync(folder)
            if self._packed:
                self._finish_pack()
        except OSError as error:
            raise failed(error) from error
        for oid, tree in self._trees.items():
            self._objects.remember(oid, tree)
        self._trees.clear()
        self._new.clear()

    def close(self) -> None:
        self._pack.close()
        for temporary, _ in self._loose:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
        self._loose.clear()

    def _place(self, oid: str) -> str:
        return f"{self._git.folder}/objects/{oid[:2]}/{oid[2:]}"

    def _is_loose(self, oid: str) -> bool:
        return os.path.exists(self._place(oid))  # noqa: PTH110 - many of them.

    def _add_loose(self, oid: str, kind: str, content: bytes) -> None:
        final = self._place(oid)
        folder = os.path.dirname(final)  # noqa: PTH120
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        temporary = f"{folder}/{TEMPORARY}{new_id()}"
        self._loose.append((temporary, final))
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        with os.fdopen(fd, "wb") as file:
            file.write(zlib.compress(b"%s %d\0" % (kind.encode(), len(content)) + content, 1))

    def _add_to_pack(self, kind: str, content: bytes) -> None:
        if not self._packed:
            self._pack.write(b"PACK" + struct.pack(">II", 2, 0))
        size = len(content)
        head = bytearray([_PACK_KINDS[kind] << 4 | size & 15])
        size >>= 4
        while size:
            head[-1] |= 0x80
            head.append(size & 0x7F)
            size >>= 7
        self._pack.write(head + zlib.compress(content, 1))
        self._packed += 1

    def _finish_pack(self) -> None:
        pack = self._pack
        pack.seek(8)
        pack.write(struct.pack(">I", self._packed))
        pack.seek(0)
        digest = hashlib.sha256()
        while piece := pack.read(1 << 20):
            digest.update(piece)
        pack.write(digest.digest())
        pack.flush()
        pack.seek(0)
        self._git.run("index-pack", "--stdin", "--threads=1", stdin=pack, seconds=1800)
        pack.seek(0)
        pack.truncate()
        self._packed = 0


def failed(error: OSError) -> SnapshotsFailedError:
    """What an error of the system means for the store."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SnapshotsFullError()
    return SnapshotsFailedError((error.strerror or "input or output failed").lower())


def _sync(path: str) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
