"""What has to be true of the accounts before the first request."""

from __future__ import annotations

import getpass
import logging

from pfstudio.accounts import links, repository, service
from pfstudio.accounts.errors import IsolationRequiredError
from pfstudio.accounts.links import LinkPurpose
from pfstudio.errors import InvalidError
from pfstudio.server.addresses import is_loopback
from pfstudio.server.deps import Studio

logger = logging.getLogger("pfstudio.server")


class PasswordNeededError(InvalidError):
    def __init__(self, host: str) -> None:
        super().__init__(
            f"Listening on {host} needs an account with a password. Set PFSTUDIO_ADMIN_USERNAME and "
            "PFSTUDIO_ADMIN_PASSWORD, or start on 127.0.0.1 once, sign in by the link and set a password."
        )


class AdminIncompleteError(InvalidError):
    def __init__(self) -> None:
        super().__init__("PFSTUDIO_ADMIN_USERNAME and PFSTUDIO_ADMIN_PASSWORD are needed together.")


def prepare_accounts(studio: Studio, *, with_link: bool) -> str | None:
    """Make the first user, or the admin of the settings; gives the secret of a sign-in link where one is needed.

    It is needed as long as the first user has no password and nobody else can sign in.

    Raises:
        PasswordNeededError: the studio is to be reached from other machines, and nobody has a password.
        AdminIncompleteError: only one of an admin's name and password is set.
        IsolationRequiredError: nobody has a password, and the admin of the settings would be the second account.
    """
    refused = _make_admin(studio)
    settings = studio.settings
    with studio.database.write() as session:
        if repository.has_password_holder(session):
            return None
        if not is_loopback(settings.host):
            raise refused or PasswordNeededError(settings.host)
        user = service.ensure_first_user(session, system_user=_system_user())
        return links.create_link(session, user, LinkPurpose.SIGN_IN) if with_link else None


def _make_admin(studio: Studio) -> IsolationRequiredError | None:
    """Make the admin of the settings. One who may not be a second account is told of in a line, and not made."""
    settings = studio.settings
    if (settings.admin_username is None) != (settings.admin_password is None):
        raise AdminIncompleteError
    if settings.admin_username is None or settings.admin_password is None:
        return None
    try:
        with studio.database.write() as session:
            service.ensure_admin(
                session,
                username=settings.admin_username,
                password=settings.admin_password,
                passwords=studio.passwords,
                isolation_problem=studio.isolation_problem,
                share_root=settings.share_root,
            )
    except IsolationRequiredError as error:
        logger.warning("The admin '%s' of PFSTUDIO_ADMIN_USERNAME was not made. %s", settings.admin_username, error)
        return error
    return None


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "admin"
