"""What the studio's terminals are made of: the keeper, and the plan of each shell."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.sandbox.isolation import Bind, SandboxSpec
from pfstudio.server.flow_network import network_of
from pfstudio.share.paths import USERS, SharePath
from pfstudio.terminals import service
from pfstudio.terminals.keeper import Hooks, TerminalKeeper
from pfstudio.terminals.pty import ShellPlan, shell_program
from pfstudio.terminals.terminal import Terminal

if TYPE_CHECKING:
    from pfstudio.server.deps import Studio

_HOME = Path("/home/me")


def make_keeper(studio: Studio) -> TerminalKeeper:
    def is_on() -> bool:
        with studio.database.read() as session:
            return service.is_on(session)

    def on_ended(terminal: Terminal) -> None:
        with studio.database.write() as session:
            service.record_ended(session, terminal)

    minutes = studio.settings.terminal_idle
    return TerminalKeeper(Hooks(is_on, on_ended), idle_seconds=minutes * 60 or None)


def plan_shell(studio: Studio, username: str, folder: SharePath) -> ShellPlan:
    """A shell that writes one's own folder and one's home, and reads the rest of the share, each at its usual path."""
    own = studio.settings.share_root / USERS / username
    started_in = studio.settings.share_root / str(folder)
    environment = {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "USER": username,
        "LOGNAME": username,
        "SHELL": shell_program(),
        "PAGER": "less" if shutil.which("less", path="/bin:/usr/bin") else "cat",
        "LESS": "-FRX",
    }
    network, rules = network_of(studio.settings, studio.isolation)
    spec = SandboxSpec(
        flow_folder=own,
        writable=True,
        share_root=studio.settings.share_root,
        hidden=(studio.settings.data,),
        network=network,
    )
    if studio.isolation.active:
        spec = replace(spec, binds=(Bind(_home_of(studio, username), writable=True, at=_HOME),), home=_HOME)
    return ShellPlan([str(started_in), str(own / "promptflow"), str(own)], environment, spec, rules=rules)


def _home_of(studio: Studio, username: str) -> Path:
    """A user's private home. Not on the share, which everyone may read: it has their shell's history and keys."""
    home = studio.settings.homes / username
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home
