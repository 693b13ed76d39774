"""Bodies of lending one's connections."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from pfstudio.server.schemas.base import Schema

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class ConsentGive(Schema):
    """What `consent` of the error `consent_required` told: the flow's snapshot, and the connections to lend to it."""

    snapshot: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    connections: Annotated[list[Name], Field(min_length=1, max_length=100)]
