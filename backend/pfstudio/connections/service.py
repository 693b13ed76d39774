"""The studio's connections: of one user, or shared with the workspace by an admin. Secrets go in and never out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor, Role
from pfstudio.audit import service as audit
from pfstudio.audit.acts import Act
from pfstudio.connections import repository
from pfstudio.connections.demo import DEMO_CONNECTION, demo_connection
from pfstudio.connections.errors import BuiltInConnectionError, ConnectionExistsError, SecretsUnreadableError
from pfstudio.connections.types import (
    Connection,
    ConnectionNotFoundError,
    CustomConnection,
    InvalidConnectionError,
    connection_from_fields,
    is_placeholder,
    missing_secrets,
    unknown_fields,
    with_stored_secrets,
)
from pfstudio.connections.vault import DecryptConnectionError, Vault
from pfstudio.db.models import ConnectionRow
from pfstudio.kit.clock import utc_now

_LONGEST_NAME = 255


class Scope(StrEnum):
    """Whose a connection is."""

    USER = "user"
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection as it may be shown: `fields` is its flat body with scrubbed secrets; a workspace's has no owner."""

    name: str
    fields: Mapping[str, Any]
    scope: Scope
    owner: str | None
    read_only: bool
    created: datetime | None
    modified: datetime | None


def list_connections(session: Session, *, actor: Actor) -> list[StoredConnection]:
    """Everything the actor's own flows may use: their own, the workspace's and the demo model."""
    rows = repository.list_connections(session, owner=actor.username)
    return [*(_stored(row, actor) for row in rows), _DEMO]


def get_connection(session: Session, name: str, *, actor: Actor, scope: Scope | None = None) -> StoredConnection:
    """One of `list_connections`; without a scope, one's own wins over the workspace's.

    Raises:
        ConnectionNotFoundError: none of this name; somebody else's look like none.
    """
    return _DEMO if name == DEMO_CONNECTION else _stored(_get_row(session, name, actor, scope), actor)


def open_connection(
    session: Session, vault: Vault, name: str, *, actor: Actor, scope: Scope | None = None
) -> Connection:
    """The same with its secrets, for the studio's own use.

    Raises:
        ConnectionNotFoundError: none of this name.
        SecretsUnreadableError: they were encrypted with another key.
    """
    return demo_connection() if name == DEMO_CONNECTION else _open(_get_row(session, name, actor, scope), vault)


def create_connection(
    session: Session, vault: Vault, fields: Mapping[str, Any], *, actor: Actor, scope: Scope
) -> StoredConnection:
    """Store a new connection.

    Raises:
        AuthorRequiredError: the actor is a viewer.
        AdminRequiredError: only admins share connections with the workspace.
        BuiltInConnectionError: the name is the demo model's.
        ConnectionExistsError: there is one of this name in the same scope.
        InvalidConnectionError: the fields make no connection.
    """
    _require_right(actor, scope)
    connection = _read(fields)
    name = _check_name(connection.name)
    owner = None if scope is Scope.WORKSPACE else actor.username
    if repository.find_connection(session, name, owner=owner) is not None:
        raise ConnectionExistsError(name)
    row = ConnectionRow(
        name=name,
        user_id=None if owner is None else repository.user_id(session, owner),
        created_at=utc_now(),
    )
    _fill(row, connection, vault)
    session.add(row)
    _tell(session, actor, Act.CONNECTION_CREATED, row)
    return _stored(row, actor)


def update_connection(
    session: Session, vault: Vault, name: str, fields: Mapping[str, Any], *, actor: Actor, scope: Scope | None = None
) -> StoredConnection:
    """Replace a connection's fields. A secret that comes as `******` or not at all stays as it is.

    Raises:
        ConnectionNotFoundError: none of this name.
        BuiltInConnectionError: the demo model's.
        InvalidConnectionError: the fields make no connection, or another name is given.
        SecretsUnreadableError: a secret is to stay, but cannot be read.
    """
    if name == DEMO_CONNECTION:
        raise BuiltInConnectionError(name)
    row = _get_row(session, name, actor, scope)
    _require_right(actor, _scope_of(row))
    if fields.get("name", name) != name:
        raise InvalidConnectionError(f"A connection keeps its name; '{name}' cannot become '{fields['name']}'.")
    given: Mapping[str, Any] = {"type": row.type, **fields, "name": name}
    if given["type"] == row.type:
        given = _with_kept_secrets(given, row, vault)
    _fill(row, _read(given), vault)
    _tell(session, actor, Act.CONNECTION_CHANGED, row)
    return _stored(row, actor)


def delete_connection(session: Session, name: str, *, actor: Actor, scope: Scope | None = None) -> None:
    """Delete a connection with its secrets.

    Raises:
        ConnectionNotFoundError: none of this name.
        BuiltInConnectionError: the demo model's.
    """
    if name == DEMO_CONNECTION:
        raise BuiltInConnectionError(name)
    row = _get_row(session, name, actor, scope)
    _require_right(actor, _scope_of(row))
    session.delete(row)
    _tell(session, actor, Act.CONNECTION_DELETED, row)


