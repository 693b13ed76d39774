"""The way of traces out of this process, from tests, functions and what users trace themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from pfstudio.errors import PromptflowException
from pfstudio.tracing import switch
from pfstudio.tracing.tracer import current_node_trace

if TYPE_CHECKING:
    from pfstudio.engine.results import LineResult
    from pfstudio.sandbox.flow_test import TestOutcome
    from pfstudio.sdk.configuration import Configuration


T = TypeVar("T")


def describe(
    resource_attributes: Mapping[str, Any] | None = None, collection: str | None = None, session: str | None = None
) -> None:
    """Look whether a collector is configured, and say these things with each span that goes there."""
    given = {**(resource_attributes or {})}
    if collection:
        given["collection"] = collection
    if session:
        given["session.id"] = session
    use_destination(None)
    if given and switch.address():
        from pfstudio.tracing.export import describe_sender

        describe_sender(given)


def use_destination(configuration: Configuration | None) -> None:
    """Send traces to where `trace.destination` says, if it is an address; the environment comes before it."""
    from pfstudio.sdk.configuration import Configuration

    value = ""
    with suppress(PromptflowException, RuntimeError):  # No home; or settings that are told of where they are needed.
        value = str((configuration or Configuration()).get("trace.destination") or "")
    switch.set_destination(value if value.startswith(("http://", "https://")) else "")


def export_line(line: LineResult, flow: str) -> None:
    """Send the spans of a line, where a collector is configured. Returns at once."""
    if not switch.address():
        return
    from pfstudio.engine.spans import line_spans
    from pfstudio.tracing.export import exporter

    if (running := exporter()) is not None:
        running.add(line_spans(line, flow=flow))


def exported(outcome: TestOutcome) -> TestOutcome:
    """The same for a test: of a flow with its aggregation, or of one node. Gives it back."""
    if not switch.address():
        return outcome
    from pfstudio.engine.spans import node_spans
    from pfstudio.tracing.export import exporter

    name = outcome.flow.display_name or outcome.flow.name
    runs = dict(outcome.node_runs)
    if outcome.line is not None:
        export_line(outcome.line, name)
        runs = {node: run for node, run in runs.items() if node not in outcome.line.node_runs}
    if runs and (running := exporter()) is not None:
        running.add(node_spans(runs.values(), flow=name))
    return outcome


def call_exported(name: str, inputs: Mapping[str, Any], call: Callable[[], T]) -> T:
    """What a call gives that is no line of a flow, such as a prompty's; outside of nodes it is a trace of its own."""
    if not switch.address() or current_node_trace() is not None:
        return call()
    from pfstudio.tracing.outside import recorded

    with recorded(name, "Flow", inputs) as record:
        record["output"] = result = call()
        return result
