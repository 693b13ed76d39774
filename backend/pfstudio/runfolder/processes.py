"""Which process is it, and does it still live? Works without anything that only one system has."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def start_of(pid: int) -> str | None:
    """When a process began, in whatever unit the system counts; tells a process from a later one of the same number.

    None where the system does not say.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else None


def is_alive(pid: int, start: str | None) -> bool:
    """Whether the process of this number, begun at `start`, still runs."""
    if sys.platform == "win32":
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if start is None:
        return True
    now = start_of(pid)
    return now is None or (now == start and not _is_zombie(pid))


def _is_zombie(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in ("Z", "X")


def _is_alive_on_windows(pid: int) -> bool:
    # `os.kill(pid, 0)` would send Ctrl-C there.
    if sys.platform != "win32":
        return False
    import ctypes

    kernel = ctypes.windll.kernel32
    handle = kernel.OpenProcess(0x1000, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == 259
