"""Who may have terminals, and what the audit log is told of them: their beginning and end, never their content."""

from __future__ import annotations

from sqlalchemy.orm import Session

from pfstudio.accounts.actor import Actor
from pfstudio.accounts.errors import NotYourFolderError
from pfstudio.audit.acts import Act
from pfstudio.audit.service import record
from pfstudio.share.paths import Share, SharePath
from pfstudio.terminals import repository
from pfstudio.terminals.errors import TerminalsOffError
from pfstudio.terminals.terminal import Terminal


def is_on(session: Session) -> bool:
    """Whether an admin has left terminals on."""
    return repository.is_on(session)


def switch(session: Session, wanted: bool, *, actor: Actor) -> None:
    """Switch terminals on or off for everyone; those that run end within seconds.

    Raises:
        AdminRequiredError: the actor is no admin.
    """
    actor.require_admin()
    repository.set_on(session, wanted)
    record(session, actor, Act.TERMINALS_SWITCHED, details={"on": wanted})


def start_folder(share: Share, text: str | None, *, actor: Actor) -> SharePath:
    """The folder a terminal starts in: one's own flows, or another folder of one's own.

    Raises:
        AuthorRequiredError: viewers have no terminals.
        NotYourFolderError: it is in somebody else's folder, where an admin's terminal writes nothing either.
        PathNotFoundError, NotAFolderError: there is no such folder.
    """
    actor.require_author()
    path = SharePath.parse(text or f"Users/{actor.username}/promptflow")
    if path.owner != actor.username:
        raise NotYourFolderError(path.owner or "the share")
    share.real_folder(path)
    return path


def require_on(session: Session) -> None:
    """
    Raises:
        TerminalsOffError: an admin has switched terminals off.
    """
    if not repository.is_on(session):
        raise TerminalsOffError


def record_opened(session: Session, terminal: Terminal, *, address: str) -> None:
    details = {"terminal": terminal.id, "address": address}
    record(session, terminal.owner, Act.TERMINAL_OPENED, terminal.folder, details)


def record_ended(session: Session, terminal: Terminal) -> None:
    details = {"terminal": terminal.id, "reason": terminal.end_reason}
    record(session, terminal.owner, Act.TERMINAL_ENDED, terminal.folder, details)
