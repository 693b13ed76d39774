"""Personal tokens for scripts and git."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from pfstudio.accounts import personal_tokens
from pfstudio.accounts.errors import InvalidTokenError, TokenNotFoundError, TooManyTokensError
from pfstudio.accounts.sessions import Identity
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.server.deps import CurrentActor, CurrentIdentity, ReadSession, StudioState
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.sign_ins import (
    PersonalTokenCreate,
    PersonalTokenList,
    PersonalTokenMade,
    PersonalTokenRead,
)

router = APIRouter(prefix="/tokens", tags=["auth"])


@router.get("")
def list_tokens(session: ReadSession, actor: CurrentActor, identity: CurrentIdentity) -> PersonalTokenList:
    """One's own tokens, without their secrets."""
    rows = personal_tokens.list_tokens(session, actor=actor)
    return PersonalTokenList(tokens=[_read(row, identity) for row in rows])


@router.post("", status_code=201, responses=error_responses(InvalidTokenError, TooManyTokensError))
def create_personal_token(
    body: PersonalTokenCreate, studio: StudioState, identity: CurrentIdentity
) -> PersonalTokenMade:
    """A new token. The answer has its secret, this once."""
    with studio.database.write() as session:
        made = personal_tokens.create_token(
            session, identity=identity, name=body.name, scope=body.scope, days=body.expires_in_days
        )
        record(session, identity.actor, Act.TOKEN_MADE, made.row.name, {"scope": body.scope.value, "id": made.row.id})
        return PersonalTokenMade(**_read(made.row, identity).model_dump(), token=made.secret)


@router.delete("/{token_id}", status_code=204, responses=error_responses(TokenNotFoundError))
def revoke_token(token_id: Annotated[str, Path(max_length=100)], studio: StudioState, actor: CurrentActor) -> None:
    """Take a token back. What it has open ends within seconds."""
    with studio.database.write() as session:
        personal_tokens.revoke_token(session, token_id, actor=actor)
        record(session, actor, Act.TOKEN_REVOKED, token_id)
    studio.live.check_soon()


def _read(row: object, identity: Identity) -> PersonalTokenRead:
    read = PersonalTokenRead.model_validate(row)
    return read.model_copy(update={"is_this": identity.id == f"token:{read.id}"})
