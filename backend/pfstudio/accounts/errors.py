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
        super().__init__("This link has been used or has expired. Run `pfstudio link` for a new one.")


class TooManySignInsError(RateLimitedError):
    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many sign-ins. Try again in {retry_after} seconds.")
        self.retry_after = retry_after


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
