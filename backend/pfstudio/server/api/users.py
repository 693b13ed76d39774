"""Users: who works here, and what admins do to accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from pfstudio.accounts import people, service
from pfstudio.accounts.errors import (
    AccountDisabledError,
    AdminRequiredError,
    InvalidPasswordError,
    InvalidUsernameError,
    IsolationRequiredError,
    LastAdminError,
    UserExistsError,
    UserNotFoundError,
)
from pfstudio.accounts.passwords import check_password_rules
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.server.deps import CurrentActor, ReadSession, RequestSeen, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.users import LinkMade, UserCreate, UserList, UserRead, UserUpdate

router = APIRouter(prefix="/users", tags=["users"])
Username = Annotated[str, Path(max_length=100)]


@router.get("")
def list_users(session: ReadSession, actor: CurrentActor) -> UserList:
    """Who works here."""
    users = [UserRead.model_validate(user) for user in service.list_users(session)]
    return UserList(users=users if actor.is_admin else [user.for_others() for user in users])


@router.post(
    "",
    status_code=201,
    responses=error_responses(
        AdminRequiredError, InvalidUsernameError, InvalidPasswordError, UserExistsError, IsolationRequiredError
    ),
)
def create_user(body: UserCreate, studio: StudioState, actor: CurrentActor) -> UserRead:
    """A new user with a folder of their own. Only admins make users."""
    actor.require_admin()
    password_hash = studio.passwords.hash(check_password_rules(body.password, username=body.username))
    problem = studio.isolation_problem()
    with studio.database.write() as session:
        user = service.create_user(
            session,
            actor=actor,
            username=body.username,
            password_hash=password_hash,
            role=body.role,
            isolation_problem=problem,
            share_root=studio.settings.share_root,
        )
        record(session, actor, Act.USER_CREATED, user.username, {"role": user.role})
        return UserRead.model_validate(user)


@router.patch("/{username}", responses=error_responses(AdminRequiredError, UserNotFoundError, LastAdminError))
def change_user(username: Username, body: UserUpdate, studio: StudioState, actor: CurrentActor) -> UserRead:
    """Give a user another role, or disable or enable them. What is open on rights they lose ends within seconds."""
    with studio.database.write() as session:
        user = people.change_user(session, username, actor=actor, role=body.role, is_disabled=body.is_disabled)
        if body.role is not None:
            record(session, actor, Act.USER_ROLE_CHANGED, username, {"role": body.role.value})
        if body.is_disabled is not None:
            record(session, actor, Act.USER_DISABLED if body.is_disabled else Act.USER_ENABLED, username)
        answer = UserRead.model_validate(user)
    studio.live.check_soon()
    return answer


@router.delete(
    "/{username}", status_code=204, responses=error_responses(AdminRequiredError, UserNotFoundError, LastAdminError)
)
def remove_user(username: Username, studio: StudioState, actor: CurrentActor) -> None:
    """Remove an account with all that it was signed in with, its connections and keys. The folder stays."""
    with studio.database.write() as session:
        people.remove_user(session, username, actor=actor)
        record(session, actor, Act.USER_REMOVED, username)
    studio.live.check_soon()


@router.post(
    "/{username}/reset", responses=error_responses(AdminRequiredError, UserNotFoundError, AccountDisabledError)
)
def reset_user(username: Username, studio: StudioState, actor: CurrentActor, seen: RequestSeen) -> LinkMade:
    """A link by which a user sets a new password; using it ends everything that they were signed in with."""
    with studio.database.write() as session:
        link = people.reset_user(session, username, actor=actor)
        record(session, actor, Act.LINK_MADE, username)
    return LinkMade(link=seen.link(studio.settings.base_path, link.secret), expires_at=link.expires_at)
