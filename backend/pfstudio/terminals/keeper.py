"""All terminals of this web process: starts them, finds them again, measures them and ends them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pfstudio.sandbox.errors import SandboxUnavailableError
from pfstudio.terminals.errors import (
    StudioTerminalsFullError,
    TerminalNotFoundError,
    TerminalNotStartedError,
    TooManyTerminalsError,
)
from pfstudio.terminals.pty import Pty, ShellPlan
from pfstudio.terminals.terminal import Terminal

_log = logging.getLogger(__name__)
MOST_OF_ONE_USER = 8
MOST = 64
_TICK = 0.1
_LOOK_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the keeper asks of the studio: whether terminals are on, and to hear of each end. Both may take a while."""

    is_on: Callable[[], bool]
    on_ended: Callable[[Terminal], None]


class TerminalKeeper:
    """Lives in the event loop of its first `open`."""

    def __init__(self, hooks: Hooks, *, idle_seconds: float | None) -> None:
        self._hooks = hooks
        self._idle_seconds = idle_seconds
        self._terminals: dict[str, Terminal] = {}
        self._starting: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: asyncio.Task[None] | None = None

    async def open(self, plan: ShellPlan, *, owner: str, folder: str, columns: int, rows: int) -> Terminal:
        """A new terminal.

        Raises:
            TooManyTerminalsError, StudioTerminalsFullError: there are as many as there can be.
            TerminalNotStartedError: no shell could be started.
        """
        self._loop = asyncio.get_running_loop()
        try:
            pty = await self._start(plan, owner, columns, rows)
        except BaseException:
            plan.give_back()
            raise
        terminal = Terminal(pty, owner=owner, folder=folder)
        self._terminals[terminal.id] = terminal
        self._loop.create_task(self._finish(terminal, plan), name=f"terminal {terminal.id}")
        if self._watch is None or self._watch.done():
            self._watch = self._loop.create_task(self._look_after(), name="terminals")
        return terminal

    def find(self, terminal_id: str, *, owner: str | None) -> Terminal:
        """One that runs; with `owner` only where it is theirs.

        Raises:
            TerminalNotFoundError: it has ended, or is somebody else's.
        """
        terminal = self._terminals.get(terminal_id)
        if terminal is None or (owner is not None and terminal.owner != owner):
            raise TerminalNotFoundError
        return terminal

    def running(self, *, owner: str | None) -> list[Terminal]:
        """All that run, the oldest first; with `owner` only theirs."""
        alive = [each for each in list(self._terminals.values()) if not each.has_ended.is_set()]
        found = [each for each in alive if owner is None or each.owner == owner]
        return sorted(found, key=lambda each: each.started_at)

    def end(self, terminal: Terminal, reason: str) -> None:
        """Have it end; from any thread. Its processes are gone a moment later."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # The loop has ended, and with it every terminal.
                self._loop.call_soon_threadsafe(terminal.ended, reason)

    def end_all(self, reason: str, *, owner: str | None = None) -> None:
        for terminal in self.running(owner=owner):
            self.end(terminal, reason)

    def close(self) -> None:
        """End every terminal, now."""
        for terminal in list(self._terminals.values()):
            terminal.pty.destroy()

    async def _start(self, plan: ShellPlan, owner: str, columns: int, rows: int) -> Pty:
        self._require_room(owner)
        self._starting.append(owner)
        try:
            return await asyncio.to_thread(partial(Pty, plan, columns=columns, rows=rows))
        except (OSError, SandboxUnavailableError) as error:
            raise TerminalNotStartedError(str(error)) from error
        finally:
            self._starting.remove(owner)

    def _require_room(self, owner: str) -> None:
        if len(self.running(owner=owner)) + self._starting.count(owner) >= MOST_OF_ONE_USER:
            raise TooManyTerminalsError(MOST_OF_ONE_USER)
        if len(self._terminals) + len(self._starting) >= MOST:
            raise StudioTerminalsFullError(MOST)

    async def _finish(self, terminal: Terminal, plan: ShellPlan) -> None:
        """Wait for the end of a terminal, whatever causes it, and clear up after it."""
        await terminal.has_ended.wait()
        self._terminals.pop(terminal.id, None)
        await asyncio.to_thread(terminal.pty.destroy)
        terminal.pty.hang_up()
        try:
            await asyncio.to_thread(plan.give_back)
            await asyncio.to_thread(self._hooks.on_ended, terminal)
        except Exception:  # A database that is away must not keep terminals from ending.
            _log.exception("the end of a terminal could not be recorded")

    async def _look_after(self) -> None:
        looked = time.monotonic()
        while self._terminals:
            await asyncio.sleep(_TICK)
            now = time.monotonic()
            for terminal in list(self._terminals.values()):
                self._check(terminal, now)
            if now - looked > _LOOK_EVERY:
                looked = now
                try:
                    if not await asyncio.to_thread(self._hooks.is_on):
                        self.end_all("off")
                except Exception:  # Whoever watches must live: the database may be away for a moment.
                    _log.exception("it could not be seen whether terminals are on")

    def _check(self, terminal: Terminal, now: float) -> None:
        if terminal.pty.limit_met is not None:
            terminal.ended("limit", terminal.pty.limit_met)
        elif terminal.pty.has_exited:
            terminal.shell_is_gone()
        elif self._idle_seconds is not None and now - terminal.last_used > self._idle_seconds:
            terminal.ended("idle")
