"""Recordings of model calls: a file with one JSON line for each, which can answer the same calls later.

What is kept and played back are whole answers at the HTTP transport (`transports`), so that calls of users' own code
count. Keys, sign-in headers and secrets in addresses are never written.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pfstudio.errors import NotFoundError, UserErrorException
from pfstudio.kit.ids import new_id
from pfstudio.models.exchanges import SentCall, StoredAnswer, from_record, to_record
from pfstudio.models.interception import CallKeeper, CallNotRecorded, UnrecordedCallError, set_keeper

_VERSION: Final = 1
_log = logging.getLogger("pfstudio.models")


class RecordingNotFoundError(NotFoundError):
    def __init__(self, file: Path) -> None:
        super().__init__(f"There is no recording '{file}'. Make one with `--record {file.name}`.")


class RecordingUnreadableError(UserErrorException):
    def __init__(self, file: Path, line: int) -> None:
        super().__init__(
            f"Line {line} of the recording '{file.name}' is no recorded model call.", file=str(file), line=line
        )


class RecordingUnwritableError(UserErrorException):
    def __init__(self, file: Path, cause: OSError) -> None:
        super().__init__(f"Model calls cannot be recorded in '{file}': {cause.strerror or cause}.")


def install(
    reuse: Path | None = None,
    record: Path | None = None,
    replay: Path | None = None,
    keep: Path | None = None,
    session: str | None = None,
) -> None:
    """From now on model calls of this process are answered from, and kept in, these places; None is off.

    `keep` only keeps what a later `reuse` of the same folder answers from. `session` names the run or test. Processes
    of one run give the same, for an answer replaces those that earlier sessions recorded to the same call.

    Raises:
        RecordingNotFoundError, RecordingUnreadableError, RecordingUnwritableError: the file does not do.
    """
    set_keeper(_keeper(reuse, record, replay, keep, session))


@contextmanager
def installed(
    reuse: Path | None = None,
    record: Path | None = None,
    replay: Path | None = None,
    keep: Path | None = None,
    session: str | None = None,
) -> Iterator[None]:
    """The same for a block only."""
    before = set_keeper(_keeper(reuse, record, replay, keep, session))
    try:
        yield
    except CallNotRecorded as miss:  # Code that is no node's, as of a module while it is imported.
        raise UnrecordedCallError(str(miss), None) from None
    finally:
        set_keeper(before)


def _keeper(
    reuse: Path | None, record: Path | None, replay: Path | None, keep: Path | None, session: str | None
) -> CallKeeper | None:
    keepers: list[CallKeeper] = []
    if replay is not None:
        keepers.append(Replay(replay))
    elif reuse is not None or keep is not None:
        from pfstudio.models.reuse import Reuse

        keepers.append(Reuse(reuse or keep or Path(), answers=reuse is not None))
    if record is not None:
        keepers.append(Recording(record, session or new_id()))
    return None if not keepers else keepers[0] if len(keepers) == 1 else _Several(keepers)


class _Several:
    """The first that has an answer gives it; all others keep it."""

    def __init__(self, keepers: list[CallKeeper]) -> None:
        self._keepers = keepers
        self.is_offline = any(keeper.is_offline for keeper in keepers)
        self.is_aside = all(keeper.is_aside for keeper in keepers)
        self.store = next((keeper.store for keeper in keepers if keeper.store is not None), None)

    def answer(self, call: SentCall) -> StoredAnswer | None:
        for keeper in self._keepers:
            answer = keeper.answer(call)
            if answer is not None:
                for other in self._keepers:
                    if other is not keeper:
                        other.keep(call, answer)
                return answer
        return None

    def keep(self, call: SentCall, answer: StoredAnswer) -> None:
        for keeper in self._keepers:
            keeper.keep(call, answer)


class Recording:
    """Appends each call to a file. Any number of processes may do so at the same time: a line is one write."""

    is_offline = False
    is_aside = False
    store = None

    def __init__(self, file: Path, session: str) -> None:
        self._file = file
        self._session = session
        self._lock = threading.Lock()
        self._failed = False
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if not self._ends_well():
                self._write(b"\n")
        except OSError as error:
            raise RecordingUnwritableError(file, error) from error

    def answer(self, _: SentCall) -> None:
        """A recording never answers while it is made."""

    def keep(self, call: SentCall, answer: StoredAnswer) -> None:
        if not answer.is_worth_keeping:
            return
        record = {"version": _VERSION, "session": self._session, **to_record(call, answer)}
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        line = text.encode("utf-8", "backslashreplace") + b"\n"
        try:
            with self._lock:
                self._write(line)
        except OSError as error:
            if not self._failed:
                self._failed = True
                _log.warning("%s", RecordingUnwritableError(self._file, error).message)

    def _write(self, line: bytes) -> None:
        handle = self._open()
        try:
            while line:
                line = line[os.write(handle, line) :]
        finally:
            os.close(handle)

    def _ends_well(self) -> bool:
        """Whether the next line begins a line: not so where a process was killed while it wrote, or writes just now."""
        handle = self._open()
        try:
            size = os.lseek(handle, 0, os.SEEK_END)
            if size:
                os.lseek(handle, size - 1, os.SEEK_SET)
            return not size or os.read(handle, 1) == b"\n"
        finally:
            os.close(handle)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        return os.open(self._file, flags, 0o600)


class Replay:
    """Answers calls from a recording and sends none.

    The same call, made again, gets the next of the answers that its last session recorded; behind the last it stays
    with that. The count is each process's own.
    """

    is_offline = True
    is_aside = False
    store = None

    def __init__(self, file: Path) -> None:
        self._file = file
        self._answers = _read(file)
        self._given: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, call: SentCall) -> StoredAnswer:
        key = call.key
        answers = self._answers.get(key)
        if not answers:
            raise CallNotRecorded(
                f"The model call {call} is not in the recording '{self._file}', which has "
                f"{_counted(len(self._answers))}. Record it with `--record {self._file.name}`."
            )
        with self._lock:
            position = self._given[key]
            self._given[key] += 1
        return answers[min(position, len(answers) - 1)]

    def keep(self, call: SentCall, answer: StoredAnswer) -> None:
        """Nothing is sent, so that nothing is to be kept."""


def _counted(calls: int) -> str:
    return "one other" if calls == 1 else f"{calls} others"


def _read(file: Path) -> dict[str, list[StoredAnswer]]:
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        raise RecordingNotFoundError(file) from None
    except OSError as error:
        raise UserErrorException(f"The recording '{file}' cannot be read: {error.strerror or error}.") from error
    sessions: dict[str, str] = {}
    found: dict[str, list[StoredAnswer]] = {}
    for number, line in enumerate(lines, 1):
        entry = _entry(line, file, number) if line.strip() else None
        if entry is None:
            continue
        session, call, answer = entry
        key = call.key
        if sessions.get(key) != session:
            sessions[key], found[key] = session, []
        found[key].append(answer)
    return found


def _entry(line: bytes, file: Path, number: int) -> tuple[str, SentCall, StoredAnswer] | None:
    """The entry of a line; None where its process was killed while it wrote."""
    try:
        record: Any = json.loads(line)
        return str(record["session"]), *from_record(record)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, json.JSONDecodeError) and _is_torn(line, error):
            return None
        raise RecordingUnreadableError(file, number) from error


def _is_torn(line: bytes, error: json.JSONDecodeError) -> bool:
    """Whether it is the beginning of an entry."""
    begins = line.startswith(b'{"version":'[: len(line)])
    return begins and (error.msg.startswith("Unterminated string") or error.pos >= len(error.doc.rstrip()))
