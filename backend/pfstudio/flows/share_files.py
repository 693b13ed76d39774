"""A flow's files on the share, for everything that reads flows."""

from __future__ import annotations

import os

from pfstudio.errors import PromptflowException
from pfstudio.share import content
from pfstudio.share.handles import O_PATH
from pfstudio.share.paths import Share, SharePath

_LARGEST = 16_000_000  # No source is; data files are not read through here.


class ShareFiles:
    """The `FlowFiles` of a folder of the share. What leads out of its owner's folder is not there."""

    def __init__(self, share: Share, folder: SharePath) -> None:
        self._share = share
        self._folder = folder

    def read_bytes(self, path: str) -> bytes:
        """The content.

        Raises:
            FileNotFoundError: there is no such file, none that may be read, or it is larger than any source.
        """
        try:
            return content.read_bytes(self._share, self._at(path), limit=_LARGEST)
        except PromptflowException as error:
            raise FileNotFoundError(str(error)) from error

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        try:
            os.close(self._share.open(self._at(path), O_PATH))
        except (PromptflowException, FileNotFoundError):
            return False
        return True

    def _at(self, path: str) -> SharePath:
        """The share path; `..` may lead to other folders of the same owner, as `additional_includes` do."""
        names = list(self._folder.parts)
        for name in path.replace("\\", "/").split("/"):
            if name == ".." and not names:
                raise FileNotFoundError(path)
            if name == "..":
                names.pop()
            elif name not in ("", "."):
                names.append(name)
        if path.startswith("/") or not all(names):
            raise FileNotFoundError(path)
        return SharePath.parse("/".join(("Users", str(self._folder.owner), *names)))
