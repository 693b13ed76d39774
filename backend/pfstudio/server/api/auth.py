"""Signing in and out."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from pfstudio import __version__
from pfstudio.accounts import invitations, links, repository, sessions
from pfstudio.accounts.actor import Actor, Role
from pfstudio.accounts.errors import (
    AccountDisabledError,
    InvalidPasswordError,
    InvalidUsernameError,
    IsolationRequiredError,
    LinkNotValidError,
    NameAlreadyChosenError,
    NewPasswordNeededError,
    NotSignedInError,
    TooManySignInsError,
    UserExistsError,
    WrongCredentialsError,
    WrongPasswordError,
)
from pfstudio.accounts.passwords import check_password_rules
from pfstudio.accounts.tokens import csrf_token
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.server.addresses import Seen
from pfstudio.server.cookies import clear_session_cookie, set_session_cookie
from pfstudio.server.deps import (
    ClientAddress,
    CurrentActor,
    ReadSession,
    RequestSeen,
    Studio,
    StudioState,
    WriteSession,
)
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


@router.post("/session", responses=error_responses(WrongCredentialsError, TooManySignInsError, AccountDisabledError))
def create_session(
    body: Credentials,
    reading: ReadSession,
    studio: StudioState,
    seen: RequestSeen,
    response: Response,
) -> SessionRead:
    """Sign in by name and password; the answer sets the cookie."""
    user = _check(studio, reading, body, seen.client)
    return _sign_in(studio, user.actor, seen, response, by="password", seen_hash=user.password_hash)


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
        record(session, connection.scope["pfstudio.actor"], Act.SIGNED_OUT)
        studio.live.check_soon()
        clear_session_cookie(response, seen, studio.settings.base_path)


@router.post(
    "/link",
    responses=error_responses(
        LinkNotValidError,
        InvalidUsernameError,
        InvalidPasswordError,
        NewPasswordNeededError,
        UserExistsError,
        NameAlreadyChosenError,
        IsolationRequiredError,
        AccountDisabledError,
    ),
)
def use_link(
    body: LinkUse,
    reading: ReadSession,
    studio: StudioState,
    seen: RequestSeen,
    response: Response,
) -> SessionRead:
    """Sign in by a one-time link: the first time, with a new password, or as somebody who was invited."""
    invitation = invitations.find_invitation(reading, body.token)
    known = invitation.username if invitation else links.find_link(reading, body.token).user.username
    reading.close()
    password_hash = None
    if body.password is not None:
        name = body.username or known or ""
        password_hash = studio.passwords.hash(check_password_rules(body.password, username=name))
    if invitation is not None:
        actor = _accept(studio, body, password_hash)
    else:
        with studio.database.write() as session:
            user = links.use_link(
                session,
                body.token,
                username=body.username,
                password_hash=password_hash,
                share_root=studio.settings.share_root,
            )
            actor = sessions.actor_of(user)
    studio.live.check_soon()
    return _sign_in(studio, actor, seen, response, by="invitation" if invitation else "link")


def _accept(studio: Studio, body: LinkUse, password_hash: str | None) -> Actor:
    if password_hash is None:
        raise NewPasswordNeededError
    problem = studio.isolation_problem()
    with studio.database.write() as session:
        user = invitations.accept_invitation(
            session,
            body.token,
            username=body.username,
            password_hash=password_hash,
            isolation_problem=problem,
            share_root=studio.settings.share_root,
        )
        record(session, user.username, Act.USER_CREATED, user.username, {"role": user.role, "by": "invitation"})
        return sessions.actor_of(user)


@router.post("/link/read", responses=error_responses(LinkNotValidError))
def read_link(body: LinkToken, session: ReadSession) -> LinkRead:
    """Whom a one-time link signs in. Reading does not use it."""
    invitation = invitations.find_invitation(session, body.token)
    if invitation is not None:
        return LinkRead(
            username=invitation.username or "",
            purpose="invitation",
            may_choose_name=invitation.username is None,
            must_set_password=True,
            role=Role(invitation.role),
            invited_by=invitation.inviter.username,
        )
    link = links.find_link(session, body.token)
    is_reset = link.purpose == links.LinkPurpose.RESET
    return LinkRead(
        username=link.user.username,
        purpose="reset" if is_reset else "sign_in",
        may_choose_name=link.user.last_sign_in_at is None,
        must_set_password=is_reset,
        role=Role(link.user.role),
    )


@router.post("/token", responses=error_responses(WrongCredentialsError, TooManySignInsError, AccountDisabledError))
def create_token(body: Credentials, reading: ReadSession, studio: StudioState, address: ClientAddress) -> TokenRead:
    """A personal token for scripts, sent as `Authorization: Bearer`."""
    user = _check(studio, reading, body, address)
    with studio.database.write() as session:
        issued = sessions.issue_token(session, user.actor.username, seen_hash=user.password_hash)
        record(session, user.actor, Act.SIGNED_IN, user.actor.username, {"by": "password", "for": "token"})
        return TokenRead.model_validate(issued)


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
        record(session, actor, Act.PASSWORD_CHANGED, actor.username)
    studio.live.check_soon()


def _check(studio: Studio, reading: Session, body: Credentials, address: str) -> sessions.Checked:
    """The user of these credentials. The reading ends, since what follows may be a write, which waits for nothing."""
    try:
        user = sessions.check_credentials(
            reading,
            username=body.username,
            password=body.password,
            address=address,
            passwords=studio.passwords,
            limits=studio.limits,
        )
        return sessions.checked(user)
    except WrongCredentialsError:
        known = repository.find_user(reading, body.username.strip().lower())
        reading.close()
        with studio.database.write() as session:
            # What somebody types as a name may be their password, so a name that is none is not kept.
            record(session, None, Act.SIGN_IN_FAILED, known.username if known else "", {"address": address})
        raise
    finally:
        reading.close()


def _sign_in(
    studio: Studio,
    actor: Actor,
    seen: Seen,
    response: Response,
    *,
    by: Literal["password", "link", "invitation"],
    seen_hash: str | None = None,
) -> SessionRead:
    with studio.database.write() as session:
        issued = sessions.open_session(
            session,
            actor.username,
            seen_hash=seen_hash,
            address=seen.client,
            browser=seen.browser,
        )
        record(session, actor, Act.SIGNED_IN, actor.username, {"by": by, "address": seen.client})
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
