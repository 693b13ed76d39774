"""Terminals without a page: what is kept for one that comes back, and what ends them by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pfstudio.sandbox.isolation import SandboxSpec
from pfstudio.sandbox.limits import TERMINAL, Limits
from pfstudio.terminals.keeper import Hooks, TerminalKeeper
from pfstudio.terminals.pty import ShellPlan
from pfstudio.terminals.scrollback import Scrollback
from pfstudio.terminals.terminal import Terminal

FEW = replace(TERMINAL, processes=20)


@pytest.fixture
def ended() -> list[tuple[str, str | None]]:
    return []


@pytest.fixture
def given_back() -> Iterator[list[str]]:
    found: list[str] = []
    yield found
    assert len(found) == 1


def _run(
    typed: bytes, ended: list[tuple[str, str | None]], given_back: list[str], *, idle: float, limits: Limits = TERMINAL
) -> Terminal:
    """A terminal that types something and is left alone until it ends."""

    async def live() -> Terminal:
        loop, is_over = asyncio.get_running_loop(), asyncio.Event()

        def on_ended(terminal: Terminal) -> None:
            ended.append((terminal.end_reason, terminal.end_detail))
            loop.call_soon_threadsafe(is_over.set)

        keeper = TerminalKeeper(Hooks(lambda: True, on_ended), idle_seconds=idle)
        plan = ShellPlan(["/none", "/tmp"], SandboxSpec(), limits, give_back=lambda: given_back.append("back"))
        terminal = await keeper.open(plan, owner="bob", folder="x", columns=80, rows=24)
        await terminal.write(typed)
        async with asyncio.timeout(30):
            await is_over.wait()
        assert keeper.running(owner=None) == []
        keeper.close()
        return terminal

    return asyncio.run(live())


def test_one_that_nobody_uses_ends(ended: list[tuple[str, str | None]], given_back: list[str]) -> None:
    _run(b"sleep 100\n", ended, given_back, idle=0.7)

    assert ended == [("idle", None)]


def test_one_that_meets_a_limit_ends_with_its_sentence(
    ended: list[tuple[str, str | None]], given_back: list[str]
) -> None:
    _run(b"for i in $(seq 60); do sleep 20 & done; wait\n", ended, given_back, idle=20, limits=FEW)

    assert ended[0][0] == "limit"
    assert "processes" in str(ended[0][1])


def test_output_that_nobody_reads_is_kept_up_to_a_bound(
    ended: list[tuple[str, str | None]], given_back: list[str]
) -> None:
    terminal = _run(b"head -c 2000000 /dev/zero | tr '\\0' y; exit\n", ended, given_back, idle=20)

    assert ended == [("exited", None)]
    assert len(terminal.scrollback.since(None).data) <= 600_000


def test_what_is_replayed_begins_with_a_whole_line_where_more_was_dropped() -> None:
    kept = Scrollback(largest=100)
    for number in range(100):
        kept.append(f"\x1b[31mline {number}\x1b[0m\n".encode())

    whole = kept.since(None)

    assert whole.is_whole
    assert whole.data.startswith(b"\x1b[31mline ")
    assert whole.start + len(whole.data) == kept.end
    assert kept.since(kept.end - 5).data == whole.data[-5:]
    assert not kept.since(kept.end).is_whole
    assert kept.since(0) == whole
    assert kept.since(kept.end + 1) == whole
