"""Names of runs: folder names on every system, checked before anything is made."""

from __future__ import annotations

import re

from pfstudio.runfolder.errors import InvalidRunNameError

_LONGEST = 200  # Bytes; the file systems' limit is 255, and nothing that is derived from a name may pass it.
_FORBIDDEN = re.compile(r"[/\\:*?\"<>|\x00-\x1f]")
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|COM\d|LPT\d)(?:\.|\Z)", re.IGNORECASE)


def check_name(name: str) -> str:
    """The name, if a run may have it.

    Raises:
        InvalidRunNameError: it is empty, too long, or no file name on some system.
    """
    if not name or name != name.strip():
        raise InvalidRunNameError(name, "it is empty, or begins or ends with a space")
    found = _FORBIDDEN.search(name)
    if found is not None:
        raise InvalidRunNameError(name, f"it contains {found[0]!r}")
    if name.startswith(".") or name.endswith("."):
        raise InvalidRunNameError(name, "it begins or ends with a dot")
    if _RESERVED.match(name):
        raise InvalidRunNameError(name, "Windows keeps this name for a device")
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST:
        raise InvalidRunNameError(name[:40] + "…", f"it is longer than {_LONGEST} bytes")
    return name


def sanitized(text: str) -> str:
    """A name made of letters, digits and underscores, as the original made default names."""
    return re.sub(r"\W", "_", text)
