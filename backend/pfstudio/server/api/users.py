"""Users."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio.accounts import service
from pfstudio.accounts.errors import (
    AdminRequiredError,
    InvalidPasswordError,
    InvalidUsernameError,
    IsolationRequiredError,
    UserExistsError,
)
from pfstudio.accounts.passwords import check_password_rules
from pfstudio.server.deps import CurrentActor, ReadSession, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.users import UserCreate, UserList, UserRead

router = APIRouter(prefix="/users", tags=["users"])


@router.get("")
def list_users(session: ReadSession, _actor: CurrentActor) -> UserList:
    """Who works here."""
    return UserList(users=[UserRead.model_validate(user) for user in service.list_users(session)])


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
    with studio.database.write() as session:
        user = service.create_user(
            session,
            actor=actor,
            username=body.username,
            password_hash=password_hash,
            role=body.role,
            isolation_problem=studio.isolation_problem(),
            share_root=studio.settings.share_root,
        )
        return UserRead.model_validate(user)
