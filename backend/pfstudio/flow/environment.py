"""Which environment variables a flow file may set, and their text form."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

_EXACT = frozenset({"PATH", "NODE_OPTIONS", "BROWSER", "PF_USE_SANDBOX_FOR_JINJA", "BASH_ENV"})
_PREFIXES = ("LD_", "DYLD_", "PYTHON", "GIT_", "PFSTUDIO_")


def is_forbidden(name: str) -> bool:
    """Whether a variable changes how programs are started or guarded, so that no flow file may set it."""
    if os.name == "nt":  # There the names of variables have no case.
        name = name.upper()
    return name in _EXACT or name.startswith(_PREFIXES)


def as_text(values: Mapping[Any, Any]) -> dict[str, str]:
    """The variables as a process takes them: containers as JSON, everything else by `str`."""
    return {
        str(name): json.dumps(value) if isinstance(value, (dict, list)) else str(value)
        for name, value in values.items()
    }
