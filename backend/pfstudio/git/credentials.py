"""What git signs in with elsewhere: a user's tokens, one for an origin, their SSH key, and the servers they trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ScalarSelect, delete, select
from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor
from pfstudio.connections.vault import DecryptConnectionError, Vault
from pfstudio.db.models import UserRow
from pfstudio.db.models.git_credential import GitCredentialRow, GitHostKeyRow
from pfstudio.db.session import Database
from pfstudio.git.handing import Token
from pfstudio.git.remote_address import parse_origin
from pfstudio.git.remote_errors import CredentialInvalidError, CredentialNotFoundError
from pfstudio.git.ssh_keys import KeyAgent, fingerprint, new_key, require_host_key
from pfstudio.kit.clock import utc_now

_LONGEST_TOKEN = 4000


class CredentialKind(StrEnum):
    TOKEN = "token"  # noqa: S105 - a kind, no secret.
    SSH_KEY = "ssh_key"


@dataclass(frozen=True, slots=True)
class GitCredential:
    """What may be shown of a credential. `fingerprint` and `public_key` are empty for tokens, `origin` for keys."""

    id: int
    kind: CredentialKind
    origin: str
    username: str
    public_key: str
    fingerprint: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class HostKey:
    """A server that a user trusts."""

    host: str
    key: str
    fingerprint: str
    created_at: datetime


def list_credentials(session: Session, *, actor: Actor) -> list[GitCredential]:
    """The actor's own, the SSH key first."""
    query = select(GitCredentialRow).where(_of(actor.username)).order_by(GitCredentialRow.kind, GitCredentialRow.origin)
    return [_shown(row) for row in session.scalars(query)]


def save_token(session: Session, vault: Vault, *, host: str, username: str, token: str, actor: Actor) -> GitCredential:
    """Store a token for a host, in place of the one there was.

    Raises:
        RemoteAddressRefusedError: the host is none.
        CredentialInvalidError: the name or the token is none.
    """
    origin = parse_origin(host)
    username, token = username.strip(), token.strip()
    if not username or len(username) > 255 or not username.isprintable():
        raise CredentialInvalidError("it needs the user name that goes with the token")
    if not token or len(token) > _LONGEST_TOKEN or not token.isprintable():
        raise CredentialInvalidError("the token is empty, too long, or holds a line break")
    row = _replace(session, actor, CredentialKind.TOKEN, origin)
    row.username, row.public_key, row.secret = username, "", vault.encrypt(token)
    session.flush()
    return _shown(row)


def make_ssh_key(session: Session, vault: Vault, *, actor: Actor) -> GitCredential:
    """A new SSH key of the actor's, in place of the one there was."""
    row = _replace(session, actor, CredentialKind.SSH_KEY, "")
    pair = new_key(f"{actor.username}@pfstudio")
    row.username, row.public_key, row.secret = "", pair.public, vault.encrypt(pair.private)
    session.flush()
    return _shown(row)


def delete_credential(session: Session, credential: int, *, actor: Actor) -> GitCredential:
    """Forget a credential; gives what it was.

    Raises:
        CredentialNotFoundError: the actor has none of this number.
    """
    query = select(GitCredentialRow).where(_of(actor.username), GitCredentialRow.id == credential)
    row = session.scalar(query)
    if row is None:
        raise CredentialNotFoundError
    session.delete(row)
    return _shown(row)


def list_host_keys(session: Session, *, actor: Actor) -> list[HostKey]:
    rows = session.scalars(select(GitHostKeyRow).where(_hosts_of(actor.username)).order_by(GitHostKeyRow.host))
    return [HostKey(row.host, row.key, fingerprint(row.key), row.created_at) for row in rows]


