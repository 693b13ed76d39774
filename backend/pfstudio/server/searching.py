"""Runs content searches in processes of their own, and ends them: when time is up, or nobody listens any more."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict

from pfstudio.errors import InvalidError, RateLimitedError, UnavailableError
from pfstudio.share.content_search import ContentQuery

_MOST_OF_ONE_USER = 2
_LONGEST_LINE = 1 << 20
_START_SECONDS = 20.0
_running: Counter[str] = Counter()


class PatternError(InvalidError):
    code = "invalid_pattern"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The regular expression cannot be used: {reason}.")


class TooManySearchesError(RateLimitedError):
    code = "too_many_searches"

    def __init__(self) -> None:
        super().__init__(f"{_MOST_OF_ONE_USER} searches of yours are running already. Wait until one has ended.")


class SearchFailedError(UnavailableError):
    code = "search_failed"

    def __init__(self) -> None:
        super().__init__("The search could not be started. Try again in a moment.")


class ContentSearch:
    """One search under way. `start` it, then read `lines`; always `stop` it."""

    def __init__(self, query: ContentQuery, username: str) -> None:
        self._query = query
        self._username = username
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Begin to search.

        Raises:
            TooManySearchesError: the user has others running.
            PatternError: it is no regular expression.
        """
        if _running[self._username] >= _MOST_OF_ONE_USER:
            raise TooManySearchesError
        _running[self._username] += 1
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "pfstudio.share.content_search"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"},
            limit=_LONGEST_LINE,
        )
        if self._process.stdin is None:
            raise SearchFailedError
        self._process.stdin.write(json.dumps(asdict(self._query)).encode())
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_START_SECONDS):
                first = json.loads(await self._read() or b"{}")
        except TimeoutError:
            first = {"error": "it takes too long to read"}
        if "error" in first:
            raise PatternError(first["error"])
        if "ready" not in first:
            raise SearchFailedError

    async def lines(self) -> AsyncIterator[bytes]:
        """What was found, a line of JSON for each file, and at the end the summary."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._query.seconds
        files = matches = 0
        try:
            while True:
                async with asyncio.timeout_at(ends_at):
                    line = await self._read()
                if not line:
                    yield _summary(files, matches, "failure")
                    return
                yield line
                if line.startswith(b'{"done"'):
                    return
                files += 1
                matches += line.count(b'{"line"')
        except TimeoutError:
            yield _summary(files, matches, "time")
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End the process; harmless when it has ended."""
        if self._username:
            _running[self._username] -= 1
            if not _running[self._username]:
                del _running[self._username]
            self._username = ""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _read(self) -> bytes:
        if self._process is None or self._process.stdout is None:
            return b""
        return await self._process.stdout.readline()


def _summary(files: int, matches: int, stopped_by: str) -> bytes:
    done = {"done": True, "files": files, "matches": matches, "stopped_by": stopped_by}
    return json.dumps(done).encode() + b"\n"
