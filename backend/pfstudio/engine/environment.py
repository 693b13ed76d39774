"""The environment variables a flow runs with."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from pfstudio.engine.errors import UnknownConnectionKeyError
from pfstudio.engine.ports import ConnectionSource
from pfstudio.flow.spec import Flow

_CONNECTION_VALUE = re.compile(r"\$\{([^.{}]+)\.([^.{}]+)\}\Z")

Precedence: TypeAlias = Literal["flow", "process", "none"]


def flow_environment(
    flow: Flow,
    overrides: Mapping[str, str] | None,
    connections: ConnectionSource,
    precedence: Precedence = "flow",
) -> dict[str, str]:
    """The variables to set while the flow runs; `${connection.key}` is replaced by that field.

    `precedence`: `flow` lets the flow's values win over the process's (tests, runs), `process` fills gaps only
    (serving), `none` leaves the flow's values out (a flow called as a function). Overrides always win.

    Raises:
        ConnectionNotFoundError: a value names a connection that does not exist.
        UnknownConnectionKeyError: the connection has no such key.
    """
    own = {} if precedence == "none" else flow.environment_variables
    values = {name: value for name, value in own.items() if precedence == "flow" or name not in os.environ}
    values |= {str(name): str(value) for name, value in (overrides or {}).items()}
    return {name: _resolved(name, value, connections) for name, value in values.items()}


def _resolved(variable: str, value: str, connections: ConnectionSource) -> str:
    match = _CONNECTION_VALUE.match(value)
    if match is None or match[1] == "env":
        return value
    field = connections.get(match[1]).field_value(match[2])
    if field is None:
        raise UnknownConnectionKeyError(variable, match[1], match[2])
    return field
