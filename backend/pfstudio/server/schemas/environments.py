"""What the page shows of a flow's environment."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from pfstudio.server.schemas.base import Schema

Kind = Literal["default", "ready", "building", "missing", "failed", "invalid", "off"]
Phase = Literal["waiting", "starting", "resolving", "downloading", "building", "installing", "compiling"]


class PackageRead(BaseModel):
    name: str
    version: str
    requested: bool = Field(description="Whether the requirements file names it; the others came with one it names.")


class BuildRead(BaseModel):
    """A build under way; its log is `GET /api/environment-log/{path}`."""

    id: str
    phase: Phase
    done: int = Field(description="Packages, of `total`; 0 of 0 while it is not known how many there will be.")
    total: int
    started_at: float
    by: str


class EnvironmentRead(BaseModel):
    """The packages a flow runs with. Where `state` is neither `ready` nor `default`, it runs with the studio's own."""

    state: Kind
    python: str
    file: str | None = Field(description="The requirements file, relative to the flow's folder.")
    problem: str | None = Field(description="Why it is not `ready`, in one sentence.")
    line: int | None = Field(description="The line of the file that cannot be used.")
    build: BuildRead | None
    packages: list[PackageRead]
    dropped: list[str] = Field(description="Lines of the file that are not installed, since the studio has its own.")
    built_at: float | None
    seconds: float | None = Field(description="How long building it took.")
    size: int | None
    from_source: bool
    flows: int = Field(description="How many flows have run with it; those with the same packages share one.")
    may_build: bool


class EnvironmentBuildStart(Schema):
    fresh: bool = Field(
        default=False, description="Build it again although it is there, and ask the indexes for what is new."
    )
