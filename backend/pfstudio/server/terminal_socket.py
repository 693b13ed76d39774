"""One page that shows one terminal, over a WebSocket.

Bytes are what is typed and printed. Text is JSON: the page tells its size and how much it has shown, the studio tells
`attached` first and `over` last.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import NamedTuple

import orjson
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from pfstudio.accounts.sessions import Identity
from pfstudio.errors import PromptflowException
from pfstudio.server.live_connections import LiveConnections
from pfstudio.server.schemas.terminals import Resize, SocketMessage
from pfstudio.terminals.terminal import Attachment, Terminal

PROTOCOL = "pfstudio.terminal"
REFUSED = 4000
OVER = 4001
BAD_MESSAGE = 4002
_END_SECONDS = 2.0
LARGEST_INPUT = 64 * 1024
"""Of one message; pages send larger pastes in pieces."""


class Size(NamedTuple):
    """Of a page's terminal, in characters."""

    columns: int
    rows: int


async def refuse(socket: WebSocket, error: PromptflowException) -> None:
    """Tell a page why it gets no terminal. Pages cannot read why a handshake fails."""
    await socket.accept(subprotocol=PROTOCOL)
    await _say(socket, {"type": "refused", "code": error.code, "detail": str(error)})
    await socket.close(REFUSED)


async def show(
    socket: WebSocket, terminal: Terminal, identity: Identity, live: LiveConnections, *, seen: int | None, size: Size
) -> None:
    """Connect the two until one of them ends, or `identity` may no longer be there."""
    attachment = terminal.attach(seen, columns=size.columns, rows=size.rows)
    loop = asyncio.get_running_loop()

    def sign_out() -> None:
        loop.call_soon_threadsafe(attachment.end, "signed_out")

    try:
        with live.registered(identity, sign_out):
            await socket.accept(subprotocol=PROTOCOL)
            replay = attachment.replay
            told = {"id": terminal.id, "folder": terminal.folder, "start": replay.start, "replayed": len(replay.data)}
            await _say(socket, {"type": "attached", **told, "is_whole": replay.is_whole})
            await _converse(socket, terminal, attachment)
    finally:
        terminal.detach(attachment)


async def _converse(socket: WebSocket, terminal: Terminal, attachment: Attachment) -> None:
    printing = asyncio.create_task(_print(socket, terminal, attachment))
    hearing = asyncio.create_task(_hear(socket, terminal, attachment))
    over = asyncio.create_task(attachment.is_over.wait())
    try:
        await asyncio.wait({hearing, over}, return_when=asyncio.FIRST_COMPLETED)
        if not hearing.done():
            await asyncio.wait({printing, hearing}, timeout=_END_SECONDS)  # A page that hangs reads nothing any more.
    finally:
        for task in (printing, hearing, over):
            task.cancel()
        await asyncio.gather(printing, hearing, over, return_exceptions=True)


async def _print(socket: WebSocket, terminal: Terminal, attachment: Attachment) -> None:
    """Send what is printed, then why it is over; the page's answer to that ends `_hear`."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
        while (data := await attachment.next()) is not None:
            await socket.send_bytes(data)
        await _say(socket, {"type": "over", "reason": attachment.why, "detail": terminal.end_detail})
        await socket.close(OVER)


async def _hear(socket: WebSocket, terminal: Terminal, attachment: Attachment) -> None:
    while True:
        message = await socket.receive()
        if message["type"] != "websocket.receive" or attachment.why is not None:
            return
        typed: bytes | None = message.get("bytes")
        if typed is not None:
            if len(typed) > LARGEST_INPUT:
                await _give_up(socket)
                return
            await terminal.write(typed)
            continue
        try:
            said = SocketMessage.model_validate({"message": orjson.loads(message["text"])}).message
        except (ValidationError, orjson.JSONDecodeError, RecursionError):
            await _give_up(socket)
            return
        if isinstance(said, Resize):
            terminal.resize(said.columns, said.rows)
        else:
            terminal.acknowledge(attachment, said.count)


async def _give_up(socket: WebSocket) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        await socket.close(BAD_MESSAGE)


async def _say(socket: WebSocket, message: dict[str, object]) -> None:
    await socket.send_text(orjson.dumps(message).decode())
