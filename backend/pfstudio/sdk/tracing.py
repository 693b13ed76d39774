"""Names of promptflow's tracing that need little but to be there."""

from __future__ import annotations

from typing import Any, Final

from pfstudio.sdk.legacy.constants import VERSION

_USER_AGENT: Final = "user_agent"
_OWN_AGENT: Final = f"promptflow-tracing/{VERSION}"


def start_trace(
    *,
    resource_attributes: dict[str, Any] | None = None,
    collection: str | None = None,
    session: str | None = None,
    **_: Any,
) -> None:
    """Accepted any number of times; never fails and starts no service.

    Calls are recorded wherever a flow runs. Where OpenTelemetry's variables or `trace.destination` name a collector,
    what is given here is said with each span, and traced functions outside of flows are sent, too.
    """
    from pfstudio.sdk.trace_export import describe

    describe(resource_attributes, collection, session)


class OperationContext(dict[str, Any]):
    """The process-wide dictionary that promptflow attached to its spans; values set here are kept and not sent."""

    _instance: OperationContext | None = None

    @classmethod
    def get_instance(cls) -> OperationContext:
        if OperationContext._instance is None:
            OperationContext._instance = cls()
        return OperationContext._instance

    @classmethod
    def set_instance(cls, instance: OperationContext | None) -> None:
        OperationContext._instance = instance

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        del self[name]

    def copy(self) -> OperationContext:
        return OperationContext(self)

    def get_context_dict(self) -> dict[str, Any]:
        return dict(self)

    def get_request_id(self) -> str:
        return str(self.get("request_id", "unknown"))

    def get_user_agent(self) -> str:
        return f"{self[_USER_AGENT]} {_OWN_AGENT}" if _USER_AGENT in self else _OWN_AGENT

    def append_user_agent(self, user_agent: str) -> None:
        """Another name for who calls; a name that is there is not added again."""
        known = self.get(_USER_AGENT, "")
        if user_agent not in known:
            self[_USER_AGENT] = f"{known} {user_agent}".strip()

    def set_execution_target(self, execution_target: str) -> None:
        self["execution_target"] = execution_target

    def set_default_tracing_keys(self, keys: set[str]) -> None:
        self["_default_tracing_keys"] = keys
