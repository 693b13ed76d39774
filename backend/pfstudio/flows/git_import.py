"""A repository elsewhere becomes a new flow: fetched beside the share, then taken in as a zip would be."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pfstudio.accounts.actor import Actor
from pfstudio.flows.git_address import GitSource, resolve
from pfstudio.flows.git_errors import GitFetchFailedError
from pfstudio.flows.git_process import Bounds, GitProcesses
from pfstudio.flows.git_repository import Progress, Repository, TreeEntry
from pfstudio.flows.importing import Import, Imported
from pfstudio.flows.names import new_flow_path
from pfstudio.kit.ids import new_id
from pfstudio.share.errors import ArchiveTooLargeError
from pfstudio.share.incoming import is_git_path
from pfstudio.share.paths import Share

_TOP = "repository"
_SECONDS = 600.0
_STALE_SECONDS = 24 * 3600
_LONGEST_LINK = 4096
_POINTER = b"version https://git-lfs.github.com/spec/v1\n"
_LONGEST_POINTER = 1024


@dataclass(frozen=True, slots=True)
class GitOptions:
    """How a repository may be fetched: from private addresses too, for how long; who hears of it and may end it."""

    private: bool = False
    seconds: float = _SECONDS
    told: Callable[[Progress], None] = lambda _progress: None
    is_canceled: Callable[[], bool] = lambda: False


def import_git(share: Share, source: GitSource, name: str | None, options: GitOptions, *, actor: Actor) -> Imported:
    """A new flow of the actor's from a repository. Nothing of it is run, and its history stays where it is.

    Raises:
        GitAddressRefusedError: the address leads to a machine that the studio does not ask.
        GitFetchFailedError: there is no such repository, branch or folder, or it cannot be reached.
        GitTooSlowError, ArchiveTooLargeError, ArchiveRefusedError: it cannot be taken in.
        ImportCanceledError: it was canceled.
        InvalidFlowNameError, FlowNameTakenError, NoFlowFileError: as any import; the first before anything is fetched.
    """
    if name is not None:
        new_flow_path(name, actor=actor)
    with Import(share, actor=actor) as incoming, _scratch(share) as folder:
        addresses = resolve(source, private=options.private)
        bounds = Bounds(share.limits.import_bytes, options.seconds, options.is_canceled, share.disk.require_room)
        repository = Repository(source, GitProcesses(folder, bounds))
        repository.fetch(addresses, options.told)
        entries = _wanted(share, repository, incoming)
        share.require_room(actor.username, sum(entry.size for entry in entries))
        _bring_in(repository, entries, incoming, options.told)
        return incoming.finish(name, suggested=source.name)


def _wanted(share: Share, repository: Repository, incoming: Import) -> list[TreeEntry]:
    """What comes in, counted before anything of it is written."""
    limits, size = share.limits, 0
    entries: list[TreeEntry] = []
    for entry in repository.entries():
        text = _text(entry.path)
        if entry.kind == "submodule":
            incoming.leave_out("submodules")
        elif text is None:
            incoming.leave_out("names that are not UTF-8")
        elif is_git_path(text):
            incoming.leave_out(".git")
        else:
            entries.append(entry)
            size += entry.size
        if len(entries) > limits.entries:
            raise ArchiveTooLargeError(f"it holds more than {limits.entries:,} files and folders")
        if size > limits.import_bytes:
            raise ArchiveTooLargeError(f"its files are larger than {limits.import_bytes // 1_000_000:,} MB together")
    if not entries:
        raise GitFetchFailedError("it holds no files")
    return entries


def _bring_in(
    repository: Repository, entries: list[TreeEntry], incoming: Import, told: Callable[[Progress], None]
) -> None:
    links = []
    with repository.reader() as content_of:
        for done, entry in enumerate(entries):
            told(Progress("writing", done, len(entries)))
            path = f"{_TOP}/{entry.path.decode()}"
            if entry.kind == "link":
                links.append((path, _link(content_of(entry))))
                continue
            incoming.begin_file(path)
            for number, piece in enumerate(content_of(entry)):
                if number == 0 and entry.size <= _LONGEST_POINTER and piece.startswith(_POINTER):
                    incoming.leave_out("content of files in Git LFS")
                incoming.write(piece)
            incoming.end_file(mode=entry.mode)
    incoming.add_links(links)
    told(Progress("writing", len(entries), len(entries)))


def _link(pieces: Iterator[bytes]) -> str:
    target = b"".join(pieces)
    if len(target) > _LONGEST_LINK:
        return ""  # Refused as one that leads nowhere inside.
    return target.decode(errors="replace")


def _text(path: bytes) -> str | None:
    try:
        return path.decode()
    except UnicodeDecodeError:
        return None


@contextmanager
def _scratch(share: Share) -> Iterator[Path]:
    """A folder outside of the share that is gone afterwards, as are those of a studio that was killed."""
    above = share.hidden_folder("repositories")
    with contextlib.suppress(OSError):
        for item in above.iterdir():
            if time.time() - item.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(item, ignore_errors=True)
    folder = above / new_id()
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
