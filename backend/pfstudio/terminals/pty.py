"""One pseudo terminal with a shell at its other end, in a sandbox."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pfstudio.sandbox import isolation, limits, network, processes

_SHELL = Path(__file__).parent / "shell"
LARGEST_SIZE = 1000


@dataclass(frozen=True, slots=True)
class ShellPlan:
    """What to start: where (the first of `folders` that exists) and in which sandbox."""

    folders: Sequence[str]
    spec: isolation.SandboxSpec
    limits: limits.Limits = limits.TERMINAL
    rules: network.Rules | None = None
    give_back: Callable[[], None] = lambda: None
    """Called once, when it has ended or could not be started."""


class Pty:
    """The near end of a started shell. `master` is a descriptor that does not block.

    Raises:
        OSError, SandboxUnavailableError: it could not be started.
    """

    def __init__(self, plan: ShellPlan, *, columns: int, rows: int) -> None:
        import pty

        program = [sys.executable, "-I", "-S", str(_SHELL / "start.py")]
        self.master, slave = pty.openpty()
        try:
            self.resize(columns, rows)
            self._sandboxed = processes.start(
                plan.spec,
                plan.limits,
                [*program, str(len(plan.folders)), *plan.folders, *_shell_command()],
                subject="The terminal",
                rules=plan.rules,
                stdin=slave,
                stdout=slave,
                stderr=slave,
            )
        except BaseException:
            os.close(self.master)
            raise
        finally:
            os.close(slave)
        os.set_blocking(self.master, False)

    def resize(self, columns: int, rows: int) -> None:
        """Tell the programs in it how large their window is."""
        import termios

        with contextlib.suppress(OSError):
            termios.tcsetwinsize(self.master, (_bounded(rows), _bounded(columns)))

    @property
    def has_exited(self) -> bool:
        """Whether its shell is gone. Where nothing isolates, what it left running may still hold the terminal open."""
        return self._sandboxed.process.poll() is not None

    @property
    def limit_met(self) -> str | None:
        """The sentence that says which limit ended it."""
        reason = self._sandboxed.reason
        return None if reason is None else str(reason)

    def destroy(self) -> None:
        """End every process of it, now."""
        self._sandboxed.end()

    def hang_up(self) -> None:
        """Close the near end."""
        os.close(self.master)


def shell_program() -> str:
    """bash where the machine has one, for its line editing; else what every system has."""
    return shutil.which("bash", path="/bin:/usr/bin") or "/bin/sh"


def _shell_command() -> list[str]:
    program = shell_program()
    is_bash = program.endswith("bash")
    return [program, *(["--noprofile", "--rcfile", str(_SHELL / "bashrc")] if is_bash else []), "-i"]


def _bounded(size: int) -> int:
    return max(1, min(size, LARGEST_SIZE))
