"""Objects of the calling program that a worker takes over: pickled there, unpickled here."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import IO, Any

from pfstudio.sdk.runs.main_script import load_script


def load_object(file: Path, script: str | None, home: str | None) -> Any:
    """A pickled object; its class is looked for in the script or the folder it came from."""
    if home is not None and home not in sys.path:
        sys.path.insert(0, home)
    with file.open("rb") as stream:
        return _Unpickler(stream, script).load()


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: IO[bytes], script: str | None) -> None:
        super().__init__(stream)
        self._script = script

    def find_class(self, module: str, name: str) -> Any:
        if module == "__main__" and self._script is not None:
            return getattr(load_script(self._script), name)
        return super().find_class(module, name)
