"""What can go wrong when somebody signs in at an OpenID Connect provider."""

from __future__ import annotations

from pfstudio.errors import ForbiddenError, NotFoundError, UnauthenticatedError, UnavailableError


class OidcNotConfiguredError(NotFoundError):
    code = "oidc_not_configured"

    def __init__(self) -> None:
        super().__init__("This studio has no OpenID Connect provider. Sign in by user name and password.")


class OidcUnreachableError(UnavailableError):
    code = "oidc_unreachable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The OpenID Connect provider cannot be used: {reason}")


class OidcRefusedError(UnauthenticatedError):
    code = "oidc_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The OpenID Connect provider did not sign you in: {reason}")


class OidcPendingError(UnauthenticatedError):
    code = "oidc_pending"

    def __init__(self) -> None:
        super().__init__("This sign-in was not begun in this browser, or took longer than ten minutes. Begin again.")


class OidcTokenError(UnauthenticatedError):
    code = "oidc_token"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The OpenID Connect provider's answer cannot be trusted: {reason}")


class OidcNoGroupError(ForbiddenError):
    code = "oidc_no_group"

    def __init__(self) -> None:
        super().__init__("You are in none of the groups that may use this studio. Ask its admin.")
