"""Users: who there is, and making new ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from pfstudio.accounts import repository
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import AdminRequiredError, InvalidUsernameError, IsolationRequiredError, UserExistsError
from pfstudio.accounts.names import check_username, username_from
from pfstudio.accounts.passwords import Passwords, check_password_rules
from pfstudio.db.models import UserRow
from pfstudio.kit.clock import utc_now

WAIVER = "I accept that flows of one user can read and change the files of all users."


def list_users(session: Session) -> Sequence[UserRow]:
    """All users by name. Everyone signed in may see who else works here."""
    return repository.list_users(session)


def create_user(
    session: Session,
    *,
    actor: Actor,
    username: str,
    password_hash: str,
    role: Role,
    isolation_problem: str | None,
    share_root: Path,
) -> UserRow:
    """A new user with their folder.

    `isolation_problem` says why one user's flows are not kept from another's files; None when they are, or when the
    machine's owner has waived it in words.

    Raises:
        AdminRequiredError: only admins make users.
        InvalidUsernameError: the name breaks the grammar.
        UserExistsError: the name is taken.
        IsolationRequiredError: this would be the second account, and isolation is neither active nor waived.
    """
    require_admin_now(session, actor)
    check_username(username)
    if repository.find_user(session, username) is not None:
        raise UserExistsError(username)
    require_isolation(isolation_problem)
    return add_user(session, username=username, password_hash=password_hash, role=role, share_root=share_root)


def add_user(
    session: Session, *, username: str, password_hash: str | None, role: Role, share_root: Path | None
) -> UserRow:
    """Store a user; makes their folder unless `share_root` is None (it is made when they choose their name)."""
    user = UserRow(username=username, role=role, password_hash=password_hash, created_at=utc_now())
    session.add(user)
    session.flush()
    if share_root is not None:
        make_folder(share_root, username)
    return user


def ensure_first_user(session: Session, *, system_user: str) -> UserRow:
    """The user made first; on a new database an admin named after the system's user, without a password."""
    return repository.first_user(session) or add_user(
        session, username=username_from(system_user), password_hash=None, role=Role.ADMIN, share_root=None
    )


def ensure_admin(
    session: Session,
    *,
    username: str,
    password: str,
    passwords: Passwords,
    isolation_problem: Callable[[], str | None],
    share_root: Path,
) -> UserRow:
    """The admin that the settings name, made or given this password when it is another one.

    A first user who has neither a password nor ever signed in becomes this admin: nobody has been there yet.
    `isolation_problem` is as in `create_user`, asked only where it matters.

    Raises:
        InvalidUsernameError: the name breaks the grammar.
        InvalidPasswordError: the password breaks the rules.
        IsolationRequiredError: this would be the second account, and isolation is neither active nor waived.
    """
    check_username(username)
    check_password_rules(password, username=username)
    user = repository.find_user(session, username) or _take_over_first_user(session, username, share_root)
    if user is None:
        if repository.count_users(session):
            require_isolation(isolation_problem())
        hashed = passwords.hash(password)
        return add_user(session, username=username, password_hash=hashed, role=Role.ADMIN, share_root=share_root)
    if not passwords.fits(user.password_hash, password):
        repository.delete_sign_ins_of(session, user)
        user.password_hash = passwords.hash(password)
    user.role = Role.ADMIN
    user.is_disabled = False
    return user


def _take_over_first_user(session: Session, username: str, share_root: Path) -> UserRow | None:
    user = repository.first_user(session)
    if user is None or user.password_hash is not None or user.last_sign_in_at is not None:
        return None
    if repository.count_users(session) > 1:
        return None
    make_folder(share_root, username)
    user.username = username
    return user


def require_admin_now(session: Session, actor: Actor) -> UserRow:
    """The actor's row, locked, when they are an admin at this moment.

    Raises:
        AdminRequiredError: they are none, or none any more.
    """
    actor.require_admin()
    repository.lock_users(session)
    found = repository.find_user(session, actor.username, locked=True)
    if found is None or found.is_disabled or found.role != Role.ADMIN:
        raise AdminRequiredError(actor.username)
    return found


def require_isolation(problem: str | None) -> None:
    """Refuse a second account where `problem` says why users' flows are not kept apart.

    Raises:
        IsolationRequiredError: there is such a problem.
    """
    if problem is not None:
        raise IsolationRequiredError(problem, WAIVER)


def require_new_folder(share_root: Path, username: str) -> None:
    """Refuse a self-chosen name that a folder bears already: it may be that of somebody whose account was removed.

    Raises:
        InvalidUsernameError: there is such a folder.
    """
    if os.path.lexists(share_root / "Users" / username):
        raise InvalidUsernameError(username, "a folder of this name is on the share already. Choose another one.")


def make_folder(share_root: Path, username: str) -> None:
    """Make `Users/<username>/promptflow`.

    Raises:
        InvalidUsernameError: something else than a folder stands there.
    """
    home = share_root / "Users" / username
    if home.is_symlink() or (home.exists() and not home.is_dir()):
        raise InvalidUsernameError(username, "something of this name stands in the share already.")
    (home / "promptflow").mkdir(parents=True, exist_ok=True)
