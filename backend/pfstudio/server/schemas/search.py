"""What searches answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class FoundName(BaseModel):
    path: str
    kind: Literal["file", "folder"]


class FoundNames(BaseModel):
    """The best first."""

    entries: list[FoundName]
    complete: bool = Field(description="Whether all names were looked at; the share may hold too many.")


class ContentMatch(BaseModel):
    """`text` is the line, or what is around the match in a long one; the match begins in it at `offset`."""

    line: int = Field(description="From 1.")
    column: int = Field(description="In characters, from 1.")
    length: int
    text: str
    offset: int


class ContentFound(BaseModel):
    """One line of the answer: a file with its matches; the last line has `done` and the counts instead."""

    path: str | None = None
    matches: list[ContentMatch] | int
    done: bool = False
    files: int | None = None
    stopped_by: Literal["matches", "time", "failure"] | None = Field(
        default=None, description="Why not everything was searched; null where it was."
    )
