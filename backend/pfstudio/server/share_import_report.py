"""What became of each user and flow of a downloaded share, and what is left to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pfstudio.errors import InvalidError

UserStatus = Literal["existing", "made", "planned", "skipped"]
FlowStatus = Literal["imported", "planned", "unchanged", "skipped", "failed"]


class NoAzureShareError(InvalidError):
    code = "no_azure_share"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no folder 'Users' in {folder}. Name the folder that the share was downloaded to.")


class UnknownAliasError(InvalidError):
    code = "unknown_alias"

    def __init__(self, alias: str, known: list[str]) -> None:
        shown = ", ".join(known[:20]) or "none"
        super().__init__(f"The share has no user '{alias}', whom --map names. Its users are: {shown}.")


@dataclass(slots=True)
class UserReport:
    """Whose flows they were, and whose they are now; `reason` says why a user could not be made, or is another's."""

    alias: str
    username: str
    status: UserStatus
    reason: str | None = None


@dataclass(slots=True)
class FlowReport:
    """A folder below `promptflow`. `flows` address those in it, `problems` say what of them does not run yet."""

    source: str
    path: str
    status: FlowStatus
    reason: str | None = None
    flows: list[str] = field(default_factory=list)
    connections: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ConnectionReport:
    """A connection to fill in: its possible types as far as the flows tell, and the flows that name it."""

    name: str
    types: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ShareReport:
    dry_run: bool = False
    users: list[UserReport] = field(default_factory=list)
    flows: list[FlowReport] = field(default_factory=list)
    connections: list[ConnectionReport] = field(default_factory=list)

    def needs(self, connection: str, types: set[str], flow: str) -> None:
        """Note that a flow names a connection, which may be of these types."""
        found = next((item for item in self.connections if item.name == connection), None)
        if found is None:
            found = ConnectionReport(connection)
            self.connections.append(found)
            self.connections.sort(key=lambda item: item.name)
        found.types = sorted({*found.types, *types})
        if flow not in found.flows:
            found.flows.append(flow)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
