"""Connections to model servers and other services."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pfstudio.accounts.errors import AdminRequiredError, AuthorRequiredError
from pfstudio.connections import service
from pfstudio.connections.errors import (
    BuiltInConnectionError,
    ConnectionExistsError,
    ConnectionNotFoundError,
    InvalidConnectionError,
    SecretsUnreadableError,
)
from pfstudio.connections.service import Scope, StoredConnection
from pfstudio.connections.types import CONNECTION_TYPES
from pfstudio.server.deps import CurrentActor, ReadSession, StudioState, WriteSession
from pfstudio.server.errors import error_responses
from pfstudio.server.flow_network import try_as_flows
from pfstudio.server.schemas.connections import (
    ConnectionCreate,
    ConnectionList,
    ConnectionRead,
    ConnectionTrialRead,
    ConnectionTypeList,
    ConnectionTypeRead,
    ConnectionUpdate,
)

router = APIRouter(tags=["connections"])

InScope = Annotated[Scope | None, Query(alias="scope")]


@router.get("/connection-types")
async def list_connection_types(_actor: CurrentActor) -> ConnectionTypeList:
    """The types of connections there are, with their keys."""
    return ConnectionTypeList(
        types=[
            ConnectionTypeRead.model_validate({"type": cls.kind, "title": cls.title, "fields": list(cls.fields)})
            for cls in CONNECTION_TYPES
        ]
    )


@router.get("/connections", response_model_exclude_unset=True)
def list_connections(session: ReadSession, actor: CurrentActor) -> ConnectionList:
    """What the actor's own flows may use."""
    return ConnectionList(connections=[_read(found) for found in service.list_connections(session, actor=actor)])


@router.post(
    "/connections",
    status_code=201,
    response_model_exclude_unset=True,
    responses=error_responses(
        InvalidConnectionError, ConnectionExistsError, BuiltInConnectionError, AuthorRequiredError, AdminRequiredError
    ),
)
def create_connection(
    body: ConnectionCreate, session: WriteSession, studio: StudioState, actor: CurrentActor
) -> ConnectionRead:
    """Store a new connection. Its secrets are encrypted and never shown again."""
    fields = body.model_dump(exclude_none=True, exclude={"scope"})
    return _read(service.create_connection(session, studio.vault, fields, actor=actor, scope=body.scope))


@router.get(
    "/connections/{name}", response_model_exclude_unset=True, responses=error_responses(ConnectionNotFoundError)
)
def read_connection(name: str, session: ReadSession, actor: CurrentActor, scope: InScope = None) -> ConnectionRead:
    """A connection; without `scope`, one's own wins over the workspace's."""
    return _read(service.get_connection(session, name, actor=actor, scope=scope))


@router.put(
    "/connections/{name}",
    response_model_exclude_unset=True,
    responses=error_responses(
        InvalidConnectionError,
        ConnectionNotFoundError,
        BuiltInConnectionError,
        AuthorRequiredError,
        AdminRequiredError,
        SecretsUnreadableError,
    ),
)
def update_connection(
    name: str,
    body: ConnectionUpdate,
    session: WriteSession,
    studio: StudioState,
    actor: CurrentActor,
    *,
    scope: InScope = None,
) -> ConnectionRead:
    """Replace a connection's fields; secrets that come as `******` stay."""
    fields = body.model_dump(exclude_none=True)
    return _read(service.update_connection(session, studio.vault, name, fields, actor=actor, scope=scope))


@router.delete(
    "/connections/{name}",
    status_code=204,
    responses=error_responses(ConnectionNotFoundError, BuiltInConnectionError, AuthorRequiredError, AdminRequiredError),
)
def delete_connection(name: str, session: WriteSession, actor: CurrentActor, scope: InScope = None) -> None:
    """Delete a connection with its secrets."""
    service.delete_connection(session, name, actor=actor, scope=scope)


@router.post(
    "/connections/{name}/test",
    responses=error_responses(ConnectionNotFoundError, AuthorRequiredError, SecretsUnreadableError),
)
def test_connection(
    name: str, session: ReadSession, studio: StudioState, actor: CurrentActor, scope: InScope = None
) -> ConnectionTrialRead:
    """Try a connection by a real request to its server; takes ten seconds at most."""
    actor.require_author()
    connection = service.open_connection(session, studio.vault, name, actor=actor, scope=scope)
    stored = service.get_connection(session, name, actor=actor, scope=scope)
    by_admin = actor.is_admin or stored.scope is Scope.WORKSPACE
    session.close()  # The database has nothing to wait for while the server is asked.
    trial = try_as_flows(studio.settings, studio.isolation, connection, by_admin=by_admin)
    return ConnectionTrialRead.model_validate(trial)


def _read(stored: StoredConnection) -> ConnectionRead:
    record = {
        "name": stored.name,
        "scope": stored.scope,
        "owner": stored.owner,
        "read_only": stored.read_only,
        "created": stored.created,
        "modified": stored.modified,
    }
    return ConnectionRead.model_validate({**stored.fields, **record})
