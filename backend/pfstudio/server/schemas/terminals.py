"""Terminals, and what their sockets say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from pfstudio.server.schemas.base import Schema


class TerminalRead(BaseModel):
    id: str
    owner: str
    folder: str = Field(description="The share path in which it was started.")
    started_at: datetime
    idle_seconds: int = Field(description="How long nothing has been typed or printed.")
    is_attached: bool = Field(description="Whether a page shows it.")


class TerminalList(BaseModel):
    """`note` says why there are none to be opened; null where there are."""

    note: str | None
    is_on: bool = Field(description="Whether an admin has left terminals on.")
    most: int = Field(description="How many one user may have.")
    terminals: list[TerminalRead]


class TerminalsUpdate(Schema):
    is_on: bool


Size = Annotated[int, Field(ge=1, le=1000)]


class Resize(Schema):
    """The page's window has another size."""

    type: Literal["resize"]
    columns: Size
    rows: Size


class Shown(Schema):
    """The page has shown so many bytes of the output, counted since the last such message."""

    type: Literal["shown"]
    count: Annotated[int, Field(ge=0, le=2**31)]


class SocketMessage(Schema):
    """What a page sends as text; what is typed goes as bytes."""

    message: Annotated[Resize | Shown, Field(discriminator="type")]
