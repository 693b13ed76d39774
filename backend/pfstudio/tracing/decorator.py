"""`@trace`: a function whose calls show in the trace of the node they happen in."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from time import time
from typing import Any, TypeVar, overload

from pfstudio.tracing import switch
from pfstudio.tracing.tracer import NodeTrace, current_node_trace

F = TypeVar("F", bound=Callable[..., Any])


@overload
def trace(func: F) -> F: ...
@overload
def trace(*, name: str | None = None) -> Callable[[F], F]: ...
def trace(func: F | None = None, *, name: str | None = None) -> F | Callable[[F], F]:
    """The function itself in all but this: inside a node each call is recorded with arguments, result and time."""
    if func is None:
        return lambda inner: traced(inner, "Function", name)
    return traced(func, "Function", name)


def traced(func: F, type_name: str, name: str | None = None) -> F:
    """The function, recorded as a call of the given type (`Function`, `Tool`, …)."""
    shown = name or func.__qualname__
    if inspect.iscoroutinefunction(func):
        wrapper = _async_wrapper(func, type_name, shown)
    elif inspect.isasyncgenfunction(func):
        wrapper = _async_generator_wrapper(func, type_name, shown)
    elif inspect.isgeneratorfunction(func):
        wrapper = _generator_wrapper(func, type_name, shown)
    else:
        wrapper = _plain_wrapper(func, type_name, shown)
    wrapper.__original_function = func  # type: ignore[attr-defined]  # promptflow's own mark.
    return wrapper  # type: ignore[return-value]


def _plain_wrapper(func: Callable[..., Any], type_name: str, name: str) -> Callable[..., Any]:
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        current = current_node_trace()
        if current is None and not switch.address():
            return func(*args, **kwargs)
        with _call(current, name, type_name, _arguments(func, args, kwargs)) as record:
            record["output"] = result = func(*args, **kwargs)
            return result

    return wrapper


def _async_wrapper(func: Callable[..., Any], type_name: str, name: str) -> Callable[..., Any]:
    @functools.wraps(func)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        current = current_node_trace()
        if current is None and not switch.address():
            return await func(*args, **kwargs)
        with _call(current, name, type_name, _arguments(func, args, kwargs)) as record:
            record["output"] = result = await func(*args, **kwargs)
            return result

    return wrapper


def _generator_wrapper(func: Callable[..., Any], type_name: str, name: str) -> Callable[..., Any]:
    # The record stays open for children only while the generator is created: its body may run in another context.
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        items: list[Any] = []
        ended = _opened(name, type_name, _arguments(func, args, kwargs), items)
        for item in func(*args, **kwargs):
            items.append(item)
            yield item
        ended()

    return wrapper


def _async_generator_wrapper(func: Callable[..., Any], type_name: str, name: str) -> Callable[..., Any]:
    @functools.wraps(func)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        items: list[Any] = []
        ended = _opened(name, type_name, _arguments(func, args, kwargs), items)
        async for item in func(*args, **kwargs):
            items.append(item)
            yield item
        ended()

    return wrapper


def _call(
    current: NodeTrace | None, name: str, type_name: str, inputs: dict[str, Any]
) -> AbstractContextManager[dict[str, Any]]:
    if current is not None:
        return current.call(name, type_name, inputs)
    from pfstudio.tracing.outside import recorded

    return recorded(name, type_name, inputs)


def _opened(name: str, type_name: str, inputs: dict[str, Any], items: list[Any]) -> Callable[[], None]:
    """Record a call that gives its items one by one; what is returned says that it has given the last."""
    current, start = current_node_trace(), time()
    if current is None:
        return partial(_ended_outside, name, type_name, inputs, items, start)
    with current.call(name, type_name, inputs) as record:
        record["output"] = items

    def ended() -> None:
        record["end_time"] = time()

    return ended


def _ended_outside(name: str, type_name: str, inputs: dict[str, Any], items: list[Any], start: float) -> None:
    if switch.address():
        from pfstudio.tracing.outside import record_ended

        record_ended(name, type_name, inputs, items, start)


def _arguments(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    if not args:
        return dict(kwargs)
    try:
        bound = inspect.signature(func).bind_partial(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return dict(kwargs)
    bound.pop("self", None)
    return dict(bound)
