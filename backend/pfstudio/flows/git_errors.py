"""What can go wrong when a repository is imported, each with its own sentence."""

from __future__ import annotations

from pfstudio.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    TooLargeError,
    UnavailableError,
)


class GitAddressRefusedError(InvalidError):
    """Never shows the address: it may hold a password."""

    code = "git_address_refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"The repository cannot be imported from this address: {why}.")


class GitHostNotFoundError(NotFoundError):
    code = "git_host_not_found"

    def __init__(self, host: str) -> None:
        super().__init__(f"The repository was not imported: no machine named '{host}' is known.")


class GitFetchFailedError(InvalidError):
    code = "git_fetch_failed"

    def __init__(self, why: str) -> None:
        super().__init__(f"The repository was not imported: {why}.")


class GitTooSlowError(TooLargeError):
    code = "git_too_slow"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The repository was not imported: it did not come in within {seconds:,.0f} seconds. "
            "Import it as a zip, or a smaller branch of it."
        )


class ImportCanceledError(ConflictError):
    code = "import_canceled"

    def __init__(self) -> None:
        super().__init__("The import was canceled; nothing was written.")


class TooManyImportsError(RateLimitedError):
    code = "too_many_imports"

    def __init__(self) -> None:
        super().__init__("Other repositories are being imported. Wait until one of these imports has ended.")
        self.retry_after = 5


class GitMissingError(UnavailableError):
    code = "git_missing"

    def __init__(self) -> None:
        super().__init__(
            "The studio has no git of version 2.37 or later to fetch repositories with. Import a zip, or ask its admin."
        )
