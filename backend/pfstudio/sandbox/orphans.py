"""What Linux offers only by `prctl`: to die with one's parent, to inherit orphaned descendants, to be left alone."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable
from functools import cache

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent() -> None:
    """The kernel ends this process when the thread that started it ends; nothing where there is no such thing."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Descendants whose parent ends become children of this process, so that they can be found and ended."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def close_to_siblings(closed: bool) -> None:
    """Whether other processes of the same user are kept from reading and steering this one."""
    _prctl(_PR_SET_DUMPABLE, 0 if closed else 1)


def get_ready() -> None:
    """Find the function now, so that forks need not."""
    if sys.platform == "linux":
        _function()


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _function()(option, value, 0, 0, 0)


@cache
def _function() -> Callable[..., int]:
    found: Callable[..., int] = ctypes.CDLL(None).prctl
    return found
