"""Connections as a service, on both databases: encryption, updates that keep secrets, and what workers get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.service import add_user
from pfstudio.connections import service
from pfstudio.connections.errors import ConnectionExistsError, InvalidConnectionError, SecretsUnreadableError
from pfstudio.connections.service import Scope
from pfstudio.connections.types import CONNECTION_TYPES, Connection, ConnectionNotFoundError, CustomConnection
from pfstudio.connections.vault import Vault, load_or_create_key

BOB = Actor("bob", Role.AUTHOR)
ROOT = Actor("root", Role.ADMIN)
OPEN_AI = {"name": "mine", "type": "open_ai", "api_key": "sk-bob", "organization": "acme"}
CUSTOM = {
    "name": "own",
    "type": "custom",
    "configs": {"url": "http://x"},
    "secrets": {"a": "secret-a", "b": "secret-b"},
}


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(load_or_create_key(tmp_path / "secret.key"))


@pytest.fixture(autouse=True)
def _users(session: Session) -> None:
    for actor in (BOB, ROOT, Actor("bob2", Role.AUTHOR)):
        add_user(session, username=actor.username, password_hash=None, role=actor.role, share_root=None)


def _create(session: Session, vault: Vault, actor: Actor = BOB, scope: Scope = Scope.USER, **change: Any) -> None:
    service.create_connection(session, vault, {**OPEN_AI, **change}, actor=actor, scope=scope)


def _secrets(session: Session, vault: Vault, name: str = "mine") -> dict[str, Any]:
    return service.open_connection(session, vault, name, actor=BOB).secrets


def test_secrets_are_encrypted_in_the_database(session: Session, vault: Vault) -> None:
    _create(session, vault)
    service.create_connection(session, vault, CUSTOM, actor=BOB, scope=Scope.USER)
    session.flush()

    rows = str(session.execute(text("SELECT * FROM connections")).all())

    assert "acme" in rows
    assert "http://x" in rows
    assert not [secret for secret in ("sk-bob", "secret-a", "secret-b") if secret in rows]


@pytest.mark.parametrize("shown", [{"api_key": "******"}, {"api_key": "***"}, {"api_key": ""}, {}])
def test_an_update_keeps_a_secret_that_comes_scrubbed_or_not_at_all(
    session: Session, vault: Vault, shown: dict[str, str]
) -> None:
    _create(session, vault)

    service.update_connection(session, vault, "mine", {"organization": "other", **shown}, actor=BOB)

    assert _secrets(session, vault) == {"api_key": "sk-bob"}
    assert service.get_connection(session, "mine", actor=BOB).fields["organization"] == "other"


def test_an_update_replaces_a_secret_that_comes_anew(session: Session, vault: Vault) -> None:
    _create(session, vault)

    service.update_connection(session, vault, "mine", {"api_key": "sk-new"}, actor=BOB)

    assert _secrets(session, vault) == {"api_key": "sk-new"}


def test_custom_secrets_are_kept_replaced_added_and_dropped_by_name(session: Session, vault: Vault) -> None:
    service.create_connection(session, vault, CUSTOM, actor=BOB, scope=Scope.USER)

    service.update_connection(
        session, vault, "own", {"configs": {}, "secrets": {"a": "******", "c": "secret-c"}}, actor=BOB
    )

    assert _secrets(session, vault, "own") == {"a": "secret-a", "c": "secret-c"}


def test_another_type_does_not_inherit_the_old_ones_secret(session: Session, vault: Vault) -> None:
    _create(session, vault)

    with pytest.raises(InvalidConnectionError, match="api_key"):
        service.update_connection(session, vault, "mine", {"type": "serp", "api_key": "******"}, actor=BOB)


def _fields_of(kind: type[Connection]) -> dict[str, Any]:
    """A new connection of this type whose secrets are asterisks, as a form that was copied sends them."""
    if kind is CustomConnection:
        return {"configs": {"url": "http://x"}, "secrets": {"a": "******"}}
    return {field.name: "******" if field.secret else "http://x" for field in kind.fields if not field.choices}


@pytest.mark.parametrize("kind", CONNECTION_TYPES, ids=lambda kind: kind.kind)
@pytest.mark.parametrize("auth_mode", ["key", "meid_token"])
def test_asterisks_are_never_stored_as_a_secret(
    session: Session, vault: Vault, kind: type[Connection], auth_mode: str
) -> None:
    has_mode = any(field.name == "auth_mode" for field in kind.fields)
    fields = {"name": "new", "type": kind.kind, **_fields_of(kind), **({"auth_mode": auth_mode} if has_mode else {})}

    if has_mode and auth_mode == "meid_token":
        service.create_connection(session, vault, fields, actor=BOB, scope=Scope.USER)
        assert _secrets(session, vault, "new") == {}
        service.update_connection(session, vault, "new", fields, actor=BOB)
        assert _secrets(session, vault, "new") == {}
        assert "api_key" not in service.get_connection(session, "new", actor=BOB).fields
    else:
        with pytest.raises(InvalidConnectionError, match="please fill them"):
            service.create_connection(session, vault, fields, actor=BOB, scope=Scope.USER)
        with pytest.raises(ConnectionNotFoundError):
            service.get_connection(session, "new", actor=BOB)


def test_a_key_that_stands_beside_a_token_sign_in_is_kept(session: Session, vault: Vault) -> None:
    fields = {"name": "new", "type": "azure_open_ai", "api_base": "http://x", "auth_mode": "meid_token"}
    service.create_connection(session, vault, {**fields, "api_key": "real"}, actor=BOB, scope=Scope.USER)

    service.update_connection(session, vault, "new", {**fields, "api_key": "******"}, actor=BOB)

    assert _secrets(session, vault, "new") == {"api_key": "real"}


def test_a_connection_keeps_its_name(session: Session, vault: Vault) -> None:
    _create(session, vault)

    with pytest.raises(InvalidConnectionError, match="keeps its name"):
        service.update_connection(session, vault, "mine", {"name": "yours"}, actor=BOB)


def test_a_name_exists_once_in_each_scope(session: Session, vault: Vault) -> None:
    for actor, scope in ((BOB, Scope.USER), (ROOT, Scope.USER), (ROOT, Scope.WORKSPACE)):
        _create(session, vault, actor, scope)
        with pytest.raises(ConnectionExistsError):
            _create(session, vault, actor, scope)


def test_the_database_itself_keeps_workspace_names_unique(session: Session, vault: Vault) -> None:
    _create(session, vault, ROOT, Scope.WORKSPACE)
    session.flush()
    with pytest.raises(Exception, match=r"(?i)unique"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO connections (name, type, fields, secrets, created_at, modified_at) "
                "SELECT name, type, fields, secrets, created_at, modified_at FROM connections"
            )
        )


def test_a_lost_key_hides_no_connection_and_is_said_in_words(session: Session, vault: Vault) -> None:
    _create(session, vault)
    other = Vault(b"another key")

    assert [found.name for found in service.list_connections(session, actor=BOB)] == ["mine", "demo"]
    with pytest.raises(SecretsUnreadableError, match=r"former secret\.key"):
        service.open_connection(session, other, "mine", actor=BOB)
    service.update_connection(session, vault, "mine", {"api_key": "sk-again"}, actor=BOB)


def test_entering_the_secrets_again_mends_a_lost_key(session: Session, vault: Vault) -> None:
    _create(session, vault)
    new = Vault(b"the new key")

    service.update_connection(session, new, "mine", {"api_key": "sk-again"}, actor=BOB)

    assert _secrets(session, new) == {"api_key": "sk-again"}


def test_a_worker_gets_the_named_connections_of_its_runner_and_no_others(session: Session, vault: Vault) -> None:
    _create(session, vault)
    _create(session, vault, name="unused", api_key="sk-unused")
    _create(session, vault, ROOT, Scope.WORKSPACE, name="team", api_key="sk-team")

    found = service.connection_source_for(
        session, vault, runner="bob", owner="bob", names=["mine", "team", "demo", "missing"]
    )

    assert set(found) == {"mine", "team", "demo"}
    assert found["mine"]["api_key"] == "sk-bob"
    assert "sk-unused" not in str(found)


def test_on_ones_own_flow_ones_own_connection_wins(session: Session, vault: Vault) -> None:
    _create(session, vault)
    _create(session, vault, ROOT, Scope.WORKSPACE, api_key="sk-team")

    found = service.connection_source_for(session, vault, runner="bob", owner="bob", names=["mine"])

    assert found["mine"]["api_key"] == "sk-bob"


@pytest.mark.parametrize(("runner", "owner"), [("bob", "bob2"), ("root", "bob"), ("bob2", "bob"), ("bob", "bo")])
def test_somebody_elses_flow_gets_the_workspaces_connections_only(
    session: Session, vault: Vault, runner: str, owner: str
) -> None:
    _create(session, vault)
    _create(session, vault, ROOT, api_key="sk-root")
    _create(session, vault, ROOT, Scope.WORKSPACE, name="team", api_key="sk-team")

    found = service.connection_source_for(session, vault, runner=runner, owner=owner, names=["mine", "team"])

    assert set(found) == {"team"}


def test_deleting_a_user_deletes_their_connections(session: Session, vault: Vault) -> None:
    _create(session, vault)
    session.flush()

    session.execute(text("DELETE FROM users WHERE username = 'bob'"))

    assert session.execute(text("SELECT count(*) FROM connections")).scalar() == 0


def test_what_is_missing_or_deleted_is_not_found(session: Session, vault: Vault) -> None:
    _create(session, vault)
    service.delete_connection(session, "mine", actor=BOB)
    session.flush()

    for call in (
        lambda: service.get_connection(session, "mine", actor=BOB),
        lambda: service.delete_connection(session, "mine", actor=BOB),
        lambda: service.update_connection(session, vault, "mine", {}, actor=BOB),
    ):
        with pytest.raises(ConnectionNotFoundError, match="Connection 'mine' is not found"):
            call()
