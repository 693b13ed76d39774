"""Keeps flows from changing the machine's devices where the studio is root."""

from __future__ import annotations

import ctypes
import os
import sys

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_CLONE_NEWNS = 0x20000
_MS_RDONLY, _MS_NOSUID, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_SLAVE = 1, 2, 32, 4096, 16384, 1 << 19


def protect_devices() -> None:
    """Give this process, and the sandboxes it starts, a view of the devices whose modes cannot be changed.

    Every sandbox has the machine's own `/dev/null`. The kernel takes a flow for the one who started the studio, and so
    for the owner of that device where this was root. bubblewrap keeps the read-only mounts that it finds, and cannot
    make them of devices itself. To be called before the first thread; nothing happens where we may not.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        return
    libc.mount(b"none", b"/", None, _MS_REC | _MS_SLAVE, None)
    for name in _DEVICES:
        place = f"/dev/{name}".encode()
        if libc.mount(place, place, None, _MS_BIND, None) == 0:
            libc.mount(None, place, None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID, None)
