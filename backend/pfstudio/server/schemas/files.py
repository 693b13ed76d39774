"""What the share's files and folders look like in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

EntryKind = Literal["file", "folder", "link", "other"]


class FileEntry(BaseModel):
    """One entry of the share. `entries` is there for folders that were asked for by their own path."""

    path: str
    name: str
    kind: EntryKind
    size: int | None = Field(description="Bytes of a file (a link: of the file it leads to), else null.")
    modified: datetime
    etag: str = Field(description="Changes with every write; the same text as the `ETag` of the content.")
    target_kind: Literal["file", "folder"] | None = Field(
        default=None, description="What a link leads to; null where it leads nowhere or out of the owner's folder."
    )
    writable: bool = Field(default=False, description="Whether the signed-in user may change it.")
    entries: list[FileEntry] | None = None


class FolderCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["folder"]


class EntryMove(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="The new share path; nothing may stand there yet.")


class ContentWritten(BaseModel):
    """What a write left on disk."""

    path: str
    size: int
    modified: datetime
    etag: str
