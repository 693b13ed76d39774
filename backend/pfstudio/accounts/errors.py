"""What can go wrong with accounts."""

from __future__ import annotations

from pfstudio.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
)


class NotSignedInError(UnauthenticatedError):
    def __init__(self) -> None:
        super().__init__("Nobody is signed in, or the session has ended. Sign in first.")


class WrongCredentialsError(UnauthenticatedError):
    def __init__(self) -> None:
        super().__init__("This user name and password do not fit.")


class WrongPasswordError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__("This is not your current password, so it was not changed.")


class LinkNotValidError(UnauthenticatedError):
    def __init__(self) -> None:
        super().__init__(
            "This link has been used or has expired. Ask an admin for a new one; on the studio's machine, "
            "`pfstudio link` prints one."
        )


class TooManySignInsError(RateLimitedError):
    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many sign-ins. Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class AccountDisabledError(ForbiddenError):
    def __init__(self, username: str) -> None:
        super().__init__(f"The account '{username}' is disabled. An admin of this studio can enable it again.")


class TokenScopeError(ForbiddenError):
    code = "token_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(_SCOPES[scope])


_SCOPES = {
    "read": "This token may only read. Make one with the scope 'write' for what changes something.",
    "git": "This token is for git only. Make one with the scope 'read' or 'write' for the API.",
}


class SessionNotFoundError(NotFoundError):
    code = "session_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no session '{name[:40]}' of yours; it may have ended already.")


class TokenNotFoundError(NotFoundError):
    code = "token_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no token '{name[:40]}' of yours; it may have expired already.")


class InvalidTokenError(InvalidError):
    code = "invalid_token"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This token cannot be made: {reason}")


class TooManyTokensError(ConflictError):
    code = "too_many_tokens"

    def __init__(self, most: int) -> None:
        super().__init__(f"You have {most} tokens already. Take back those that nothing uses any more.")


class InvitationNotFoundError(NotFoundError):
    code = "invitation_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no invitation '{name[:40]}'; it may have been used or have expired.")


class InvalidInvitationError(InvalidError):
    code = "invalid_invitation"

    def __init__(self, most_days: int) -> None:
        super().__init__(f"An invitation lasts from 1 to {most_days} days.")


class NewPasswordNeededError(InvalidError):
    code = "new_password_needed"

    def __init__(self) -> None:
        super().__init__("This link sets a password, so choose one.")


class LastAdminError(ConflictError):
    code = "last_admin"

    def __init__(self, username: str) -> None:
        super().__init__(f"'{username}' is the only admin. Make somebody else an admin first.")


class AdminRequiredError(ForbiddenError):
    def __init__(self, username: str) -> None:
        super().__init__(f"Only an admin may do this, and '{username}' is none.")


class AuthorRequiredError(ForbiddenError):
    def __init__(self, username: str) -> None:
        super().__init__(f"'{username}' is a viewer, who reads but changes and runs nothing.")


class NotYourFolderError(ForbiddenError):
    def __init__(self, owner: str) -> None:
        super().__init__(f"The folder 'Users/{owner}' belongs to somebody else, so you cannot change it.")
        self.owner = owner


class InvalidUsernameError(InvalidError):
    def __init__(self, username: str, reason: str) -> None:
        super().__init__(f"'{username}' cannot be a user name: {reason}")


class InvalidPasswordError(InvalidError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"This password cannot be used: {reason}")


class UserExistsError(ConflictError):
    def __init__(self, username: str) -> None:
        super().__init__(f"There is already a user '{username}'.")


class UserNotFoundError(NotFoundError):
    def __init__(self, username: str) -> None:
        super().__init__(f"There is no user '{username}'.")


class IsolationRequiredError(ConflictError):
    def __init__(self, reason: str, waiver: str) -> None:
        super().__init__(
            "A second account needs isolation, so that one user's flows cannot reach another's files; it is not active "
            f'here: {reason} To go without it, start the studio with PFSTUDIO_ISOLATION_WAIVER="{waiver}".'
        )


class NameAlreadyChosenError(ConflictError):
    def __init__(self, username: str) -> None:
        super().__init__(f"'{username}' has signed in before, so the user name can no longer be changed.")
