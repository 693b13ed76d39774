"""Traced functions that are called outside of any flow: each is a trace of its own, where traces are exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import time
from typing import Any

from pfstudio.tracing.export import exporter
from pfstudio.tracing.spans import spans_of
from pfstudio.tracing.tracer import NodeTrace, open_node_trace


@contextmanager
def recorded(name: str, type_name: str, inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The record of a call while it runs; calls inside it are below it."""
    trace = NodeTrace("")
    close = open_node_trace(trace)
    try:
        with trace.call(name, type_name, inputs) as record:
            yield record
    finally:
        close()
        send(trace)


def record_ended(name: str, type_name: str, inputs: Mapping[str, Any], output: Any, start: float) -> None:
    """Record a call that has ended, as a generator does long after it was called."""
    trace = NodeTrace("")
    trace.add_call(name, type_name, inputs, output, start, time())
    send(trace)


def send(trace: NodeTrace) -> None:
    """Export the calls of a trace that has ended."""
    running = exporter()
    if running is not None and trace.calls:
        running.add(spans_of(trace.calls))
