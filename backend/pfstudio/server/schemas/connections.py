"""Bodies of connections: flat, with the keys of the specification's YAML files."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from pfstudio.connections.service import Scope
from pfstudio.server.schemas.base import Schema


class ConnectionFields(Schema):
    """The keys of all types; which of them a type has, `GET /api/connection-types` says."""

    api_key: str | None = None
    api_base: str | None = None
    api_type: str | None = None
    api_version: str | None = None
    auth_mode: str | None = None
    resource_id: str | None = None
    organization: str | None = None
    base_url: str | None = None
    endpoint: str | None = None
    configs: dict[str, str] | None = None
    secrets: dict[str, str] | None = None
    module: str | None = None
    custom_type: str | None = None
    package: str | None = None
    package_version: str | None = None


class ConnectionCreate(ConnectionFields):
    """A new connection. `scope` `workspace` shares it with everyone, which only admins may do."""

    name: str = Field(max_length=1000)
    type: str = Field(max_length=100)
    scope: Scope = Scope.USER


class ConnectionUpdate(ConnectionFields):
    """The new fields. Secrets that come as `******`, or not at all, stay as they are."""

    name: str | None = None
    type: str | None = None


class ConnectionRead(ConnectionFields):
    """A connection; every secret shows as `******`. `owner` is empty for the workspace's."""

    name: str
    type: str
    scope: Scope
    owner: str | None
    read_only: bool
    created: datetime | None
    modified: datetime | None


class ConnectionList(Schema):
    """One's own connections, then the workspace's, then the demo model."""

    connections: list[ConnectionRead]


class ConnectionFieldRead(Schema):
    """One key of a type, as a form shows it."""

    name: str
    required: bool
    secret: bool
    default: str | None
    description: str
    choices: list[str]


class ConnectionTypeRead(Schema):
    """A type of connection."""

    type: str
    title: str
    fields: list[ConnectionFieldRead]


class ConnectionTypeList(Schema):
    """All types, in the order of a menu."""

    types: list[ConnectionTypeRead]


class ConnectionTrialRead(Schema):
    """How a connection answered a real request."""

    ok: bool
    milliseconds: int
    message: str
    models: list[str]
