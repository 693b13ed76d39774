"""What has to be true of the accounts before the first request."""

from __future__ import annotations

import getpass

from pfstudio.accounts import links, repository, service
from pfstudio.accounts.links import LinkPurpose
from pfstudio.errors import InvalidError
from pfstudio.server.addresses import is_loopback
from pfstudio.server.deps import Studio


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
    """
    settings = studio.settings
    if (settings.admin_username is None) != (settings.admin_password is None):
        raise AdminIncompleteError
    with studio.database.write() as session:
        if settings.admin_username is not None and settings.admin_password is not None:
            service.ensure_admin(
                session,
                username=settings.admin_username,
                password=settings.admin_password,
                passwords=studio.passwords,
                share_root=settings.share_root,
            )
            return None
        if repository.has_password_holder(session):
            return None
        if not is_loopback(settings.host):
            raise PasswordNeededError(settings.host)
        user = service.ensure_first_user(session, system_user=_system_user())
        return links.create_link(session, user, LinkPurpose.SIGN_IN) if with_link else None


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "admin"
