"""Lending one's own connections to somebody else's flow."""

from __future__ import annotations

from fastapi import APIRouter

from pfstudio.accounts import consent
from pfstudio.accounts.errors import AuthorRequiredError
from pfstudio.server.deps import CurrentActor, WriteSession
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.consent import ConsentGive
from pfstudio.share.paths import SharePath

router = APIRouter(tags=["flows"])


@router.post("/consent/{path:path}", status_code=204, responses=error_responses(AuthorRequiredError))
def give_consent(path: str, body: ConsentGive, session: WriteSession, actor: CurrentActor) -> None:
    """Lend these connections of one's own to the flow as it was; a changed flow asks again."""
    consent.lend(session, str(SharePath.parse(path)), body.snapshot, body.connections, actor=actor)
