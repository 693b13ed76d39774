"""What the share's files and folders look like in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

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


class EntryCopy(BaseModel):
    """Makes a copy of what is at `from`, in anybody's folder."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["copy"]
    from_: str = Field(alias="from", description="The share path of the file or folder to copy.")
    find_name: bool = Field(
        default=False, description="Whether the copy may get another name (`name-2`) where one of its name is there."
    )


EntryCreate = Annotated[FolderCreate | EntryCopy, Field(discriminator="kind")]


class ManyEntries(BaseModel):
    """One action on many entries. `to` is the folder they go into; a deletion has none."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["delete", "move", "copy"]
    paths: list[str] = Field(min_length=1, max_length=1000)
    to: str | None = Field(default=None, description="The share path of a folder, for `move` and `copy`.")
    find_name: bool = Field(default=False, description="Whether copies may get other names where theirs are taken.")


class EntryProblem(BaseModel):
    """Why one of many entries was left as it is; the same as the problem that it alone would have been answered."""

    status: int
    code: str
    detail: str


class EntryOutcome(BaseModel):
    """What became of one of many entries: `entry` where it is now, `trash` its id there, or `problem`."""

    path: str
    entry: FileEntry | None = None
    trash: str | None = None
    problem: EntryProblem | None = None


class ManyOutcomes(BaseModel):
    results: list[EntryOutcome] = Field(description="In the order of `paths`.")


class EntryMove(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="The new share path; nothing may stand there yet.")


class ContentWritten(BaseModel):
    """What a write left on disk."""

    path: str
    size: int
    modified: datetime
    etag: str
