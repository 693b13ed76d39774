"""What an import answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from pfstudio.server.schemas.flows import FlowProblem


class ImportedFlow(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    path: str = Field(description="The flow; of several the one that stands highest.")
    flows: list[str] = Field(description="All flows that came in, at most 100.")
    files: int = Field(description="How many files were imported.")
    problems: list[FlowProblem] = Field(description="What is wrong with the flow; it was imported all the same.")
    connections: list[str] = Field(description="The connections that the flow names.")
    left_out: list[str] = Field(description="What was not imported, such as a `.git` folder.")


class GitImportStart(BaseModel):
    """A repository elsewhere, or a part of it."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2000, description="`https://…` or `http://…`, without credentials.")
    branch: str | None = Field(default=None, max_length=250, description="A branch or tag; else what the server shows.")
    folder: str | None = Field(default=None, max_length=1000, description="Only this folder of the repository.")
    name: str | None = Field(default=None, description="Name of the new flow; a free one is found without it.")
