"""A local folder or a zip becomes a new flow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from pfstudio.accounts.actor import Actor
from pfstudio.errors import PromptflowException
from pfstudio.flow.loader import FLOW_FILE_NAMES
from pfstudio.flow.problems import Problem
from pfstudio.flows.access import require_write
from pfstudio.flows.errors import FlowNameTakenError, NoFlowFileError
from pfstudio.flows.names import free_flow_paths, new_flow_path, propose_name
from pfstudio.flows.reading import read_flow
from pfstudio.share.errors import ArchiveRefusedError, EntryExistsError
from pfstudio.share.files import make_parents
from pfstudio.share.incoming import Incoming, is_git_path
from pfstudio.share.listing import NOT_SEARCHED
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import PROMPTFLOW
from pfstudio.share.unzip import unpack

_MOST_FLOWS = 100
_PROMPTY = ".prompty"


@dataclass(frozen=True, slots=True)
class Imported:
    """The new flow, how many files came in and what was left out; what is wrong with it, and the connections it names.

    Whatever is wrong is told and mended later: it is no reason to keep the files out. Of several `flows`, `path` is the
    one that stands highest.
    """

    path: str
    files: int
    left_out: list[str]
    problems: tuple[Problem, ...] = ()
    connections: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()


class Import:
    """An import under way: files come in one after the other, then `finish` puts them in place.

    Leaving the block without `finish` forgets everything. Not for use from several threads at once.
    """

    def __init__(self, share: Share, *, actor: Actor) -> None:
        self._share = share
        self._actor = actor
        require_write(share, SharePath(actor.username, (PROMPTFLOW,)), actor=actor)
        self._incoming = Incoming(share)
        self._file: BinaryIO | None = None
        self._file_name = ""

    def __enter__(self) -> Import:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_file()
        self._incoming.close()

    def begin_file(self, path: str) -> None:
        """The bytes that follow are those of this file.

        Raises:
            ArchiveRefusedError: the path cannot be used.
        """
        if is_git_path(path):
            self._incoming.manifest.left_out.add(".git")
            return  # Its bytes are dropped: what comes as files is rarely meant to bring a repository.
        self._file = self._incoming.open_file(path)
        self._file_name = path

    def write(self, content: bytes) -> None:
        """More of the current file."""
        if self._file is not None:
            self._incoming.write(self._file, content)

    def end_file(self, *, mode: int = 0) -> None:
        """The current file is complete; `mode` is what may be done with it, where that is known."""
        if self._file is not None:
            if mode:
                os.fchmod(self._file.fileno(), mode & 0o777 | 0o600)
            self._file.close()
            self._file = None

    def add_links(self, links: list[tuple[str, str]]) -> None:
        """Make links (path, target), after all files have come.

        Raises:
            ArchiveRefusedError: a link leads out of the folder.
        """
        self._incoming.add_links(links)

    def leave_out(self, what: str) -> None:
        """Note what does not come in."""
        self._incoming.manifest.left_out.add(what)

    def finish(self, name: str | None, *, suggested: str | None = None) -> Imported:
        """Put everything in place as a flow called `name`, or as the folder or zip was called. With `suggested`, which
        stands for that, a zip among the files is a file like any other.

        Raises:
            FlowNameTakenError: something of that name is there; only where a name was given.
            NoFlowFileError: there is no flow in it.
            ArchiveRefusedError, ArchiveTooLargeError: the zip cannot be taken.
        """
        manifest = self._incoming.manifest
        if not manifest.files:
            raise ArchiveRefusedError("it holds no files")
        if suggested is not None:
            return self._place(name, suggested)
        suggested = manifest.top or "imported-flow"
        only = manifest.files[0] if len(manifest.files) == 1 else ()
        if only and only[-1].lower().endswith(".zip"):
            archive = self._incoming.restart().joinpath(*only)
            unpack(archive, self._incoming, self._share.limits)
            suggested = self._incoming.manifest.top or only[-1][:-4]
        return self._place(name, suggested)

    def _place(self, name: str | None, suggested: str) -> Imported:
        manifest = self._incoming.manifest
        dropped = 1 if manifest.top else 0
        flows = flows_of([names[dropped:] for names in manifest.files])
        if not flows:
            raise NoFlowFileError
        path = self._move(name, suggested)
        found = [SharePath(path.owner, (*path.parts, *at)) for at, _ in flows]
        problems, connections = _look(self._share, found[0], self._actor)
        return Imported(
            str(found[0]),
            len(manifest.files),
            sorted(manifest.left_out),
            problems,
            connections,
            tuple(map(str, found[:_MOST_FLOWS])),
        )

    def _move(self, name: str | None, suggested: str) -> SharePath:
        if name is not None:
            path = new_flow_path(name, actor=self._actor)
            make_parents(self._share, path)
            try:
                self._incoming.place(path)
            except EntryExistsError as error:
                proposal = propose_name(self._share, name, actor=self._actor)
                raise FlowNameTakenError(name, proposal) from error
            return path
        for path in free_flow_paths(suggested, actor=self._actor):
            make_parents(self._share, path)
            try:
                self._incoming.place(path)
            except EntryExistsError:
                continue
            return path
        raise FlowNameTakenError(suggested)


def flows_of(files: list[tuple[str, ...]]) -> list[tuple[tuple[str, ...], str]]:
    """The flows among files, the one that stands highest first: what addresses each, and its file's name.

    What earlier runs left behind, such as snapshots below `.runs`, is none. A prompty is one where no folder above it
    is; prompties come last.
    """
    shown = [names for names in files if not any(part.startswith(".") or part in NOT_SEARCHED for part in names[:-1])]
    folders: dict[tuple[str, ...], str] = {}
    for names in sorted((names for names in shown if names[-1] in FLOW_FILE_NAMES), key=_rank):
        folders.setdefault(names[:-1], names[-1])
    alone = [
        names
        for names in shown
        if names[-1].endswith(_PROMPTY) and not any(names[:depth] in folders for depth in range(len(names)))
    ]
    by_height = sorted(folders.items(), key=lambda flow: (len(flow[0]), flow[0]))
    return [*by_height, *((names, names[-1]) for names in sorted(alone, key=lambda names: (len(names), names)))]


def _rank(names: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    return names[:-1], FLOW_FILE_NAMES.index(names[-1])


def _look(share: Share, path: SharePath, actor: Actor) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """The problems of a flow and its connections, from its files alone."""
    try:
        body = read_flow(share, path, actor=actor)
    except (PromptflowException, FileNotFoundError, RecursionError):
        return (), ()  # The authoring page will say it.
    return tuple(Problem(**problem) for problem in body["problems"]), tuple(body["connections"])
