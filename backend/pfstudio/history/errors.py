"""What can be refused about versions."""

from __future__ import annotations

from pfstudio.errors import ConflictError, InvalidError, NotFoundError


class VersionNotFoundError(NotFoundError):
    code = "version_not_found"

    def __init__(self, path: str, version: str) -> None:
        super().__init__(f"The history of '{path}' holds no version '{version[:40]}'.")


class NotInVersionError(NotFoundError):
    code = "not_in_version"

    def __init__(self, path: str) -> None:
        super().__init__(f"There was no '{path}' in that version.")


class NotAFileInVersionError(InvalidError):
    code = "not_a_file_in_version"

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"'{path}' is {what} in that version, so it has no content.")


class OtherHistoryError(InvalidError):
    code = "other_history"

    def __init__(self, path: str, unit: str) -> None:
        super().__init__(f"'{path}' is not inside '{unit}', so this version says nothing about it.")


class TooWideError(InvalidError):
    code = "too_wide"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{path}' holds several histories. Choose a flow, or a file or folder beside the flows.")


class StillOnDiskError(ConflictError):
    """Its next snapshot would bring the content back."""

    code = "still_on_disk"

    def __init__(self, path: str) -> None:
        super().__init__(f"'{path}' still has this content. Change or delete the file first, then remove it for good.")


class NothingToRemoveError(NotFoundError):
    code = "nothing_to_remove"

    def __init__(self, path: str) -> None:
        super().__init__(f"The history holds no content of '{path}'.")