def trust_host_key(session: Session, *, host: str, key: str, actor: Actor) -> HostKey:
    """Know a server by this key from now on.

    Raises:
        HostKeyRefusedError: it is no key of a server.
        CredentialInvalidError: the host is none.
    """
    key = require_host_key(key)
    if not host or len(host) > 300 or not host.isprintable() or any(mark in host for mark in " ,*?!#|@"):
        raise CredentialInvalidError("the host is no name of a machine")
    session.execute(delete(GitHostKeyRow).where(_hosts_of(actor.username), GitHostKeyRow.host == host))
    row = GitHostKeyRow(user_id=_user_id(session, actor.username), host=host, key=key, created_at=utc_now())
    session.add(row)
    session.flush()
    return HostKey(row.host, row.key, fingerprint(row.key), row.created_at)


def forget_host_key(session: Session, host: str, *, actor: Actor) -> None:
    """Stop knowing a server; it is shown anew when it is next met.

    Raises:
        CredentialNotFoundError: it was not known.
    """
    query = delete(GitHostKeyRow).where(_hosts_of(actor.username), GitHostKeyRow.host == host)
    if not session.execute(query.returning(GitHostKeyRow.id)).first():
        raise CredentialNotFoundError


class StoredCredentials:
    """The credentials of one user, for a `Handing`; looked up anew each time."""

    def __init__(self, database: Database, vault: Vault, username: str) -> None:
        self._database = database
        self._vault = vault
        self._username = username

    def token(self, origin: str) -> Token | None:
        row, secret = self._find(CredentialKind.TOKEN, origin)
        return Token(row.username, secret) if row else None

    def key(self) -> KeyAgent | None:
        row, secret = self._find(CredentialKind.SSH_KEY, "")
        return KeyAgent(secret, f"{self._username}@pfstudio") if row else None

    def known_hosts(self) -> str:
        with self._database.read() as session:
            rows = session.scalars(select(GitHostKeyRow).where(_hosts_of(self._username)))
            return "".join(f"{row.host} {row.key}\n" for row in rows)

    def used(self, origins: Sequence[str]) -> None:
        """Note what was handed over; `ssh` stands for the key."""
        wanted = ["" if origin == "ssh" else origin for origin in origins]
        with self._database.write() as session:
            query = select(GitCredentialRow).where(_of(self._username), GitCredentialRow.origin.in_(wanted))
            for row in session.scalars(query):
                row.last_used_at = utc_now()

    def _find(self, kind: CredentialKind, origin: str) -> tuple[GitCredentialRow | None, str]:
        with self._database.read() as session:
            row = session.scalar(
                select(GitCredentialRow).where(
                    _of(self._username), GitCredentialRow.kind == kind, GitCredentialRow.origin == origin
                )
            )
        try:
            return (row, self._vault.decrypt(row.secret)) if row else (None, "")
        except DecryptConnectionError:
            return None, ""  # As without one: whoever asks is told to add it again.


def _replace(session: Session, actor: Actor, kind: CredentialKind, origin: str) -> GitCredentialRow:
    query = select(GitCredentialRow).where(
        _of(actor.username), GitCredentialRow.kind == kind, GitCredentialRow.origin == origin
    )
    row = session.scalar(query)
    if row is None:
        row = GitCredentialRow(user_id=_user_id(session, actor.username), kind=kind, origin=origin)
        session.add(row)
    row.created_at, row.last_used_at = utc_now(), None
    return row


def _shown(row: GitCredentialRow) -> GitCredential:
    return GitCredential(
        id=row.id,
        kind=CredentialKind(row.kind),
        origin=row.origin,
        username=row.username,
        public_key=row.public_key,
        fingerprint=fingerprint(row.public_key) if row.public_key else "",
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )


def _of(username: str) -> ColumnElement[bool]:
    return GitCredentialRow.user_id == _id_of(username)


def _hosts_of(username: str) -> ColumnElement[bool]:
    return GitHostKeyRow.user_id == _id_of(username)


def _id_of(username: str) -> ScalarSelect[int]:
    return select(UserRow.id).where(UserRow.username == username).scalar_subquery()


def _user_id(session: Session, username: str) -> int:
    return session.scalars(select(UserRow.id).where(UserRow.username == username)).one()