def connection_names_of(session: Session, names: Iterable[str], *, owner: str) -> set[str]:
    """Those of these names that are connections of this user."""
    return {row.name for row in repository.named_connections(session, set(names), owner=owner)}


def connection_source_for(
    session: Session, vault: Vault, *, runner: str, owner: str, names: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """What a worker gets: the named connections with their secrets, as flat fields, and no others.

    On one's own flow one's own connections win over the workspace's; on somebody else's flow only the workspace's
    count, since its owner could make it send a secret anywhere. Names without a connection are left out.
    """
    wanted = set(names)
    rows = list(repository.named_connections(session, wanted, owner=None))
    if runner == owner:
        rows += repository.named_connections(session, wanted, owner=runner)
    found = {row.name: _open(row, vault) for row in rows}
    if DEMO_CONNECTION in wanted:
        found[DEMO_CONNECTION] = demo_connection()
    return {name: connection.to_fields(with_secrets=True) for name, connection in found.items()}


def _get_row(session: Session, name: str, actor: Actor, scope: Scope | None) -> ConnectionRow:
    owners: Sequence[str | None] = {
        None: (actor.username, None),
        Scope.USER: (actor.username,),
        Scope.WORKSPACE: (None,),
    }[scope]
    for owner in owners:
        row = repository.find_connection(session, name, owner=owner)
        if row is not None:
            return row
    raise ConnectionNotFoundError(name)


def _require_right(actor: Actor, scope: Scope) -> None:
    actor.require_author()
    if scope is Scope.WORKSPACE:
        actor.require_admin()


def _tell(session: Session, actor: Actor, act: Act, row: ConnectionRow) -> None:
    audit.record(session, actor, act, row.name, {"type": row.type, "scope": _scope_of(row)})


def _read(fields: Mapping[str, Any]) -> Connection:
    if unknown := unknown_fields(fields):
        raise InvalidConnectionError(f"A connection of type '{fields.get('type')}' has no {', '.join(unknown)}.")
    connection = connection_from_fields(fields)
    # A type that can do without a key takes any text for one; asterisks are what forms show in its place.
    connection.secrets = {key: value for key, value in connection.secrets.items() if not is_placeholder(value)}
    return connection


def _with_kept_secrets(given: Mapping[str, Any], row: ConnectionRow, vault: Vault) -> Mapping[str, Any]:
    try:
        stored = _open(row, vault)
    except SecretsUnreadableError:
        if missing_secrets(given):
            raise
        return given  # All of them are entered again, which is the way out of a lost key.
    return with_stored_secrets(given, stored)


def _check_name(name: str | None) -> str:
    if not name:
        raise InvalidConnectionError("A connection needs a name.")
    if len(name) > _LONGEST_NAME or name != name.strip() or "/" in name or not name.isprintable() or set(name) == {"."}:
        raise InvalidConnectionError(
            f"'{name[:60]}' cannot be a connection's name: up to {_LONGEST_NAME} printable characters without '/' and "
            "without blanks at either end."
        )
    if name == DEMO_CONNECTION:
        raise BuiltInConnectionError(name)
    return name


def _fill(row: ConnectionRow, connection: Connection, vault: Vault) -> None:
    fields = connection.to_fields(with_secrets=False)
    row.type = connection.kind
    row.fields = json.dumps({key: value for key, value in fields.items() if key != "name"})
    row.secrets = vault.encrypt(json.dumps(connection.secrets))
    row.modified_at = utc_now()


def _open(row: ConnectionRow, vault: Vault) -> Connection:
    try:
        secrets = json.loads(vault.decrypt(row.secrets))
    except DecryptConnectionError as error:
        raise SecretsUnreadableError(row.name) from error
    inner = {"secrets": secrets} if row.type == CustomConnection.kind else secrets
    return connection_from_fields({**json.loads(row.fields), **inner, "name": row.name})


def _stored(row: ConnectionRow, actor: Actor) -> StoredConnection:
    """What may be shown. It takes no key, so that a lost one hides no connection."""
    scope = _scope_of(row)
    return StoredConnection(
        name=row.name,
        fields=json.loads(row.fields),
        scope=scope,
        owner=None if scope is Scope.WORKSPACE else actor.username,
        read_only=not (actor.is_admin or (actor.role is Role.AUTHOR and scope is Scope.USER)),
        created=row.created_at,
        modified=row.modified_at,
    )


def _scope_of(row: ConnectionRow) -> Scope:
    return Scope.WORKSPACE if row.user_id is None else Scope.USER


_DEMO = StoredConnection(
    name=DEMO_CONNECTION,
    fields=demo_connection().to_fields(with_secrets=False),
    scope=Scope.WORKSPACE,
    owner=None,
    read_only=True,
    created=None,
    modified=None,
)
