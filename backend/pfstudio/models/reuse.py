"""Answers of model calls, kept between runs, so that a call that was made before need not be paid for again.

Each answer is a file named by the call's key, below a folder: processes that write the same one at the same time write
the same thing, and the folder can be read, copied and deleted like any other. It keeps to a size by forgetting what
was not used for longest.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pfstudio.errors import UserErrorException
from pfstudio.models.exchanges import SentCall, StoredAnswer, from_record, to_record
from pfstudio.tracing.tracer import current_node_trace

_VERSION: Final = 1
_LIMIT_VARIABLE: Final = "PF_REUSE_MAX_MB"
_LIMIT_MB: Final = 1024
_LOOK_AFTER_BYTES: Final = 32 * 2**20
_KEEP_SHARE: Final = 0.8
_FREE: Final = "demo:"
_log = logging.getLogger("pfstudio.models")


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """What a store holds. `calls` counts answers of models, `nodes` outputs of python nodes."""

    folder: Path
    calls: int
    nodes: int
    bytes: int
    saved_tokens: int
    oldest: float | None
    newest: float | None


class AnswerStore:
    """Values by key, as JSON files. Reading one that is missing or broken gives None; writing never raises."""

    def __init__(self, folder: Path, *, answers: bool = True) -> None:
        self.folder = folder
        self.answers = answers
        self._written = _LOOK_AFTER_BYTES - 2**20  # A process that writes much looks early once.
        self._failed = False

    def get(self, key: str) -> dict[str, Any] | None:
        file = self._file(key)
        try:
            value = json.loads(file.read_bytes())
        except (OSError, ValueError):
            return None
        if not isinstance(value, dict) or value.get("version") != _VERSION:
            return None
        with suppress(OSError):
            os.utime(file)  # When it was used last decides what is forgotten first.
        return value

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        text = json.dumps({"version": _VERSION, **value}, ensure_ascii=False, separators=(",", ":"))
        content = text.encode("utf-8", "backslashreplace")
        file = self._file(key)
        fresh = file.with_name(f".{file.name}.{os.getpid()}.{time.monotonic_ns()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)
            fresh.replace(file)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink()
            if self.answers and not self._failed:  # Who did not ask for it need not know.
                self._failed = True
                _log.warning("Answers cannot be kept for reuse in '%s': %s.", self.folder, error.strerror or error)
            return
        self._written += len(content)
        if self._written >= _LOOK_AFTER_BYTES:
            self._written = 0
            self.forget_oldest(_limit_bytes())

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """Keys and what the disk says about their files."""
        with suppress(OSError):
            for folder in os.scandir(self.folder):
                if not folder.is_dir(follow_symlinks=False):
                    continue
                with suppress(OSError):
                    for file in os.scandir(folder.path):
                        if file.name.endswith(".json") and not file.name.startswith("."):
                            with suppress(OSError):
                                yield file.name.removesuffix(".json"), file.stat(follow_symlinks=False)

    def forget_oldest(self, limit: int) -> None:
        """Delete what was not used for longest, until clearly less than `limit` bytes are left."""
        found = sorted(self.entries(), key=lambda entry: entry[1].st_mtime)
        size = sum(_blocks(entry[1]) for entry in found)
        if size <= limit:
            return
        for key, stat in found:
            if size <= limit * _KEEP_SHARE:
                return
            with suppress(OSError):
                self._file(key).unlink()
            size -= _blocks(stat)

    def clear(self) -> StoreSummary:
        """Delete everything; returns what there was."""
        found = self.summary()
        try:
            for folder in self.folder.iterdir() if self.folder.is_dir() else ():
                if folder.is_dir() and len(folder.name) == 2:
                    shutil.rmtree(folder)
        except OSError as error:
            raise UserErrorException(f"'{self.folder}' cannot be cleared: {error.strerror or error}.") from error
        return found

    def summary(self) -> StoreSummary:
        """How much there is."""
        calls = nodes = size = saved = 0
        times: list[float] = []
        for key, stat in self.entries():
            value = self._peek(key)
            if value is None:
                continue
            is_node = "node" in value
            nodes += is_node
            calls += not is_node
            size += _blocks(stat)
            saved += int(value.get("tokens") or 0)
            times.append(float(value.get("created") or stat.st_mtime))
        return StoreSummary(self.folder, calls, nodes, size, saved, min(times, default=None), max(times, default=None))

    def values(self) -> Iterator[dict[str, Any]]:
        """Everything that is kept, newest first."""
        found = sorted(self.entries(), key=lambda entry: -entry[1].st_mtime)
        for key, _ in found:
            value = self._peek(key)
            if value is not None:
                yield {"key": key, **value}

    def value(self, key: str) -> dict[str, Any] | None:
        """What is kept under a key; looking at it is no use of it."""
        return self._peek(key)

    def delete(self, key: str) -> None:
        """Forget one."""
        self._file(key).unlink(missing_ok=True)

    def _peek(self, key: str) -> dict[str, Any] | None:
        try:
            value = json.loads(self._file(key).read_bytes())
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def _file(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


class Reuse:
    """A `CallKeeper`: the store answers calls that were made before, and keeps those that were not."""

    is_offline = False

    def __init__(self, folder: Path, *, answers: bool) -> None:
        self.store = AnswerStore(folder, answers=answers)
        self.is_aside = not answers

    def answer(self, call: SentCall) -> StoredAnswer | None:
        if self.is_aside:
            return None
        value = self.store.get(call.key)
        if value is None:
            return None
        try:
            _, answer = from_record(value)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None
        trace = current_node_trace()
        if trace is not None:
            trace.add_reused(answer.usage())
        return replace(answer, reused=True)

    def keep(self, call: SentCall, answer: StoredAnswer) -> None:
        is_worth_it = not (self.is_aside and call.url.startswith(_FREE))
        if is_worth_it and answer.status == 200 and _is_whole(answer):
            tokens = answer.usage().get("total_tokens", 0)
            self.store.put(call.key, {"created": time.time(), "tokens": tokens, **to_record(call, answer)})


def _is_whole(answer: StoredAnswer) -> bool:
    """Whether it would do for somebody who reads it to its end."""
    if not answer.is_stream:
        return True
    return any(end in answer.body for end in (b"[DONE]", b'"message_stop"', b'"response.completed"', b'"finishReason"'))


def _limit_bytes() -> int:
    try:
        megabytes = float(os.environ.get(_LIMIT_VARIABLE) or _LIMIT_MB)
    except ValueError:
        megabytes = _LIMIT_MB
    return int(megabytes * 2**20)


def _blocks(stat: os.stat_result) -> int:
    """What a file takes on the disk: many answers are smaller than a block of it."""
    return -(-stat.st_size // 4096) * 4096
