"""Uploads that go on after a broken connection."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from pfstudio.server.schemas.files import ContentWritten


class UploadCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int = Field(ge=0, description="Bytes of the whole file.")
    path: str | None = Field(
        default=None, description="The share path of the file; without one it is data for a run, `upload:<id>`."
    )


class UploadRead(BaseModel):
    id: str
    path: str | None
    size: int
    offset: int = Field(description="How many bytes have come in; the next piece begins here.")
    chunk: int = Field(description="How many bytes to send in one request, so that little is sent twice.")


class UploadFinished(BaseModel):
    """Where the file is now: a share path's content, or what `POST /api/runs` takes as `data`."""

    written: ContentWritten | None = None
    data: str | None = None
