"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from starlette.requests import HTTPConnection

from pfstudio import __version__
from pfstudio.accounts import links, sessions
from pfstudio.accounts.actor import Actor
from pfstudio.accounts.errors import (
    InvalidPasswordError,
    InvalidUsernameError,
    LinkNotValidError,
    NameAlreadyChosenError,
    NotSignedInError,
    TooManySignInsError,
    UserExistsError,
    WrongCredentialsError,
    WrongPasswordError,
)
from pfstudio.accounts.passwords import check_password_rules
from pfstudio.accounts.tokens import csrf_token
from pfstudio.server.addresses import Seen
from pfstudio.server.cookies import clear_session_cookie, set_session_cookie
from pfstudio.server.deps import ClientAddress, CurrentActor, ReadSession, Studio, StudioState, WriteSession
from pfstudio.server.errors import error_responses
from pfstudio.server.schemas.auth import (
    Credentials,
    LinkRead,
    LinkToken,
    LinkUse,
    PasswordChange,
    SessionRead,
    StudioRead,
    TokenRead,
)

router = APIRouter(prefix="/auth", tags=["auth"])


async def _request_seen(connection: HTTPConnection) -> Seen:
    seen: Seen = connection.scope["pfstudio.seen"]
    return seen


RequestSeen = Annotated[Seen, Depends(_request_seen)]


@router.post("/session", responses=error_responses(WrongCredentialsError, TooManySignInsError))
def create_session(
    body: Credentials, reading: ReadSession, studio: StudioState, seen: RequestSeen, response: Response
) -> SessionRead:
    """Sign in by name and password; the answer sets the cookie."""
    user = sessions.check_credentials(
        reading,
        username=body.username,
        password=body.password,
        address=seen.client,
        passwords=studio.passwords,
        limits=studio.limits,
    )
    reading.close()  # The check may be followed by a write, which would wait for nothing here.
    return _sign_in(studio, sessions.actor_of(user), seen, response)


@router.get("/session", responses=error_responses(NotSignedInError))
def read_session(
    connection: HTTPConnection, actor: CurrentActor, studio: StudioState, seen: RequestSeen, response: Response
) -> SessionRead:
    """Who is signed in. A session that is in use lasts its full time again."""
    token: str | None = connection.scope["pfstudio.session_token"]
    if token is not None and connection.scope["pfstudio.identity"].renew:
        with studio.database.write() as session:
            sessions.renew_session(session, token)
        set_session_cookie(response, token, seen, studio.settings.base_path)
    return _session_read(studio, actor, token)


@router.delete("/session", status_code=204, responses=error_responses(NotSignedInError))
def delete_session(
    connection: HTTPConnection, session: WriteSession, studio: StudioState, seen: RequestSeen, response: Response
) -> None:
    """Sign out."""
    token: str | None = connection.scope.get("pfstudio.session_token")
    if token is not None:
        sessions.end_session(session, token)
        clear_session_cookie(response, seen, studio.settings.base_path)


@router.post(
    "/link",
    responses=error_responses(
        LinkNotValidError, InvalidUsernameError, InvalidPasswordError, UserExistsError, NameAlreadyChosenError
    ),
)
def use_link(
    body: LinkUse, reading: ReadSession, studio: StudioState, seen: RequestSeen, response: Response
) -> SessionRead:
    """Sign in by a one-time link. At the first sign-in the user may choose their name; a password may always be set."""
    name = body.username or links.find_link(reading, body.token).user.username
    reading.close()
    password_hash = None
    if body.password is not None:
        password_hash = studio.passwords.hash(check_password_rules(body.password, username=name))
    with studio.database.write() as session:
        user = links.use_link(
            session,
            body.token,
            username=body.username,
            password_hash=password_hash,
            share_root=studio.settings.share_root,
        )
        actor = sessions.actor_of(user)
    return _sign_in(studio, actor, seen, response)


@router.post("/link/read", responses=error_responses(LinkNotValidError))
def read_link(body: LinkToken, session: ReadSession) -> LinkRead:
    """Whom a one-time link signs in. Reading does not use it."""
    link = links.find_link(session, body.token)
    return LinkRead(
        username=link.user.username, purpose=link.purpose, may_choose_name=link.user.last_sign_in_at is None
    )


@router.post("/token", responses=error_responses(WrongCredentialsError, TooManySignInsError))
def create_token(body: Credentials, reading: ReadSession, studio: StudioState, address: ClientAddress) -> TokenRead:
    """A personal token for scripts, sent as `Authorization: Bearer`."""
    user = sessions.check_credentials(
        reading,
        username=body.username,
        password=body.password,
        address=address,
        passwords=studio.passwords,
        limits=studio.limits,
    )
    reading.close()
    with studio.database.write() as session:
        return TokenRead.model_validate(sessions.issue_token(session, user.username))


@router.post(
    "/password",
    status_code=204,
    responses={
        204: {"description": "The password was changed; all other sessions and personal tokens have ended."},
        **error_responses(InvalidPasswordError, NotSignedInError, WrongPasswordError, TooManySignInsError),
    },
)
def change_password(
    body: PasswordChange, connection: HTTPConnection, reading: ReadSession, studio: StudioState, actor: CurrentActor
) -> None:
    """Change one's own password. What signed this request stays signed in; everything else ends."""
    check_password_rules(body.new, username=actor.username)
    sessions.check_own_password(
        reading,
        actor=actor,
        password=body.current,
        address=connection.client.host if connection.client else "",
        passwords=studio.passwords,
        limits=studio.limits,
    )
    reading.close()
    password_hash = studio.passwords.hash(body.new)
    token = connection.scope["pfstudio.session_token"] or connection.headers["authorization"].partition(" ")[2].strip()
    with studio.database.write() as session:
        sessions.change_password(session, actor.username, password_hash=password_hash, kept_token=token)


def _sign_in(studio: Studio, actor: Actor, seen: Seen, response: Response) -> SessionRead:
    with studio.database.write() as session:
        issued = sessions.open_session(session, actor.username)
    set_session_cookie(response, issued.token, seen, studio.settings.base_path)
    return _session_read(studio, actor, issued.token)


def _session_read(studio: Studio, actor: Actor, token: str | None) -> SessionRead:
    return SessionRead(
        username=actor.username,
        role=actor.role,
        csrf_token=csrf_token(token) if token else "",
        studio=StudioRead(
            version=__version__,
            isolation=studio.isolation_read(),
            share_root=f"Users/{actor.username}/promptflow",
        ),
    )
