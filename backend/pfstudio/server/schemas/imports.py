"""What an import answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from pfstudio.server.schemas.flows import FlowProblem


class ImportedFlow(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    path: str
    files: int = Field(description="How many files were imported.")
    problems: list[FlowProblem] = Field(description="What is wrong with the flow; it was imported all the same.")
    connections: list[str] = Field(description="The connections that the flow names.")
    left_out: list[str] = Field(description="What was not imported, such as a `.git` folder.")
