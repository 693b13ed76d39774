"""Names of promptflow's tracing that need nothing but to be there."""

from __future__ import annotations

from typing import Any


def start_trace(resource_attributes: dict[str, Any] | None = None, collection: str | None = None, **_: Any) -> None:
    """Accepted and harmless: calls are recorded wherever a flow runs, and no service has to be started for it."""


class OperationContext(dict[str, Any]):
    """The process-wide dictionary that promptflow attached to its spans; values set here are kept and not sent."""

    _instance: OperationContext | None = None

    @classmethod
    def get_instance(cls) -> OperationContext:
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value
