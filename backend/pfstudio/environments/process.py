"""One program of a build: in the sandbox, with what it says line by line, its limits, and an end at any time."""

from __future__ import annotations

import codecs
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pfstudio.environments.errors import (
    BuildCanceledError,
    BuildTooLargeError,
    BuildTooSlowError,
    UvMissingError,
)
from pfstudio.environments.sandboxing import Surroundings, sandboxed
from pfstudio.sandbox.limits import BUILD
from pfstudio.share.diskspace import use_of

LIMITS = replace(BUILD, memory=4 * 2**30, processes=256)
_LOOK_SECONDS = 0.2
_MEASURE_SECONDS = 2.0
_LONGEST_LINE = 2_000
_PLACES = ("/usr/local/bin", "/usr/bin", str(Path(sys.prefix) / "bin"), str(Path.home() / ".local" / "bin"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a build may take, and who may end it sooner."""

    megabytes: int
    minutes: int
    is_canceled: Callable[[], bool] = lambda: False
    require_room: Callable[[], None] = lambda: None


def uv_program() -> Path:
    """Where uv is.

    Raises:
        UvMissingError: nowhere.
    """
    found = shutil.which("uv", path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_PLACES]))
    if found is None:
        raise UvMissingError
    return Path(found).absolute()


class Processes:
    """Runs the programs of one build, one after the other; `folder` is what its size is measured by."""

    def __init__(self, folder: Path, bounds: Bounds, around: Surroundings) -> None:
        self._folder = folder
        self._bounds = bounds
        self._around = around
        self._ends_at = time.monotonic() + bounds.minutes * 60
        self._measured = 0.0

    def run(
        self, command: Sequence[str], variables: dict[str, str], said: Callable[[str], None], *, writable: bool = True
    ) -> int:
        """Its exit code; `said` hears each line when it is said. Without `writable` only the build's own folder is.

        Raises:
            BuildCanceledError, BuildTooLargeError, BuildTooSlowError: it was ended.
            PromptflowException: it took more memory or processes than it may.
        """
        around = self._around if writable else replace(self._around, writable=(self._folder,))
        limits = replace(LIMITS, seconds=self._bounds.minutes * 60 + 30, written=3 * self._bounds.megabytes * 2**20)
        with sandboxed(command, variables, around, limits) as running:
            self._listen(running.process, said)
            code = running.process.wait()
        if running.reason is not None:
            raise running.reason
        return code

    def _listen(self, process: subprocess.Popen[bytes], said: Callable[[str], None]) -> None:
        if process.stdout is None:
            raise AssertionError("A pipe was asked for.")
        decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        rest = ""
        while True:
            ready, _, _ = select.select([process.stdout], [], [], _LOOK_SECONDS)
            self._check()
            piece = os.read(process.stdout.fileno(), 65536) if ready else b""
            if ready and not piece:
                break
            *lines, rest = (rest + decode(piece)).replace("\r", "\n").split("\n")
            for line in lines:
                said(line[:_LONGEST_LINE])
            rest = rest[-_LONGEST_LINE:]
        if rest:
            said(rest)

    def check_size(self) -> None:
        """Whether what was made may stay.

        Raises:
            BuildTooLargeError: it takes more than it may.
        """
        if use_of(self._folder).bytes > self._bounds.megabytes * 2**20:
            raise BuildTooLargeError(self._bounds.megabytes)

    def _check(self) -> None:
        bounds, now = self._bounds, time.monotonic()
        if bounds.is_canceled():
            raise BuildCanceledError
        if now > self._ends_at:
            raise BuildTooSlowError(bounds.minutes)
        if now - self._measured > _MEASURE_SECONDS:
            bounds.require_room()
            self.check_size()
            self._measured = time.monotonic()
