"""Terminals that try to get out or to take all: rows 20, 22, 31, 32 and 42 of the table of incidents."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

import pytest

from security.hostile_flows import EVERY
from security.hostile_studio import MALLORY, MARKERS, Hostile
from security.test_hostile_flows import RUN
from terminals.sockets import Page

pytestmark = pytest.mark.timeout(120)

# What is one's own here: every folder of one's own, and the shell that is the parent of what runs in it.
OWN = {
    "write its own other flows",
    "read the memory of its parent",
    "get its parent by ptrace",
    "get its parent's memory",
}
_SCRIPT = """\
import ctypes, glob, json, os, signal, socket, subprocess, sys, threading, time
from pathlib import Path
import pfstudio
given = Path(__file__).with_name('given.json').read_text()
def run():
{body}
print('LOOT' + json.dumps(run()) + 'END')
"""


@dataclass
class _Place:
    """What a page needs to know of a studio."""

    port: int


def open_terminal(hostile: Hostile) -> Page:
    return Page(cast(Any, _Place(hostile.serving.port)), "mallory", token=hostile.tokens["mallory"])


@pytest.fixture
def page(hostile: Hostile) -> Iterator[Page]:
    before = hostile.world()
    found = open_terminal(hostile)
    yield found
    found.close()
    hostile.call("mallory", "DELETE", f"/api/terminals/{found.id}")
    assert not [marker for marker in MARKERS if marker in found.text]
    assert hostile.world() == before


def test_a_terminal_gets_no_further_than_a_flow(hostile: Hostile, page: Page) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as trial:
        trial.connect(("192.0.2.1", 9))
        own = trial.getsockname()[0]
    attempts = {name: body for name, body in EVERY.items() if name not in OWN}
    folder = hostile.share / MALLORY
    (folder / "given.json").write_text(json.dumps({"port": hostile.serving.port, "own": own, "attempts": attempts}))
    body = "".join(f"    {line}\n" for line in RUN.strip().splitlines())
    (folder / "escape.py").write_text(_SCRIPT.format(body=body))

    with hostile.watched():
        page.type("cd attack && python escape.py\n")
        page.read_until(b"END\r\n")

    joined = page.text.replace("\r", "").replace("\n", "")
    loot = json.loads(joined.rpartition("LOOT")[2].partition("END")[0])
    assert set(loot) == set(attempts)
    assert {name: got for name, got in loot.items() if got is not None} == {}


def test_its_environment_and_descriptors_hold_nothing_of_the_servers(page: Page) -> None:
    names = page.run("env | cut -d= -f1 | sort | tr '\\n' ' '").split()
    open_ones = page.run("for n in /proc/self/fd/*; do readlink $n; done")

    assert not [name for name in names if name.startswith(("PFSTUDIO", "OPENAI", "AWS"))]
    assert "socket:" not in open_ones
    assert "/share" not in open_ones


ATTACKS = {
    "a fork bomb": (
        "exec python -c 'import os, time\n"
        "for _ in range(3000):\n"
        " try:\n"
        "  if os.fork() == 0: time.sleep(20); os._exit(0)\n"
        " except OSError: time.sleep(0.001)\n"
        "time.sleep(20)'\n"
    ),
    "memory": "exec python -c 'import time; x = b\"x\" * (5 * 2**30); time.sleep(20)'\n",
    "temporary files": (
        'exec python -c \'import time\nfor n in range(110000): open(f"/tmp/{n}", "w").close()\ntime.sleep(20)\'\n'
    ),
    "everything": "kill -9 -1; exec true\n",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_one_that_takes_all_is_ended_while_pages_load(hostile: Hostile, name: str) -> None:
    before = hostile.world()
    page = open_terminal(hostile)
    page.read_until(b"$ ")

    with hostile.watched():
        page.type(ATTACKS[name])
        last = page.end_of_it(60)

    page.close()
    assert last["type"] == "over"
    assert name == "everything" or "ended because" in str(last["detail"]), last
    assert hostile.world() == before


def test_output_without_end_that_nobody_reads_slows_nobody(hostile: Hostile, page: Page) -> None:
    page.read_until(b"$ ")
    with hostile.watched():
        page.type("yes '\x1b]0;evil\x07\x1b[2J'\n")
        time.sleep(1.0)
        page.type("\x03")
    page.close()
    answer = hostile.call("mallory", "DELETE", f"/api/terminals/{page.id}")

    assert answer[0] in (204, 404), answer
