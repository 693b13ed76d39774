"""The main script of the calling program, imported in a worker.

Its own `PFClient().run(…)`, where no `if __name__ == "__main__":` guards it, must not start over there: the import ends
at that call, and what the script has defined before it is there.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Final

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
