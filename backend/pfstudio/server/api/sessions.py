"""The browsers in which one is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from pfstudio.accounts import sessions
from pfstudio.accounts.errors import SessionNotFoundError
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.server.cookies import clear_session_cookie
from pfstudio.server.deps import CurrentActor, CurrentIdentity, ReadSession, RequestSeen, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.sign_ins import SignedInList, SignedInRead, SignOut

router = APIRouter(prefix="/sessions", tags=["auth"])


@router.get("")
def list_sessions(session: ReadSession, actor: CurrentActor, identity: CurrentIdentity) -> SignedInList:
    """Where one is signed in."""
    rows = sessions.list_sessions(session, actor)
    return SignedInList(
        sessions=[
            SignedInRead(
                id=row.id,
                created_at=row.created_at,
                expires_at=row.expires_at,
                last_used_at=row.last_used_at or row.created_at,
                address=row.address,
                browser=row.browser,
                is_this=identity.id == f"session:{row.id}",
            )
            for row in rows
        ]
    )


@router.delete("/{session_id}", status_code=204, responses=error_responses(SessionNotFoundError))
def end_session(session_id: Annotated[str, Path(max_length=100)], studio: StudioState, actor: CurrentActor) -> None:
    """Sign a browser of one's own out. What it has open ends within seconds."""
    with studio.database.write() as session:
        sessions.end_session_of(session, session_id, actor=actor)
        record(session, actor, Act.SIGNED_OUT, actor.username)
    studio.live.check_soon()


@router.post("/sign-out-everywhere", status_code=204)
def sign_out_everywhere(
    body: SignOut, studio: StudioState, actor: CurrentActor, seen: RequestSeen, response: Response
) -> None:
    """End all of one's sessions, this one as well. What they have open ends within seconds."""
    with studio.database.write() as session:
        sessions.sign_out_everywhere(session, actor=actor, tokens=body.tokens)
        record(session, actor, Act.SIGNED_OUT_EVERYWHERE, actor.username, {"tokens": body.tokens})
    clear_session_cookie(response, seen, studio.settings.base_path)
    studio.live.check_soon()
