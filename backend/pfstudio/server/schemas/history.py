"""What the history of files and folders looks like in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from pfstudio.server.schemas.base import Schema

VersionKind = Literal["save", "outside change", "run", "deployment", "restore", "import", "lost save", "git"]


class HistoryEntryRead(Schema):
    """One line of a timeline.

    One author's saves within a minute are one entry: `first_at` is the first of them, `id` and `at` are of the last.
    """

    id: str = Field(description="The `version` that other calls take.")
    kind: VersionKind = Field(description="`lost save`: text that was not saved because somebody else was faster.")
    author: str | None = Field(description="Null for what changed without the studio.")
    at: datetime
    first_at: datetime
    paths: list[str] = Field(
        description="Share paths that changed, the first 100; those of whole folders end with `/`."
    )
    path_count: int
    message: str


class HistoryRead(Schema):
    """What happened at or below a path, newest first."""

    unit: str = Field(description="The folder whose history this is part of: a flow, or the user's own folder.")
    entries: list[HistoryEntryRead]
    next: int | None = Field(description="`before` of the next page; null at the beginning of the history.")
    note: str | None = Field(description="Why something may be missing at the moment; null where all is recorded.")


class HeldRead(Schema):
    """Something that a version held."""

    name: str
    path: str
    kind: Literal["file", "folder", "link"]
    size: int | None = Field(description="Bytes of a file; null for others, and for one that was removed for good.")
    etag: str


class HistoryVersionRead(HeldRead):
    """What was at a path in a version. `entries` is there for folders: what was in them."""

    entries: list[HeldRead] | None


class FileDiffRead(Schema):
    """How one file differs."""

    path: str
    old_path: str | None = Field(description="Where it was before, if it was renamed.")
    status: Literal["added", "deleted", "changed", "renamed", "mode"] = Field(
        description="`mode`: nothing but its permissions."
    )
    is_binary: bool
    is_cut: bool = Field(description="Whether the text is left out because there is too much of it.")
    text: str | None = Field(description="The hunks of a unified diff; null for a binary or too large file.")


class HistoryDiff(Schema):
    """How files differ between two versions; `is_all` is false where there are more files than are told."""

    files: list[FileDiffRead]
    is_all: bool


class HistoryRestore(Schema):
    """Which version to bring back."""

    version: str
    paths: list[str] = Field(
        default=[], max_length=1000, description="Only these files or folders at or below the path; all without them."
    )


class HistoryRestored(Schema):
    """What a restore did. Restoring `undo` at the same path brings back what was there before."""

    paths: list[str] = Field(description="What was changed, made or put into the trash.")
    left_out: list[str] = Field(description="What cannot be restored: files of git.")
    version: str | None = Field(description="The new version; null where nothing had to change.")
    undo: str | None = Field(description="The version of how it was before; null where nothing had to change.")


class HistoryKept(Schema):
    kept: bool = Field(description="False while the history cannot be written: the studio tries again.")


class HistoryLeaving(Schema):
    """What goes of one history."""

    path: str
    entries: int
    staying: int
    oldest: datetime
    newest: datetime


class HistoryRetention(Schema):
    """The rule, and what it lets go of now: of all for an admin, else of one's own."""

    days: int = Field(description="Versions older than this many days go; 0: none ever goes.")
    keep: int = Field(description="So many entries of each history stay, however old they are.")
    entries: int
    bytes: int = Field(description="About how much of the disk that frees.")
    histories: list[HistoryLeaving]


class HistoryRetentionApply(Schema):
    """Another rule than that of the settings, for this once."""

    days: int | None = Field(default=None, ge=1, le=100_000)
    keep: int | None = Field(default=None, ge=0, le=100_000)


class HistoryRemoval(Schema):
    """What is, or was, removed for good: the content of one file, and its copies in the same history."""

    contents: int = Field(description="How many different contents.")
    versions: int = Field(description="How many versions hold one of them; they stay, without the file.")
    size: int = Field(description="How many bytes the contents have together.")
    on_disk: str | None = Field(description="A file that still has one of them: it must be changed or deleted first.")
    still_in: list[str] = Field(description="Other histories with one of them; it has to be removed there as well.")
    is_done: bool
