"""Small functions and classes that users' code took from promptflow's own modules."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

from pfstudio.connections.types import Connection, ConnectionNotFoundError
from pfstudio.engine.batch.data import read_data
from pfstudio.sdk.legacy.executor import GivenConnections

_PIPELINE_VARIABLES: Final = ("CI", "TF_BUILD", "GITHUB_ACTIONS")


class EmbeddingModel(str, Enum):
    TEXT_EMBEDDING_ADA_002 = "text-embedding-ada-002"
    TEXT_SEARCH_ADA_DOC_001 = "text-search-ada-doc-001"
    TEXT_SEARCH_ADA_QUERY_001 = "text-search-ada-query-001"


class AttrDict(dict[Any, Any]):
    """A dictionary whose items are attributes, too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"'AttrDict' object has no attribute '{name}'") from None


class ConnectionManager:
    """Connections by name, out of a dictionary such as `{"name": {"type": …, "value": {…}}}`."""

    def __init__(self, _dict: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._given = dict(_dict or {})
        self._connections = GivenConnections(self._given)

    @classmethod
    def init_from_env(cls) -> ConnectionManager:
        """The connections of the JSON file that the variable `PROMPTFLOW_CONNECTIONS` names; none without it."""
        file = os.environ.get("PROMPTFLOW_CONNECTIONS")
        return cls(json.loads(Path(file).read_text(encoding="utf-8")) if file else {})

    def get(self, name: str | Connection) -> Connection | None:
        """The connection, or None where there is no such name."""
        if isinstance(name, Connection):
            return name
        try:
            return self._connections.get(name)
        except ConnectionNotFoundError:
            return None

    def to_connections_dict(self) -> dict[str, Any]:
        """What it was made of."""
        return self._given


def transpose(values: list[dict[str, Any]], keys: Iterable[str] | None = None) -> dict[str, list[Any]]:
    """Rows as columns; None where a row lacks a key."""
    names = list(keys or (values[0] if values else ()))
    return {name: [row.get(name) for row in values] for name in names}


def is_json_serializable(value: Any) -> bool:
    """Whether the value can be written as JSON."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def is_in_ci_pipeline() -> bool:
    """Whether this runs in a build of GitHub, Azure DevOps or the like."""
    return any(os.environ.get(name, "").lower() == "true" for name in _PIPELINE_VARIABLES)


def in_jupyter_notebook() -> bool:
    """Whether this runs in a cell of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def get_int_env_var(env_var_name: str, default_value: int | None = None) -> int | None:
    """The variable as a number; the default where it is unset or no number."""
    try:
        return int(os.environ[env_var_name])
    except (KeyError, ValueError):
        return default_value


def resolve_dir_to_absolute(base_dir: str | Path, sub_dir: str | Path) -> Path:
    """The second folder, counted from the first one unless it is absolute."""
    return Path(base_dir).resolve() / sub_dir


def load_data(local_path: str | Path, *, max_rows_count: int | None = None, **_: Any) -> list[dict[str, Any]]:
    """The rows of a data file, or of the files of a folder."""
    return [dict(row) for row in read_data(Path(local_path))[:max_rows_count]]
