"""Accounts of people who sign in at an OpenID Connect provider.

An account belongs to an issuer and a subject, never to a name or an address that a provider tells: those can be chosen
or unverified, so they propose a name for a new account and take over none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Role
from pfstudio.accounts.errors import AccountDisabledError, InvalidUsernameError
from pfstudio.accounts.names import check_username, username_from
from pfstudio.accounts.oidc_errors import OidcNoGroupError, OidcRefusedError
from pfstudio.accounts.service import add_user, require_isolation
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.db.models import IdentityRow, UserRow
from pfstudio.kit.clock import utc_now

_NAME_CLAIMS = ("preferred_username", "nickname", "email", "name", "sub")


@dataclass(frozen=True, slots=True)
class RoleRules:
    """Which groups have which role. Without any group named, roles are the admins' to give.

    `without_group` is the role of who has no mapped group, or the first role where none is named; None refuses them.
    """

    groups: Mapping[Role, tuple[str, ...]]
    without_group: Role | None

    @property
    def decide(self) -> bool:
        return any(self.groups.values())

    def role_of(self, groups: Any) -> Role | None:
        """The highest role that one of the groups has."""
        mine = {groups} if isinstance(groups, str) else {each for each in groups or () if isinstance(each, str)}
        for role in (Role.ADMIN, Role.AUTHOR, Role.VIEWER):
            if mine.intersection(self.groups.get(role, ())):
                return role
        return self.without_group


def sign_in(
    session: Session,
    claims: Mapping[str, Any],
    *,
    issuer: str,
    groups: Any,
    rules: RoleRules,
    isolation_problem: str | None,
    share_root: Path,
) -> UserRow:
    """The account of these checked claims, with the role that its groups have now; a new one at the first time.

    Raises:
        OidcNoGroupError: no group of theirs may use the studio.
        AccountDisabledError: an admin has disabled the account.
        IsolationRequiredError: this would be the second account, and isolation is neither active nor waived.
    """
    role = rules.role_of(groups)
    identity = _find(session, issuer, claims["sub"])
    if role is None and (identity is None or rules.decide):
        raise OidcNoGroupError
    if identity is None:
        return _new_user(
            session,
            claims,
            issuer=issuer,
            role=role or Role.VIEWER,
            isolation_problem=isolation_problem,
            share_root=share_root,
        )
    user = identity.user
    if user.is_disabled:
        raise AccountDisabledError(user.username)
    if rules.decide and role is not None and user.role != role:
        _change_role(session, user, role)
    return user


def link(session: Session, username: str, claims: Mapping[str, Any], *, issuer: str) -> UserRow:
    """Let a signed-in user also sign in at the provider from now on.

    Raises:
        OidcRefusedError: the provider's account is linked to somebody already.
    """
    user = repository.get_user(session, username)
    identity = _find(session, issuer, claims["sub"])
    if identity is not None and identity.user_id != user.id:
        raise OidcRefusedError("that account is linked to another user of this studio.")
    if identity is None:
        _add_identity(session, user, issuer, claims["sub"])
    return user


def _find(session: Session, issuer: str, subject: str) -> IdentityRow | None:
    return session.scalar(select(IdentityRow).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject))


def _new_user(
    session: Session,
    claims: Mapping[str, Any],
    *,
    issuer: str,
    role: Role,
    isolation_problem: str | None,
    share_root: Path,
) -> UserRow:
    if repository.count_users(session):
        require_isolation(isolation_problem)
    username = propose_username(session, claims, share_root)
    user = add_user(session, username=username, password_hash=None, role=role, share_root=share_root)
    _add_identity(session, user, issuer, claims["sub"])
    record(session, username, Act.USER_CREATED, username, {"role": role.value, "by": "oidc"})
    return user


def propose_username(session: Session, claims: Mapping[str, Any], share_root: Path) -> str:
    """A free user name after the claims: nobody's, and with no folder on the share that another has left."""
    given = next((text for name in _NAME_CLAIMS if isinstance(text := claims.get(name), str) and text.strip()), "user")
    wanted = _allowed(username_from(given.partition("@")[0]))
    for number in range(1, 10_000):
        end = "" if number == 1 else str(number)
        name = f"{wanted[: 39 - len(end)]}{end}"
        if repository.find_user(session, name) is None and not (share_root / "Users" / name).exists():
            return name
    raise InvalidUsernameError(wanted, "so many names like it are taken.")


def _allowed(name: str) -> str:
    try:
        return check_username(name)
    except InvalidUsernameError:
        return f"user-{name}"[:39].rstrip(".")


def _add_identity(session: Session, user: UserRow, issuer: str, subject: str) -> None:
    session.add(IdentityRow(user_id=user.id, issuer=issuer, subject=subject, created_at=utc_now()))
    record(session, user.username, Act.IDENTITY_LINKED, user.username, {"issuer": issuer})


def _change_role(session: Session, user: UserRow, role: Role) -> None:
    repository.lock_users(session)
    before = Role(user.role)
    if before is Role.ADMIN and not user.is_disabled and repository.count_admins(session) == 1:
        return  # Groups at the provider never leave the studio without an admin.
    user.role = role
    details = {"from": before.value, "to": role.value, "by": "oidc"}
    record(session, user.username, Act.USER_ROLE_CHANGED, user.username, details)
