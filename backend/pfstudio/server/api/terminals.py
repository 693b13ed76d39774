"""Terminals: the socket of each, the list of them, and the switch for all."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Response, WebSocket
from starlette.concurrency import run_in_threadpool

from pfstudio.accounts.actor import Actor
from pfstudio.accounts.errors import AdminRequiredError
from pfstudio.accounts.sessions import Identity
from pfstudio.errors import PromptflowException
from pfstudio.server import terminal_socket
from pfstudio.server.deps import CurrentActor, Studio, StudioState, WriteSession
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.terminals import TerminalList, TerminalRead, TerminalsUpdate
from pfstudio.server.terminal_socket import Size
from pfstudio.server.terminals import plan_shell
from pfstudio.share.paths import SharePath
from pfstudio.terminals import service
from pfstudio.terminals.errors import TerminalNotFoundError, TerminalsOffBySettingError, TerminalsOffError
from pfstudio.terminals.keeper import MOST_OF_ONE_USER
from pfstudio.terminals.pty import LARGEST_SIZE
from pfstudio.terminals.terminal import Terminal

router = APIRouter(tags=["terminals"])
Cells = Annotated[int, Query(ge=1, le=LARGEST_SIZE)]


@router.websocket("/terminal")
async def open_terminal(
    socket: WebSocket,
    state: StudioState,
    actor: CurrentActor,
    *,
    folder: str | None = None,
    terminal: str | None = None,
    seen: Annotated[int | None, Query(ge=0)] = None,
    columns: Cells = 80,
    rows: Cells = 24,
) -> None:
    """A new terminal in `folder`, or `terminal` again, of which the page has `seen` so many bytes."""
    identity: Identity = socket.scope["pfstudio.identity"]
    size = Size(columns, rows)
    try:
        if terminal is None:
            address = socket.client.host if socket.client else ""
            found = await _open(state, identity, folder, size, address)
        else:
            await run_in_threadpool(_require_on, state)
            found = state.terminals.find(terminal, owner=actor.username)
    except PromptflowException as error:
        await terminal_socket.refuse(socket, error)
        return
    await terminal_socket.show(socket, found, identity, state.live, seen=seen, size=size)


@router.get("/terminals", responses=error_responses(AdminRequiredError))
async def list_terminals(state: StudioState, actor: CurrentActor, *, everyone: bool = False) -> TerminalList:
    """One's own terminals; an admin may ask for everyone's."""
    if everyone:
        actor.require_admin()
    note, is_on = await run_in_threadpool(_availability, state, actor)
    found = state.terminals.running(owner=None if everyone else actor.username)
    return TerminalList(note=note, is_on=is_on, most=MOST_OF_ONE_USER, terminals=[_read(each) for each in found])


@router.delete("/terminals/{terminal_id}", status_code=204, responses=error_responses(TerminalNotFoundError))
async def end_terminal(terminal_id: str, state: StudioState, actor: CurrentActor) -> Response:
    """End a terminal and all that runs in it; an admin may end anyone's."""
    found = state.terminals.find(terminal_id, owner=None if actor.is_admin else actor.username)
    found.ended("closed" if found.owner == actor.username else "admin")
    return Response(status_code=204)


@router.put("/terminals", status_code=204, responses=error_responses(AdminRequiredError, TerminalsOffBySettingError))
def switch_terminals(body: TerminalsUpdate, state: StudioState, session: WriteSession, actor: CurrentActor) -> None:
    """Switch terminals on or off for everyone. Those that run end within seconds."""
    if not state.settings.terminals:
        raise TerminalsOffBySettingError
    service.switch(session, body.is_on, actor=actor)
    if not body.is_on:
        state.terminals.end_all("off")


async def _open(studio: Studio, identity: Identity, folder: str | None, size: Size, address: str) -> Terminal:
    actor = identity.actor
    path = await run_in_threadpool(_start_folder, studio, actor, folder)
    plan = await run_in_threadpool(plan_shell, studio, actor, path)
    opened = await studio.terminals.open(
        plan, owner=actor.username, folder=str(path), columns=size.columns, rows=size.rows
    )
    # It ends with the session or token that opened it, whoever shows it then.
    opened.at_end(studio.live.register(identity, lambda: studio.terminals.end(opened, "signed_out")))
    try:
        await run_in_threadpool(_record_opened, studio, opened, address)
    except BaseException:
        opened.ended("closed")  # None that the audit log does not tell of.
        raise
    return opened


def _start_folder(studio: Studio, actor: Actor, folder: str | None) -> SharePath:
    _require_on(studio)
    return service.start_folder(studio.share, folder, actor=actor)


def _require_on(studio: Studio) -> None:
    if not studio.settings.terminals:
        raise TerminalsOffBySettingError
    with studio.database.read() as session:
        service.require_on(session)


def _availability(studio: Studio, actor: Actor) -> tuple[str | None, bool]:
    """Why there are no terminals for whoever asks, and whether they are on."""
    try:
        _require_on(studio)
    except (TerminalsOffError, TerminalsOffBySettingError) as error:
        return str(error), False
    try:
        actor.require_author()
    except PromptflowException as error:
        return str(error), True
    return None, True


def _record_opened(studio: Studio, terminal: Terminal, address: str) -> None:
    with studio.database.write() as session:
        service.record_opened(session, terminal, address=address)


def _read(terminal: Terminal) -> TerminalRead:
    return TerminalRead(
        id=terminal.id,
        owner=terminal.owner,
        folder=terminal.folder,
        started_at=terminal.started_at,
        idle_seconds=int(time.monotonic() - terminal.last_used),
        is_attached=terminal.is_attached,
    )
