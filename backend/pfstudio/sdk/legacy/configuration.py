"""The settings, under the methods that promptflow's class had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfstudio.sdk import configuration


class Configuration(configuration.Configuration):
    """Settings of the user, of a folder and given ones, the last winning."""

    CONNECTION_PROVIDER = "connection.provider"
    TRACE_DESTINATION = "trace.destination"
    RUN_OUTPUT_PATH = "run.output_path"

    def __init__(self, overrides: Mapping[str, Any] | None = None, **_: Any) -> None:
        super().__init__(overrides)

    @classmethod
    def get_instance(cls) -> Configuration:
        return cls()

    def get_config(self, key: str) -> Any:
        return self.get(key)

    def set_config(self, key: str, value: Any) -> None:
        configuration.set_values({key: str(value)})

    def get_all(self) -> dict[str, Any]:
        return self.all()

    def get_connection_provider(self, path: Any = None) -> str:
        return str(self.get(self.CONNECTION_PROVIDER) or "local")

    def get_trace_destination(self, path: Any = None) -> str | None:
        found = self.get(self.TRACE_DESTINATION)
        return str(found) if found else None

    def get_telemetry_consent(self) -> bool:
        return False

    def get_user_agent(self) -> str | None:
        return None
