"""Why packages of a flow cannot be installed, each with its own sentence. None of them shows a password."""

from __future__ import annotations

import re

from pfstudio.errors import (
    ConflictError,
    InvalidError,
    RateLimitedError,
    TooLargeError,
    UnavailableError,
)

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s'\"`]*:?[^/@\s'\"`]*@")
_SHOWN = 200


def without_secrets(text: str) -> str:
    """The text with what stands before the host of each address replaced: user names, passwords and tokens."""
    return _CREDENTIALS.sub("***@", text)


class RequirementsError(InvalidError):
    """A line that cannot be used; `line` is its number in `file`, which is relative to the flow's folder."""

    code = "requirements_invalid"

    def __init__(self, why: str, file: str, line: int | None = None) -> None:
        where = f"{file}, line {line}" if line else file
        super().__init__(f"{where}: {without_secrets(why)}")
        self.file = file
        self.line = line


class BuildFailedError(InvalidError):
    """The packages could not be installed for a reason that lies in the requirements or in the packages."""

    code = "environment_build_failed"

    def __init__(self, why: str) -> None:
        super().__init__(without_secrets(why))


class SourceNeededError(BuildFailedError):
    """A package comes as source only, so that installing it means to run its code."""

    code = "environment_source_needed"


class IndexUnreachableError(UnavailableError):
    """No package index answered; another try may help."""

    code = "package_index_unreachable"

    def __init__(self, host: str) -> None:
        at = f" at {host}" if host else ""
        super().__init__(f"The packages were not installed: no package index could be reached{at}.")


class BuildCanceledError(ConflictError):
    code = "environment_build_canceled"

    def __init__(self) -> None:
        super().__init__("Installing the packages was canceled.")


class BuildTooLargeError(TooLargeError):
    code = "environment_too_large"

    def __init__(self, megabytes: int) -> None:
        super().__init__(f"The packages were not installed: together they are larger than {megabytes:,} MB.")


class BuildTooSlowError(TooLargeError):
    code = "environment_too_slow"

    def __init__(self, minutes: int) -> None:
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(f"The packages were not installed: it took longer than {minutes} {unit}.")


class EnvironmentsOffError(ConflictError):
    code = "environments_off"

    def __init__(self) -> None:
        super().__init__(
            "This studio does not install packages of flows: PFSTUDIO_ENVIRONMENTS is off. They run with its own."
        )


class UvMissingError(UnavailableError):
    code = "uv_missing"

    def __init__(self) -> None:
        super().__init__(
            "Packages of flows are installed with uv, and the studio finds none. Install `pfstudio[environments]`, or "
            "put uv on the studio's path."
        )


class TooManyBuildsError(RateLimitedError):
    code = "too_many_builds"
    retry_after = 10

    def __init__(self) -> None:
        super().__init__("As many environments are being built as the studio takes at once. Try again in a moment.")


def shown(text: str) -> str:
    """A piece of a file as sentences quote it."""
    text = without_secrets(text.strip())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
