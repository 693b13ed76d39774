"""What the studio's terminals are made of: the keeper, and the plan of each shell."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pfstudio.accounts.actor import Actor
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.errors import NotFoundError
from pfstudio.git.credentials import StoredCredentials
from pfstudio.git.handing import HANDING_FOLDER, Handing
from pfstudio.git.identities import identity_of
from pfstudio.git.identity import usual_identity
from pfstudio.sandbox.isolation import Bind, SandboxSpec, worker_environment
from pfstudio.sandbox.request import WorkerEnvironment
from pfstudio.server.environments import FOLDER as ENVIRONMENTS
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


def plan_shell(studio: Studio, actor: Actor, folder: SharePath) -> ShellPlan:
    """A shell that writes one's own folder and one's home, and reads the rest of the share, each at its usual path."""
    username = actor.username
    own = studio.settings.share_root / USERS / username
    started_in = studio.settings.share_root / str(folder)
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
    spec = _with_flows_packages(studio, folder, spec)
    variables = {**_usual_variables(username), **_identity(studio, actor), **spec.variables}
    handing = Handing(StoredCredentials(studio.database, studio.vault, username))
    variables |= handing.environment(asks=True)
    if studio.isolation.active:
        spec = replace(spec, binds=(*spec.binds, Bind(handing.folder, at=Path(HANDING_FOLDER))))
    return ShellPlan(
        [str(started_in), str(own / "promptflow"), str(own)],
        replace(spec, variables=variables),
        rules=rules,
        give_back=lambda: _give_back(studio, username, handing),
    )


def _usual_variables(username: str) -> dict[str, str]:
    return {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "USER": username,
        "LOGNAME": username,
        "SHELL": shell_program(),
        "PAGER": "less" if shutil.which("less", path="/bin:/usr/bin") else "cat",
        "LESS": "-FRX",
    }


def _home_of(studio: Studio, username: str) -> Path:
    """A user's private home. Not on the share, which everyone may read: it has their shell's history and keys."""
    home = studio.settings.homes / username
    if not home.is_dir():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        usual = usual_identity(username)
        (home / ".gitconfig").write_text(
            f"[user]\n\tname = {usual.name}\n\temail = {usual.address}\n", encoding="utf-8"
        )
    return home


def _identity(studio: Studio, actor: Actor) -> dict[str, str]:
    """The name and address for commits that one has set in the studio; without, the home's own settings count."""
    with studio.database.read() as session:
        identity = identity_of(session, actor)
    return {} if identity.is_default else identity.variables()


def _with_flows_packages(studio: Studio, folder: SharePath, spec: SandboxSpec) -> SandboxSpec:
    """The environment of the flow that the folder is in, where it has been built."""
    found = _environment_of(studio, folder)
    if found is None:
        return spec
    below = (studio.settings.data / ENVIRONMENTS).resolve()
    binds = tuple(Bind(place, below=below) for place in (found.venv, *found.visible))
    path = worker_environment(isolated=studio.isolation.active)["PATH"]
    return replace(spec, binds=(*spec.binds, *binds), variables={**spec.variables, **found.variables(path)})


def _environment_of(studio: Studio, folder: SharePath) -> WorkerEnvironment | None:
    while folder.parts:
        try:
            return studio.environments.built_for(folder)
        except NotFoundError:
            folder = folder.parent
    return None


def _give_back(studio: Studio, username: str, handing: Handing) -> None:
    handing.close()
    if handing.asked:
        with studio.database.write() as session:
            for origin in sorted(handing.asked):
                record(session, username, Act.GIT_CREDENTIAL_USED, origin, {"in": "terminal"})
