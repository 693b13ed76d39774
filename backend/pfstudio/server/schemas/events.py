"""Server-sent events: what a browser watches, and the shape of what it is told."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class WatchUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    watch: list[str] = Field(
        max_length=50, description="Share paths of the folders to hear about; replaces the last list."
    )
    open: list[str] = Field(
        default_factory=list,
        max_length=100,
        description="Share paths of the flows and files that are open; others who have them or their folder open are "
        "told by `presence` events. Replaces the last list.",
    )


class HelloEvent(BaseModel):
    """First event of a stream; `stream` is the name to send watch lists to."""

    stream: str


class FileChange(BaseModel):
    path: str
    kind: Literal["created", "changed", "deleted"]


class FilesEvent(BaseModel):
    """Something below a watched folder changed on disk, whoever did it."""

    folder: str
    changes: list[FileChange]


class RescanEvent(BaseModel):
    """More changed than can be listed, or the folder came or went: read it again."""

    folder: str


class PresenceEvent(BaseModel):
    """Who has a flow or file open now, you included; none when everybody has left."""

    path: str
    users: list[str]
