"""Invitations: links by which people make their own accounts. Accepting one is `POST /api/auth/link`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from pfstudio.accounts import invitations
from pfstudio.accounts.errors import (
    AdminRequiredError,
    InvalidInvitationError,
    InvalidUsernameError,
    InvitationNotFoundError,
    IsolationRequiredError,
    UserExistsError,
)
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.server.deps import CurrentActor, ReadSession, RequestSeen, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.users import InvitationCreate, InvitationList, InvitationMade, InvitationRead

router = APIRouter(prefix="/invitations", tags=["users"])


@router.get("", responses=error_responses(AdminRequiredError))
def list_invitations(session: ReadSession, actor: CurrentActor) -> InvitationList:
    """Open invitations. Only admins see them."""
    rows = invitations.list_invitations(session, actor=actor)
    return InvitationList(invitations=[InvitationRead.model_validate(row) for row in rows])


@router.post(
    "",
    status_code=201,
    responses=error_responses(
        AdminRequiredError, InvalidInvitationError, InvalidUsernameError, UserExistsError, IsolationRequiredError
    ),
)
def create_invitation(
    body: InvitationCreate, studio: StudioState, actor: CurrentActor, seen: RequestSeen
) -> InvitationMade:
    """Invite somebody. The answer has the link to send them, this once."""
    actor.require_admin()
    problem = studio.isolation_problem()
    with studio.database.write() as session:
        made = invitations.create_invitation(
            session,
            actor=actor,
            role=body.role,
            username=body.username,
            days=body.expires_in_days,
            isolation_problem=problem,
        )
        record(session, actor, Act.USER_INVITED, body.username or "", {"role": body.role.value})
        link = seen.link(studio.settings.base_path, made.secret)
        return InvitationMade(**InvitationRead.model_validate(made.row).model_dump(), link=link)


@router.delete(
    "/{invitation_id}", status_code=204, responses=error_responses(AdminRequiredError, InvitationNotFoundError)
)
def withdraw_invitation(
    invitation_id: Annotated[str, Path(max_length=100)], studio: StudioState, actor: CurrentActor
) -> None:
    """Make an invitation's link useless."""
    with studio.database.write() as session:
        invitations.withdraw_invitation(session, invitation_id, actor=actor)
        record(session, actor, Act.INVITATION_WITHDRAWN)
