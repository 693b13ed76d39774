"""Where a flow's files are read from.

Everything in `flow/` reads through `FlowFiles`, so that the server can hand in files of the share, which never follow
a link out of it, and `pf` plain folders.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class FlowFiles(Protocol):
    """The files of one flow folder. Paths are relative to it and separated by `/`."""

    def read_bytes(self, path: str) -> bytes:
        """The content.

        Raises:
            FileNotFoundError: there is no such file, or none that may be read.
        """

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""


class FolderFiles:
    """The files of a folder on this machine, read with the rights of this process."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read_bytes(self, path: str) -> bytes:
        try:
            return (self.root / path).read_bytes()
        except (IsADirectoryError, NotADirectoryError, PermissionError) as error:
            raise FileNotFoundError(str(error)) from error

    def exists(self, path: str) -> bool:
        return (self.root / path).exists()
