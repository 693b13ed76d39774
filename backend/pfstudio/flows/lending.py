"""A copy of somebody else's flow that nobody can change any more, for running it with one's own connections.

Whoever lends a secret lends it to what they saw. The copy is taken first and hashed as it is written, so that what is
agreed to is, byte for byte, what runs, whatever the flow's owner does meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pfstudio.share.paths import TEMPORARY_PREFIX, Share, SharePath
from pfstudio.share.walk import Found, walk_folder

MOST_BYTES = 64 * 1024 * 1024
MOST_ENTRIES = 5000
_KEPT = 20
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Frozen:
    """The copy, and the hash over where it is from and everything in it."""

    snapshot: str
    folder: Path


class _TooLargeError(Exception):
    """More than is copied for one test."""


def place_of(share: Share, folder: SharePath, runner: str) -> Path:
    """Where the copies of this flow for this runner lie."""
    key = hashlib.sha256(str(folder).encode(errors="surrogateescape")).hexdigest()[:16]
    return share.root / f"{TEMPORARY_PREFIX}lent" / runner / key


def freeze(share: Share, folder: SharePath, *, runner: str) -> Frozen | None:
    """A copy of the flow's folder as it is now; None where it is too large to be copied for a test."""
    place = place_of(share, folder, runner)
    place.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=place, prefix="new-"))
    try:
        snapshot = _copy(share, folder, fresh / folder.name)
        kept = place / snapshot
        if kept.exists():
            os.utime(kept)
        else:
            fresh.chmod(0o755)
            fresh.rename(kept)
    except _TooLargeError:
        return None
    except OSError:
        if not (place / snapshot).exists():  # Unless another test of the same has made it meanwhile.
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _forget_old(place)
    return Frozen(snapshot, kept / folder.name)


def _copy(share: Share, folder: SharePath, to: Path) -> str:
    digest = hashlib.sha256(str(folder).encode(errors="surrogateescape"))
    left = MOST_BYTES
    for count, item in enumerate(walk_folder(share, folder)):
        if count >= MOST_ENTRIES:
            raise _TooLargeError
        target = to.joinpath(*item.names)
        name = "/".join(item.names).encode(errors="surrogateescape")
        digest.update(b"\0%s\0%s\0%d\0" % (item.kind.encode(), name, item.mode & 0o100))
        if item.kind == "folder":
            target.mkdir()
        elif item.kind == "link":
            target.symlink_to(item.link)
            digest.update(item.link.encode(errors="surrogateescape"))
        else:
            content = hashlib.sha256()
            left -= _copy_file(item, target, content, left)
            digest.update(content.digest())
    return digest.hexdigest()


def _copy_file(item: Found, target: Path, content: hashlib._Hash, left: int) -> int:
    size = 0
    with target.open("xb") as file:
        while piece := os.read(item.fd, _PIECE):
            size += len(piece)
            if size > left:
                raise _TooLargeError
            content.update(piece)
            file.write(piece)
    target.chmod(0o755 if item.mode & 0o100 else 0o644)
    return size


def _forget_old(place: Path) -> None:
    copies = sorted((each for each in place.iterdir()), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in copies[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
