"""The one thread of the studio that starts, hears, measures and ends sandboxes.

Everything about them happens here, so nothing needs a lock. It must be one thread that stays: the kernel ends a sandbox
with the thread that started it.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.sandbox import isolation, network
from pfstudio.sandbox.conversation import Conversation
from pfstudio.sandbox.errors import (
    MemoryLimitError,
    SandboxLostError,
    SandboxUnavailableError,
    TestCanceledError,
    TestTimeoutError,
    WorkerEndedError,
)
from pfstudio.sandbox.limits import Limits, prefer_this_thread
from pfstudio.sandbox.records import own_error_record, result_without_output
from pfstudio.sandbox.running import RunningTest
from pfstudio.sandbox.zygotes import SandboxKey, ZygoteProcess

_log = logging.getLogger(__name__)
_TICK = 0.05
_START_SECONDS = 20.0


class Keeper:
    """Starts its thread with the first test. `close` ends every sandbox and the thread."""

    def __init__(
        self,
        specify: Callable[[SandboxKey], isolation.SandboxSpec],
        limits: Limits,
        *,
        isolated: bool,
        idle_seconds: float,
        most_sandboxes: int,
        rules: network.Rules,
    ) -> None:
        self._specify = specify
        self._limits = limits
        self._isolated = isolated
        self._rules = rules
        self._idle_seconds = idle_seconds
        self._most_sandboxes = most_sandboxes
        self._sandboxes: dict[SandboxKey, ZygoteProcess] = {}
        self._orders: deque[Callable[[], None]] = deque()
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = socket.socketpair()
        self._closed = False
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def order(self, action: Callable[[], None]) -> None:
        """Have `action` done in the keeper's thread."""
        with self._start_lock:
            if self._closed:
                raise SandboxUnavailableError("the studio is ending")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sandbox-keeper", daemon=True)
                self._thread.start()
        self._orders.append(action)
        self._waker.send(b"!")

    def start(self, key: SandboxKey, test: RunningTest) -> None:
        self.order(partial(self._start, key, test))

    def cancel(self, test: RunningTest) -> None:
        self.order(partial(self._end_test, test, TestCanceledError()))

    def close(self) -> None:
        with self._start_lock:
            if self._closed:
                return
            self._closed = True
        if self._thread is not None:
            self._waker.send(b"!")
            self._thread.join(timeout=10)
        for end in (self._wake, self._waker):
            end.close()
        self._selector.close()

    def _run(self) -> None:
        prefer_this_thread()
        self._selector.register(self._wake, selectors.EVENT_READ, self._take_orders)
        while not self._closed:
            try:
                for ready, events in self._selector.select(self._patience()):
                    ready.data(events)
                self._tick()
            except Exception:  # The thread must live: without it every test of the studio would hang.
                _log.exception("the sandbox keeper met an error")
        for key in list(self._sandboxes):
            self._lose(key, TestCanceledError())

    def _patience(self) -> float | None:
        if any(sandbox.conversations for sandbox in self._sandboxes.values()):
            return _TICK
        return self._idle_seconds / 4 if self._sandboxes else None

    def _take_orders(self, _: int) -> None:
        self._wake.recv(4096)
        while self._orders:
            self._orders.popleft()()

    # --- tests -------------------------------------------------------------------------------------------------

    def _start(self, key: SandboxKey, test: RunningTest) -> None:
        try:
            conversation = self._sandbox(key).start(test)
        except PromptflowException as error:
            if key in self._sandboxes:
                self._lose(key, error)
            result = result_without_output(own_error_record(error), 0.0)
            test.publish({"event": "finished", "result": result})
            return
        handle = partial(self._hear, key, conversation)
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        if conversation.channel is not None:
            self._selector.register(conversation.channel, both, handle)
        if conversation.raw_output is not None:
            hear_output = partial(self._hear_output, conversation)
            self._selector.register(conversation.raw_output, selectors.EVENT_READ, hear_output)

    def _hear(self, key: SandboxKey, conversation: Conversation, events: int) -> None:
        channel = conversation.channel
        if channel is None:
            return
        if events & selectors.EVENT_WRITE:
            conversation.write()
            if not conversation.has_more_to_send:
                self._selector.modify(channel, selectors.EVENT_READ, partial(self._hear, key, conversation))
        if not events & selectors.EVENT_READ:
            return
        try:
            open_still = conversation.read()
        except PromptflowException as error:
            open_still = False
            self._end(key, conversation, error)
        if not open_still:
            self._forget(channel)
        if conversation.test.is_finished and conversation.kill_by is None:
            self._sandboxes[key].kill_worker(conversation)  # It said all there is to say; what it left running goes.

    def _hear_output(self, conversation: Conversation, _: int) -> None:
        if conversation.raw_output is not None and not conversation.read_raw_output():
            self._forget(conversation.raw_output)

    def _end_test(self, test: RunningTest, reason: PromptflowException) -> None:
        for key, sandbox in self._sandboxes.items():
            conversation = sandbox.conversations.get(test.id)
            if conversation is not None and not test.is_finished:
                self._end(key, conversation, reason)

    def _end(self, key: SandboxKey, conversation: Conversation, reason: PromptflowException) -> None:
        if conversation.reason is None:
            conversation.reason = reason
            self._sandboxes[key].kill_worker(conversation)

    def _ended(self, sandbox: ZygoteProcess, report: dict[str, Any]) -> None:
        """A worker is gone, and all it started."""
        conversation = sandbox.conversations.pop(report["id"], None)
        if conversation is None:
            return None
        if conversation.reason is None:
            conversation.drain()
        code, signal_number = report.get("exit"), report.get("signal")
        if signal_number and sandbox.watch.group.ran_out_of_memory:
            return self._conclude(conversation, MemoryLimitError(self._limits.memory))
        return self._conclude(conversation, WorkerEndedError(code, signal_number, conversation.running_nodes))

    def _conclude(self, conversation: Conversation, otherwise: PromptflowException) -> None:
        error = conversation.reason or otherwise
        status = "Canceled" if isinstance(error, TestCanceledError) else "Failed"
        conversation.finish(error, status)
        for source in (conversation.channel, conversation.raw_output):
            if source is not None:
                self._forget(source)
        conversation.close()

    def _forget(self, source: socket.socket | int) -> None:
        with contextlib.suppress(KeyError):  # Its end was heard before.
            self._selector.unregister(source)

    # --- sandboxes ---------------------------------------------------------------------------------------------

    def _sandbox(self, key: SandboxKey) -> ZygoteProcess:
        sandbox = self._sandboxes.get(key)
        if sandbox is not None:
            return sandbox
        self._make_room()
        python = sys.executable if key.environment is None else str(key.environment.python)
        rules = replace(self._rules, allowed=(*self._rules.allowed, *sorted(key.servers)))
        sandbox = ZygoteProcess(self._specify(key), self._limits, isolated=self._isolated, python=python, rules=rules)
        self._sandboxes[key] = sandbox
        self._selector.register(sandbox.control, selectors.EVENT_READ, partial(self._hear_zygote, key))
        return sandbox

    def _make_room(self) -> None:
        if len(self._sandboxes) < self._most_sandboxes:
            return
        idle = [key for key, sandbox in self._sandboxes.items() if not sandbox.conversations]
        if idle:
            self._lose(min(idle, key=lambda key: self._sandboxes[key].last_used), SandboxLostError(""))

    def _hear_zygote(self, key: SandboxKey, _: int) -> None:
        sandbox = self._sandboxes.get(key)
        if sandbox is None:
            return
        reports = sandbox.reports()
        for report in reports or []:
            if report.get("event") == "ended":
                self._ended(sandbox, report)
        if reports is None:
            words = sandbox.last_words()
            self._lose(key, SandboxLostError(words))

    def _lose(self, key: SandboxKey, reason: PromptflowException) -> None:
        """End a sandbox and conclude every test in it."""
        sandbox = self._sandboxes.pop(key)
        self._selector.unregister(sandbox.control)
        sandbox.destroy()
        for conversation in sandbox.conversations.values():
            if conversation.reason is None:
                conversation.drain()
            self._conclude(conversation, reason)

    def _tick(self) -> None:
        now = time.monotonic()
        for key, sandbox in list(self._sandboxes.items()):
            if sandbox.conversations:
                sandbox.last_used = now
                self._check(key, sandbox, now)
            elif now - sandbox.last_used > self._idle_seconds:
                self._lose(key, SandboxLostError(""))

    def _check(self, key: SandboxKey, sandbox: ZygoteProcess, now: float) -> None:
        too_much = sandbox.watch.exceeded()
        if too_much is not None:
            return self._lose(key, too_much)
        for conversation in list(sandbox.conversations.values()):
            timeout = conversation.test.request.timeout
            if conversation.reason is None and timeout is not None and now - conversation.started > timeout:
                self._end(key, conversation, TestTimeoutError(timeout))
            if not conversation.has_answered and now - conversation.started > _START_SECONDS:
                return self._lose(key, SandboxUnavailableError(f"none answered within {_START_SECONDS:g} seconds"))
            if conversation.kill_by is not None and now > conversation.kill_by:
                return self._lose(key, SandboxLostError("it did not end when asked"))
        return None
