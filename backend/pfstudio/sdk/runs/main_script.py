"""The main script of the calling program, imported in a worker.

Its own `PFClient().run(…)`, where no `if __name__ == "__main__":` guards it, must not start over there: the import ends
at that call, and what the script has defined before it is there.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Final

_MODULE: Final = "__pf_script__"
_loading: set[str] = set()


class ScriptReachedItsRunError(BaseException):
    """Ends the import of a script at its first run; no handler of the script's should catch it."""


def stop_if_imported() -> None:
    """Called where a run begins: inside the import of a main script, the import ends here."""
    if _loading:
        raise ScriptReachedItsRunError


def load_script(path: str) -> ModuleType:
    """The module of a script, as far as it goes without its own runs."""
    module = sys.modules.get(_MODULE)
    if module is not None and module.__file__ == path:
        return module
    module = ModuleType(_MODULE)
    module.__file__ = path
    sys.modules[_MODULE] = module
    sys.path.insert(0, str(Path(path).parent))
    _loading.add(path)
    try:
        code = compile(Path(path).read_bytes(), path, "exec")
        exec(code, module.__dict__)  # noqa: S102 - the user's own script, which asked for this run.
    except ScriptReachedItsRunError:
        pass
    finally:
        _loading.discard(path)
    return module


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
