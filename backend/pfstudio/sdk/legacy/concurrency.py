"""Coroutines from synchronous code, threads that know whose work they do, folders changed for a while."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import wraps
from pathlib import Path
from threading import Thread
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


class ThreadWithContextVars(Thread):
    """A thread that knows whose work it does, as `ThreadPoolExecutorWithContext` does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._context = copy_context()

    def run(self) -> None:
        self._context.run(super().run)


def retry(
    exception_to_check: type[Exception] | tuple[type[Exception], ...],
    tries: int = 4,
    delay: float = 3,
    backoff: float = 2,
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """A decorator that calls again after such an error, `tries` times in all, with pauses that grow."""

    def decorator(function: Callable[..., T]) -> Callable[..., T]:
        @wraps(function)
        def again(*args: Any, **kwargs: Any) -> T:
            pause = delay
            for _ in range(tries - 1):
                try:
                    return function(*args, **kwargs)
                except exception_to_check:
                    time.sleep(pause)
                    pause *= backoff
            return function(*args, **kwargs)

        return again

    return decorator
