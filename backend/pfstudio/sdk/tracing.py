"""What promptflow's tracing has for users, and the way of traces out of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from pfstudio.errors import PromptflowException
from pfstudio.tracing import switch
from pfstudio.tracing.tracer import current_node_trace

if TYPE_CHECKING:
    from pfstudio.engine.results import LineResult
    from pfstudio.sandbox.flow_test import TestOutcome
    from pfstudio.sdk.configuration import Configuration


T = TypeVar("T")


def start_trace(
    resource_attributes: Mapping[str, Any] | None = None,
    collection: str | None = None,
    session: str | None = None,
    **_: Any,
) -> None:
    """Accepted any number of times; never fails and starts no service.

    Calls are recorded wherever a flow runs. Where OpenTelemetry's variables or `trace.destination` name a collector,
    what is given here is said with each span, and traced functions outside of flows are sent, too.
    """
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
    with suppress(PromptflowException):  # Settings that cannot be read are told where they are needed.
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


class OperationContext(dict[str, Any]):
    """The dictionary that promptflow attached to its spans; values set here are kept, and sent nowhere.

    Each context (a thread, a task) that asks for one first sees its own.
    """

    USER_AGENT_KEY = "user_agent"
    REQUEST_ID_KEY = "request_id"

    @classmethod
    def get_instance(cls) -> OperationContext:
        instance = _context.get()
        if instance is None:
            instance = cls()
            _context.set(instance)
        return instance

    @classmethod
    def set_instance(cls, instance: OperationContext | None) -> None:
        """Use another one from now on."""
        _context.set(instance)

    def copy(self) -> OperationContext:
        return OperationContext({key: dict(v) if isinstance(v, dict) else v for key, v in self.items()})

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"'OperationContext' object has no attribute '{name}'") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(f"'OperationContext' object has no attribute '{name}'")
        del self[name]

    def append_user_agent(self, user_agent: str) -> None:
        """Add a word to the user agent, once."""
        known = str(self.get(self.USER_AGENT_KEY) or "")
        if user_agent not in known.split():
            self[self.USER_AGENT_KEY] = f"{known} {user_agent}".strip()

    def get_user_agent(self) -> str:
        from pfstudio import __version__

        return f"{self.get(self.USER_AGENT_KEY) or ''} pfstudio/{__version__}".strip()

    def get_request_id(self) -> str:
        return str(self.get(self.REQUEST_ID_KEY) or "unknown")

    def get_context_dict(self) -> dict[str, Any]:
        return dict(self)

    def _add_otel_attributes(self, key: str, value: Any) -> None:
        self.setdefault("_otel_attributes", {})[key] = value

    def _remove_otel_attributes(self, keys: Iterable[str] | str) -> None:
        for key in [keys] if isinstance(keys, str) else keys:
            self.get("_otel_attributes", {}).pop(key, None)

    def _get_otel_attributes(self) -> dict[str, Any]:
        return dict(self.get("_otel_attributes", {}))


_context: ContextVar[OperationContext | None] = ContextVar("pfstudio_operation_context", default=None)
