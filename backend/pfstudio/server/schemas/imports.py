"""What an import answers."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ImportedFlow(BaseModel):
    path: str
    files: int = Field(description="How many files were imported.")
    left_out: list[str] = Field(description="What was not imported, such as a `.git` folder.")
