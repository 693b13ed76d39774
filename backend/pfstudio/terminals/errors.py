"""What can be wrong with terminals."""

from __future__ import annotations

from pfstudio.errors import ConflictError, ForbiddenError, NotFoundError, UnavailableError


class TerminalsOffError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__("Terminals are switched off in this studio. An admin can switch them on in the settings.")


class TerminalsOffBySettingError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__("This studio was started without terminals (PFSTUDIO_TERMINALS).")


class TerminalNotFoundError(NotFoundError):
    def __init__(self) -> None:
        super().__init__("This terminal has ended.")


class TooManyTerminalsError(ConflictError):
    def __init__(self, most: int) -> None:
        super().__init__(f"You have {most} terminals open, the most there can be. End one first.")


class StudioTerminalsFullError(UnavailableError):
    def __init__(self, most: int) -> None:
        super().__init__(f"All {most} terminals of this studio are in use. Try again when somebody has ended one.")


class TerminalNotStartedError(UnavailableError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The terminal could not be started: {reason}")
