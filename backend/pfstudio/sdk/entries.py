"""Functions, classes and objects given where a flow is expected."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pfstudio.errors import UserErrorException
from pfstudio.flow.flex import is_entry


def as_tested(flow: str | Path | Callable[..., Any]) -> Path | str | Callable[..., Any]:
    """A path, or the entry of a flex flow: as text, or the callable itself.

    Loaded flows and prompties are meant by their file.
    """
    path = getattr(flow, "path", None)
    if isinstance(path, Path):
        return path
    if callable(flow):
        return flow
    if isinstance(flow, str) and is_entry(flow) and not Path(flow).exists():
        return flow
    return Path(flow)


def entry_of(target: Callable[..., Any]) -> tuple[str, Path]:
    """The text `module:name` by which another process finds a function or class, and the folder of its file.

    Raises:
        UserErrorException: it stands in no file, or not at the top of one.
    """
    named = target if inspect.isclass(target) or inspect.isfunction(target) else type(target)
    try:
        file = Path(inspect.getfile(named)).resolve()
    except (TypeError, OSError) as error:
        raise UserErrorException(f"'{named.__name__}' is not in a Python file, so only a test can run it.") from error
    if named.__qualname__ != named.__name__:
        raise UserErrorException(
            f"'{named.__qualname__}' is not at the top of its file, so other processes cannot find it.",
            file=str(file),
        )
    return f"{file.stem}:{named.__name__}", file.parent
