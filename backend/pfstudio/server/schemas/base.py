"""The base of all bodies, and the body of every error."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    """A request or response body. Fields it does not name are refused."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class FieldProblem(Schema):
    """One field of a request that cannot be used."""

    field: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457). `code` never changes, `detail` is the sentence to show. Some errors add fields."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    file: str | None = None
    line: int | None = None
    errors: list[FieldProblem] | None = None
