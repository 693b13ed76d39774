"""What one commit of a repository elsewhere holds: fetched into a folder of its own, read piece by piece."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Literal, NamedTuple

from pfstudio.flows.git_address import GitSource
from pfstudio.flows.git_errors import GitFetchFailedError
from pfstudio.flows.git_process import GitProcesses
from pfstudio.share.errors import ArchiveTooLargeError, DiskFullError

_TIP = "refs/import/tip"
_PIECE = 1 << 18
_PERCENT = re.compile(r"^(?:Receiving objects|Resolving deltas|Unpacking objects): +(\d+)% \((\d+)/(\d+)\)")
_KINDS: dict[str, Literal["file", "link", "submodule"]] = {"100": "file", "120": "link", "160": "submodule"}
_REDIRECTED = re.compile(r"requested URL returned error: 30\d")
_FAILURES: tuple[tuple[str, str], ...] = (
    (
        r"could not read (Username|Password)|Authentication failed|error: 40[13]|terminal prompts disabled",
        "it is private, or there is none at this address, and the studio has no credentials for it",
    ),
    (r"[Cc]ouldn't find remote ref HEAD", "it is empty"),
    (r"[Cc]ouldn't find remote ref", "it has no branch or tag of this name"),
    (_REDIRECTED.pattern, "the server sends elsewhere, which is not followed; use the address that it shows itself"),
    (r"' not found|error: 404", "there is no repository at this address"),
    (r"dumb http", "the server does not speak git's protocol, it only serves files"),
    (r"valid .*info/refs|not a git repository", "there is no repository at this address"),
    (r"certificate|SSL|TLS", "the certificate of the server is not trusted"),
    (r"Operation too slow", "the server stopped sending"),
    (r"[Rr]esolve host|[Cc]onnect|timed out|Empty reply|error: 5\d\d", "the server cannot be reached"),
    (r"File too large|file write error|size limit|died of signal 25", "it is larger than may come in"),
    (r"[Oo]ut of memory|malloc failed|mmap failed", "it takes more memory than an import may have"),
)


class TreeEntry(NamedTuple):
    """A path of the commit, as bytes, since git takes any."""

    path: bytes
    kind: Literal["file", "link", "submodule"]
    mode: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is; `total` is 0 where nobody knows."""

    phase: Literal["connecting", "receiving", "writing"]
    done: int = 0
    total: int = 0


class Repository:
    """The repository at a source. `fetch` it, then `entries` and `reader`."""

    def __init__(self, source: GitSource, processes: GitProcesses) -> None:
        self._source = source
        self._git = processes

    def fetch(self, addresses: list[str], told: Callable[[Progress], None]) -> None:
        """Bring in one commit and what belongs to it, without what was before it.

        Raises:
            GitFetchFailedError: says why.
            ArchiveTooLargeError, GitTooSlowError, ImportCanceledError: it was ended.
            DiskFullError: no room is left.
        """
        self._run("init", "--bare", "--quiet", "--template=", "--initial-branch=main")
        told(Progress("connecting"))
        code, text = self._fetch(self._source, addresses, told)
        longer = self._source.with_ending()
        if code != 0 and longer is not None and _REDIRECTED.search(text):
            code, text = self._fetch(longer, addresses, told)
        if code != 0 and "No space left on device" in text:
            raise DiskFullError("the import")
        if code != 0:
            raise GitFetchFailedError(_reason(text))

    def _fetch(self, source: GitSource, addresses: list[str], told: Callable[[Progress], None]) -> tuple[int, str]:
        def said(line: str) -> None:
            if found := _PERCENT.match(line):
                told(Progress("receiving", int(found[2]), int(found[3])))

        # The very addresses that were checked: a second look-up could tell others.
        pinned = f"http.curloptResolve={source.host}:{source.port}:{','.join(addresses)}"
        wanted = source.branch or "HEAD"
        return self._git.run(
            *("-c", pinned, "-c", "http.proxy=", "fetch", "--depth=1", "--no-tags", "--no-recurse-submodules"),
            *("--no-write-fetch-head", "--progress", "--", source.url, f"+{wanted}:{_TIP}"),
            said=said,
        )

    def entries(self) -> Iterator[TreeEntry]:
        """Everything in the wanted folder of the commit.

        Raises:
            GitFetchFailedError: there is no such folder.
        """
        below = "/".join(self._source.folder)
        command = ("ls-tree", "-r", "-z", "-l", "--full-tree", f"{_TIP}:{below}")
        found = False
        with self._git.started(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as git:
            for record in _records(_pipe(git.stdout), self._git.check):
                found = True
                yield _entry(record)
            code = git.wait()
        if code != 0:
            raise GitFetchFailedError(f"it has no folder '{below}'" if below and not found else "it is damaged")

    @contextmanager
    def reader(self) -> Iterator[Callable[[TreeEntry], Iterator[bytes]]]:
        """A function that gives the content of entries, one after the other, each to its end."""
        with self._git.started(
            ("cat-file", "--batch"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as git:
            questions, answers = _pipe(git.stdin), _pipe(git.stdout)
            yield lambda entry: self._content(entry, questions, answers)

    def _content(self, entry: TreeEntry, questions: IO[bytes], answers: IO[bytes]) -> Iterator[bytes]:
        self._git.check()
        try:
            questions.write(entry.name.encode() + b"\n")
            questions.flush()
            words = answers.readline().split()
        except OSError as error:
            raise GitFetchFailedError("it is damaged") from error
        if len(words) != 3 or words[1] != b"blob" or int(words[2]) != entry.size:
            raise GitFetchFailedError("it is damaged")
        left = entry.size
        while left:
            piece = answers.read(min(left, _PIECE))
            if not piece:
                raise GitFetchFailedError("it is damaged")
            left -= len(piece)
            yield piece
            self._git.check()
        answers.read(1)

    def _run(self, *arguments: str) -> None:
        code, text = self._git.run(*arguments)
        if code != 0:
            raise GitFetchFailedError(_reason(text))


def _records(stream: IO[bytes], check: Callable[[], None]) -> Iterator[bytes]:
    """What stands between zero bytes; a path that has no end is refused."""
    rest = b""
    while piece := stream.read(_PIECE):
        check()
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole
        if len(rest) > 4 * _PIECE:
            raise ArchiveTooLargeError("a path in the repository has no end")


def _entry(record: bytes) -> TreeEntry:
    about, _, path = record.partition(b"\t")
    mode, _kind, name, size = about.decode().split()
    return TreeEntry(path, _KINDS.get(mode[:3], "file"), int(mode, 8), name, int(size) if size.isdigit() else 0)


def _reason(text: str) -> str:
    for pattern, reason in _FAILURES:
        if re.search(pattern, text):
            return reason
    return "git could not fetch it, or what the server sent is damaged"


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("A pipe was asked for.")
    return stream
