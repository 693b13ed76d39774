"""The server's own git, which is only ever run on the snapshot store.

It gets a built environment: no configuration of the machine or of a user, no hooks, no attributes, no prompts.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from pfstudio.share.snapshots_errors import SnapshotsFailedError

_USUAL_SECONDS = 60.0
_OPTIONS = {
    "core.hooksPath": os.devnull,
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,
    "core.logAllRefUpdates": "false",
    "core.fsync": "all",
    "core.precomposeUnicode": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "diff.external": "",
    "diff.orderFile": os.devnull,
    "protocol.allow": "never",
    "pack.threads": "1",
    "pack.windowMemory": "100m",
}
# What users' files are called or hold is theirs; only the store's own shape is judged.
_IGNORED_BY_FSCK = (
    *("badFilemode", "hasDotgit", "hasDot", "hasDotdot", "fullPathname", "gitmodulesMissing", "gitmodulesBlob"),
    *("gitmodulesLarge", "gitmodulesName", "gitmodulesSymlink", "gitmodulesUrl", "gitmodulesPath", "gitmodulesUpdate"),
    *("gitmodulesParse", "gitattributesMissing", "gitattributesLarge", "gitattributesLineLength"),
    *("gitattributesBlob", "gitignoreSymlink", "gitattributesSymlink", "mailmapSymlink", "zeroPaddedFilemode"),
)


class Git:
    """Runs git on one bare repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._program = shutil.which("git")

    @property
    def environment(self) -> dict[str, str]:
        options = {**_OPTIONS, **{f"fsck.{name}": "ignore" for name in _IGNORED_BY_FSCK}}
        numbered = {
            "GIT_CONFIG_COUNT": str(len(options)),
            **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(options)},
            **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(options.values())},
        }
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.devnull,
            "LC_ALL": "C",
            "GIT_DIR": str(self.folder),
            "GIT_CEILING_DIRECTORIES": str(self.folder.parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_TERMINAL_PROMPT": "0",
            **numbered,
        }

    def run(
        self,
        *arguments: str,
        stdin: bytes | IO[bytes] = b"",
        seconds: float = _USUAL_SECONDS,
        extra: Mapping[str, str] | None = None,
    ) -> bytes:
        """What git wrote.

        Raises:
            SnapshotsFailedError: git is not there, failed, or took too long.
        """
        given: dict[str, object] = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
        try:
            done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603 - our own words, no shell.
                [self.program, *arguments],
                **given,
                capture_output=True,
                env={**self.environment, **(extra or {})},
                cwd=self.folder.parent,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SnapshotsFailedError(f"git {arguments[0]} took more than {seconds:.0f} seconds") from error
        except OSError as error:
            raise SnapshotsFailedError(f"git could not be started: {error.strerror}") from error
        if done.returncode != 0:
            words = next((word for word in arguments if not word.startswith("-")), "")
            raise SnapshotsFailedError(f"git {words}: {_complaint(done.stderr, done.stdout) or done.returncode}")
        output: bytes = done.stdout
        return output

    @property
    def program(self) -> str:
        if self._program is None:
            raise SnapshotsFailedError("git was not found on this machine")
        return self._program


class Conversation:
    """A git process that stays and answers question after question; started when first asked, again when it died."""

    def __init__(self, git: Git, *arguments: str) -> None:
        self._git = git
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()

    def ask(self, question: bytes) -> tuple[bytes, bytes]:
        """The head line of the answer, and the content that follows it where the line gives its size.

        Raises:
            SnapshotsFailedError: git is not there or broke off.
        """
        with self._guard:
            for is_last in (False, True):
                try:
                    return self._ask(question)
                except (OSError, ValueError, EOFError) as error:
                    self._end()
                    if is_last:
                        raise SnapshotsFailedError(f"git {self._arguments[0]} broke off") from error
        raise AssertionError("The loop above returns or raises.")

    def _ask(self, question: bytes) -> tuple[bytes, bytes]:
        process = self._process or self._start()
        writer, reader = process.stdin, process.stdout
        if writer is None or reader is None:
            raise EOFError
        writer.write(question + b"\n")
        writer.flush()
        head = reader.readline()
        if not head.endswith(b"\n"):
            raise EOFError
        words = head.split()
        if "--batch" not in self._arguments or words[-1] in (b"missing", b"ambiguous"):
            return head, b""
        content = reader.read(int(words[2]))
        if reader.read(1) != b"\n":
            raise EOFError
        return head, content

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # noqa: S603 - our own words, no shell.
            [self._git.program, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._git.environment,
            cwd=self._git.folder.parent,
        )
        return self._process

    def close(self) -> None:
        """End the process."""
        with self._guard:
            self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        process.kill()
        process.wait()


def _complaint(stderr: bytes, stdout: bytes) -> str:
    """The line that says most about why git failed."""
    lines = [line for text in (stderr, stdout) for line in text.decode(errors="replace").splitlines() if line.strip()]
    marked = [line for line in lines if line.startswith(("error", "fatal", "missing", "broken", "bad "))]
    return (marked or lines or [""])[0]
