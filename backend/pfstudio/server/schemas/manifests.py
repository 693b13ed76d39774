"""What a folder holds, by hash."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ManifestFileRead(BaseModel):
    path: str = Field(description="Below the folder.")
    sha256: str
    size: int
    etag: str
    executable: bool


class ManifestRead(BaseModel):
    path: str
    files: list[ManifestFileRead]
