"""What the page about space shows."""

from __future__ import annotations

from pydantic import BaseModel, Field


class UseRead(BaseModel):
    bytes: int
    files: int


class FlowUseRead(UseRead):
    path: str


class UserUseRead(BaseModel):
    username: str
    files: UseRead
    trash: UseRead
    caches: UseRead = Field(description="The part of the files that Python and its tools make anew by themselves.")
    kinds: dict[str, UseRead] = Field(
        description="`runs`, `environments` and `uploads`, as far as it is known whose they are."
    )
    flows: list[FlowUseRead] = Field(description="The folders below `promptflow`, the largest first.")


class StorageRead(BaseModel):
    """The disk of the share. While it is full, read-only or gone, the studio is read-only, and `note` says why."""

    total: int
    free: int
    read_only: bool
    note: str | None


class SpaceRead(BaseModel):
    """For an admin everyone's, else one's own."""

    storage: StorageRead
    quota: int | None = Field(description="Bytes that one user's files and trash may take; null without a limit.")
    flow_quota: int | None = Field(
        description="Bytes that one folder below `promptflow` may take; null without a limit."
    )
    users: list[UserUseRead]
    kinds: dict[str, UseRead] = Field(
        description="`files` and `trash`; for admins also `history`, `runs`, `environments` and `uploads`."
    )


class TrashEmptied(BaseModel):
    removed: int
