"""Coroutines from synchronous code, threads that know whose work they do, folders changed for a while."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class ThreadPoolExecutorWithContext(ThreadPoolExecutor):
    """Threads whose calls of `@trace` functions show in the trace of whoever submitted the work."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        return super().submit(copy_context().run, fn, *args, **kwargs)


def async_run_allowing_running_loop(async_func: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
    """The result of a coroutine function; on a thread of its own where an event loop already runs here."""

    async def call() -> T:
        return await async_func(*args, **kwargs)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(call())
    with ThreadPoolExecutorWithContext(1) as pool:
        return pool.submit(lambda: asyncio.run(call())).result()


@contextmanager
def inject_sys_path(path: str | Path) -> Iterator[None]:
    """Modules of the folder can be imported within."""
    before = list(sys.path)
    sys.path.insert(0, str(path))
    try:
        yield
    finally:
        sys.path[:] = before


@contextmanager
def change_working_dir(path: str | Path | None, mkdir: bool = True) -> Iterator[None]:
    """The folder is the working directory within."""
    before = Path.cwd()
    if path is not None and mkdir:
        Path(path).mkdir(parents=True, exist_ok=True)
    os.chdir(path or before)
    try:
        yield
    finally:
        os.chdir(before)
