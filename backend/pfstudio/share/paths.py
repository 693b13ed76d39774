"""Share paths, what a text names before anything is opened, and `Share`, which opens them.

A share path is `Users/<owner>/<below>`, with `/` between its parts. Two shorter ones exist for listing: the empty
path (the share itself) and `Users`. Names are kept exactly as given: NFC and NFD forms are different names.
"""

from __future__ import annotations

import errno
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR

from pfstudio.kit.ids import new_id
from pfstudio.share.diskspace import DiskGuard, Quotas, use_of
from pfstudio.share.errors import (
    FlowQuotaExceededError,
    InvalidNameError,
    NotAFolderError,
    PathNotFoundError,
    ShareGoneError,
    from_os_error,
    printable,
)
from pfstudio.share.handles import READ, Located, Root, locate, open_beneath
from pfstudio.share.locks import SharedLocks

USERS = "Users"
_FLOWS = "promptflow"
TEMPORARY_PREFIX = ".pfstudio-tmp-"  # Files of ours that are being written; never listed, exported or watched.
_DRIVE = re.compile(r"[A-Za-z]:\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_NAME = 255  # Bytes; what Linux and macOS file systems take.
_LONGEST_PATH = 4000


@dataclass(frozen=True, slots=True)
class SharePath:
    """A path inside the share. `owner` is None for the share itself and for `Users` (then `parts` is empty)."""

    owner: str | None
    parts: tuple[str, ...]
    is_users: bool = False

    @classmethod
    def parse(cls, text: str) -> SharePath:
        """The share path that `text` names, which need not exist.

        Raises:
            PathNotFoundError: the text cannot name anything inside the share.
        """
        pieces = text.removesuffix("/").split("/") if text not in ("", "/") else []
        if len(text) > _LONGEST_PATH or any(not is_safe_name(piece) for piece in pieces):
            raise PathNotFoundError(_shown(text))
        if not pieces:
            return cls(None, ())
        if pieces[0] != USERS:
            raise PathNotFoundError(_shown(text))
        if len(pieces) == 1:
            return cls(None, (), is_users=True)
        return cls(pieces[1], tuple(pieces[2:]))

    @property
    def name(self) -> str:
        if self.parts:
            return self.parts[-1]
        return self.owner or (USERS if self.is_users else "")

    @property
    def below(self) -> str:
        """The path inside the owner's folder."""
        return "/".join(self.parts)

    def __str__(self) -> str:
        if self.owner is None:
            return USERS if self.is_users else ""
        return "/".join((USERS, self.owner, *self.parts))

    def __truediv__(self, below: str) -> SharePath:
        return SharePath.parse(f"{self}/{below}" if str(self) else below)

    @property
    def parent(self) -> SharePath:
        if self.parts:
            return SharePath(self.owner, self.parts[:-1])
        return SharePath(None, (), is_users=self.owner is not None)

    def is_within(self, other: SharePath) -> bool:
        """Whether this is `other` or below it, compared name by name (`bob2` is not below `bob`)."""
        mine, theirs = str(self).split("/"), str(other).split("/")
        return not str(other) or mine[: len(theirs)] == theirs


def is_safe_name(name: str) -> bool:
    """Whether a name stays where it is put: no separator, no dots, no drive, no NUL, nothing undecodable."""
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name or _DRIVE.match(name):
        return False
    try:
        return len(name.encode()) <= _LONGEST_NAME
    except UnicodeEncodeError:
        return False


def require_new_name(name: str) -> None:
    """Stricter than for reading: what may be *created* by that name is usable in every tool and system.

    Raises:
        InvalidNameError: says what is wrong with the name.
    """
    if not name.strip():
        raise InvalidNameError(name, "it is empty")
    if not is_safe_name(name):
        why = "it is too long" if len(name.encode(errors="replace")) > _LONGEST_NAME else "it is not a plain name"
        raise InvalidNameError(_shown(name), why)
    if _CONTROL.search(name):
        raise InvalidNameError(_shown(name), "it holds a control character")
    if name.startswith(TEMPORARY_PREFIX):
        raise InvalidNameError(name, "names that begin so are used while files are written")


def is_git_name(name: str) -> bool:
    """Whether git would take a folder or file of this name for its own, on any file system."""
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf") if not name.isascii() else name
    return seen.rstrip(". ").casefold() in (".git", "git~1")


def _shown(text: str) -> str:
    """The text cut and made printable, for a sentence."""
    return printable(text[:200]).encode(errors="replace").decode()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may put on the share."""

    file_bytes: int = 2_000_000_000
    import_bytes: int = 4_000_000_000
    entries: int = 100_000
    user_bytes: int | None = None
    """What one user's files and trash may take together."""
    flow_bytes: int | None = None
    """What one folder below a user's `promptflow` may take."""
    reserve_bytes: int = 0
    """While less is free on the disk, nothing is written."""
    ratio: int = 200
    """Inflated bytes for each byte of an archive, checked once it has inflated to `ratio_from`."""
    ratio_from: int = 100_000_000


DEFAULT_LIMITS = Limits()


class Share:
    """The file share at `root`: the folder that holds `Users`. Keeps no file open.

    What must not be among users' files, such as the locks of files that are being replaced, lies beside `root`.
    """

    def __init__(self, root: Path, *, limits: Limits = DEFAULT_LIMITS, use_openat2: bool = True) -> None:
        self.root = root
        self.limits = limits
        self.use_openat2 = use_openat2
        self.locks = SharedLocks(root.parent / "locks")
        (root / USERS).mkdir(parents=True, exist_ok=True)
        self.disk = DiskGuard(self.users, limits.reserve_bytes)
        self._moving: dict[Path, bool] = {}
        self.quotas = Quotas(limits.user_bytes, self._measure)
        self.flow_quotas = Quotas(limits.flow_bytes, self._measure_flow, FlowQuotaExceededError)

    @property
    def users(self) -> Path:
        return self.root / USERS

    def ensure_owner(self, username: str) -> None:
        """Make the folder of a user, if it is missing.

        Raises:
            InvalidNameError: no folder can have this name.
        """
        require_new_name(username)
        try:
            (self.users / username).mkdir(exist_ok=True)
        except OSError as error:
            self.require_there()
            raise from_os_error(error, f"{USERS}/{username}") from error

    def require_room(self, owner: str | None, more: int = 1) -> None:
        """Refuse to write where there is no room.

        Raises:
            StudioReadOnlyError: the disk is full.
            QuotaExceededError: the owner has as much as one may have.
        """
        self.disk.require_room()
        if owner is not None:
            self.quotas.require_room(owner, more)

    def require_room_at(self, path: SharePath, more: int = 1) -> None:
        """Refuse to write where there is no room, neither on the disk nor for the owner nor in the flow.

        Raises:
            StudioReadOnlyError, ShareGoneError: the disk is full, or not there.
            QuotaExceededError, FlowQuotaExceededError: the owner, or the flow, has as much as one may have.
        """
        self.require_room(path.owner, more)
        if flow := _flow_of(path):
            self.flow_quotas.require_room(flow, more)

    def count_at(self, path: SharePath, more: int) -> None:
        """Tell what was written or removed."""
        self.quotas.count(str(path.owner), more)
        if flow := _flow_of(path):
            self.flow_quotas.count(flow, more)

    def require_there(self) -> None:
        """Refuse to go on where the share is not reachable, rather than taking it for an empty one.

        Raises:
            ShareGoneError: it is not.
        """
        if not self.users.is_dir():
            raise ShareGoneError

    def _measure_flow(self, flow: str) -> int:
        return use_of(self.root / flow).bytes

    def _measure(self, owner: str) -> int:
        trash = self.hidden_folder("trash")
        mine = [item for item in trash.iterdir() if _trashed_from(item).startswith(f"{USERS}/{owner}/")]
        return use_of(self.users / owner).bytes + sum(use_of(item / "item").bytes for item in mine)

    def hidden_folder(self, name: str) -> Path:
        """A folder from which files move to users' folders at once: beside the share, or where that is another file
        system, inside it, where no share path leads."""
        self.require_there()
        beside = self.root.parent / name
        with suppress(FileExistsError):
            beside.mkdir(mode=0o700)
        if self._moves_from(beside):
            return beside
        inside = self.root / f".{name}"
        inside.mkdir(mode=0o700, exist_ok=True)
        return inside

    def _moves_from(self, beside: Path) -> bool:
        """Whether files can be moved from a folder to the share; tried, since two mounts of one disk look the same."""
        if beside in self._moving:
            return self._moving[beside]
        if beside.stat().st_dev != self.users.stat().st_dev:
            return False
        name = f"{TEMPORARY_PREFIX}{new_id()}"
        try:
            (beside / name).touch()
            (beside / name).rename(self.root / name)
            (self.root / name).unlink()
        except OSError as error:
            with suppress(OSError):
                (beside / name).unlink()
            if error.errno != errno.EXDEV:
                return True  # Full or read-only just now: whoever writes next will hear of it.
            self._moving[beside] = False
        else:
            self._moving[beside] = True
        return self._moving[beside]

    def owner_root(self, path: SharePath) -> Root:
        """The open folder of the path's owner; nothing below it leaves it.

        Raises:
            PathNotFoundError: the path has no owner, or the owner no folder.
        """
        if path.owner is None or path.owner.startswith("."):
            raise PathNotFoundError(str(path))
        folder = self.users / path.owner
        try:
            return Root.open(str(folder))
        except OSError as error:
            self.require_there()
            raise from_os_error(error, str(path)) from error

    def open(self, path: SharePath, flags: int = READ) -> int:
        """A descriptor of what the path leads to, links inside the owner's folder followed. Never blocks.

        Raises:
            PathNotFoundError: nothing is there, or the way leaves the owner's folder.
        """
        with self.owner_root(path) as root:
            try:
                return open_beneath(root, path.parts, flags, use_openat2=self.use_openat2)
            except OSError as error:
                raise from_os_error(error, str(path)) from error

    @contextmanager
    def locate(self, path: SharePath, *, follow_leaf: bool = True) -> Iterator[Located]:
        """Where the path really is: an open folder and a name in it. OS errors inside become errors of ours."""
        with self.owner_root(path) as root:
            try:
                with locate(root, path.parts, follow_leaf=follow_leaf) as found:
                    yield found
            except OSError as error:
                raise from_os_error(error, str(path)) from error

    def real_folder(self, path: SharePath) -> Path:
        """The absolute path, without links, of a folder of the share, for a process that needs one.

        Raises:
            PathNotFoundError: nothing is there, or the way leaves the owner's folder.
            NotAFolderError: it is a file.
        """
        with self.locate(path) as found:
            if found.info is None:
                raise PathNotFoundError(str(path))
            if not S_ISDIR(found.info.st_mode):
                raise NotAFolderError(str(path))
            return Path(os.path.realpath(self.users / str(path.owner)), *found.names)


def _flow_of(path: SharePath) -> str:
    """The folder below `promptflow` that a path is in; empty where it is in none."""
    is_in_one = len(path.parts) > 1 and path.parts[0] == _FLOWS
    return f"{USERS}/{path.owner}/{_FLOWS}/{path.parts[1]}" if is_in_one else ""


def _trashed_from(entry: Path) -> str:
    """Where an entry of the trash was; empty for what is no entry."""
    try:
        return str(json.loads((entry / "about.json").read_text(encoding="utf-8"))["path"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
