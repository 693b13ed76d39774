from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from pfstudio.tools.decorator import is_tool, original_function, streaming_option, tool
from pfstudio.tools.metrics import collect_metrics, log_metric


def test_marked_function_is_called_as_before_and_keeps_its_signature() -> None:
    @tool
    def add(a: int, b: int = 2) -> int:
        """Adds."""
        return a + b

    assert (add(1), add(1, b=5), add.__name__, add.__doc__) == (3, 6, "add", "Adds.")
    assert str(inspect.signature(add)) == "(a: 'int', b: 'int' = 2) -> 'int'"
    assert is_tool(add)
    assert not is_tool(original_function(add))


def test_mark_takes_the_originals_keywords() -> None:
    @tool(name="Nice", description="d", type="llm", input_settings={}, streaming_option_parameter="live", icon="i")
    def answer(live: bool = False) -> bool:
        return live

    assert answer(live=True) is True
    assert streaming_option(answer) == "live"


def test_async_and_generator_functions_stay_what_they_are() -> None:
    @tool
    async def wait() -> int:
        return 1

    @tool
    def count() -> Any:
        yield 1

    assert inspect.iscoroutinefunction(wait)
    assert asyncio.run(wait()) == 1
    assert list(count()) == [1]


def test_metrics_go_where_they_are_collected_and_nowhere_else() -> None:
    metrics: dict[str, Any] = {}
    stop = collect_metrics(metrics)
    log_metric("a", 1)
    log_metric("a", 2, variant_id="v")
    stop()

    with pytest.warns(RuntimeWarning, match="'b' was logged outside"):
        log_metric("b", 3)

    assert metrics == {"a": 2}
