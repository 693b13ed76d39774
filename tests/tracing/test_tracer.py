from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from pfstudio.tracing.decorator import trace
from pfstudio.tracing.tracer import NodeTrace, current_node_trace, open_node_trace


@pytest.fixture
def node_trace() -> Iterator[NodeTrace]:
    opened = NodeTrace("n")
    close = open_node_trace(opened)
    yield opened
    close()


@trace
def outer(value: int) -> int:
    return inner(value) + 1


@trace(name="renamed")
def inner(value: int) -> int:
    if value < 0:
        raise ValueError("negative")
    return value * 2


def test_outside_of_nodes_nothing_is_recorded() -> None:
    assert outer(2) == 5
    assert current_node_trace() is None


def test_calls_form_a_tree(node_trace: NodeTrace) -> None:
    outer(2)

    (call,) = node_trace.calls
    (child,) = call["children"]
    assert (call["name"], call["inputs"], call["output"], call["node_name"]) == ("outer", {"value": 2}, 5, "n")
    assert (child["name"], child["output"]) == ("renamed", 4)
    assert call["start_time"] <= child["start_time"] <= child["end_time"] <= call["end_time"]


def test_failed_call_has_its_error(node_trace: NodeTrace) -> None:
    with pytest.raises(ValueError, match="negative"):
        outer(-1)

    assert node_trace.calls[0]["children"][0]["error"] == {"message": "negative", "type": "ValueError"}


def test_tokens_of_model_calls_are_summed(node_trace: NodeTrace) -> None:
    for _ in range(2):
        node_trace.add_call("chat", "LLM", {}, "hi", 1.0, 2.5, {"prompt_tokens": 3, "total_tokens": 5})

    assert node_trace.usage == {"prompt_tokens": 6, "total_tokens": 10}
    assert node_trace.calls[0]["system_metrics"] == {"duration": 1.5, "prompt_tokens": 3, "total_tokens": 5}


def test_calls_of_async_functions_side_by_side_do_not_mix(node_trace: NodeTrace) -> None:
    @trace
    async def parent(name: str) -> str:
        await asyncio.sleep(0.01)
        return await child(name)

    @trace
    async def child(name: str) -> str:
        return name

    async def both() -> None:
        await asyncio.gather(parent("a"), parent("b"))

    asyncio.run(both())

    assert [[c["output"] for c in call["children"]] for call in node_trace.calls] == [["a"], ["b"]]


def test_generators_are_recorded_with_their_pieces(node_trace: NodeTrace) -> None:
    @trace
    def count(to: int) -> Iterator[int]:
        yield from range(to)

    @trace
    async def count_slowly(to: int) -> AsyncIterator[int]:
        for number in range(to):
            yield number

    async def collect() -> list[int]:
        return [number async for number in count_slowly(2)]

    assert list(count(3)) == [0, 1, 2]
    assert asyncio.run(collect()) == [0, 1]
    assert [call["output"] for call in node_trace.calls] == [[0, 1, 2], [0, 1]]


def test_second_argument_that_fits_no_parameter_stays_the_functions_error(node_trace: NodeTrace) -> None:
    with pytest.raises(TypeError):
        outer(1, 2)  # type: ignore[call-arg]
