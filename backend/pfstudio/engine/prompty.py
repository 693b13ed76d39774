"""Prompties made ready to run as flows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio.engine.entry_executor import EntryExecutor
from pfstudio.engine.environment import Precedence, flow_environment
from pfstudio.engine.flex_entry import ReadyEntry
from pfstudio.engine.ports import ConnectionSource, RunObserver
from pfstudio.engine.prompty_call import PromptyCall
from pfstudio.engine.workspace import Workspace
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.prompty import flow_of, read_prompty


def load_prompty(
    file: Path,
    *,
    connections: ConnectionSource,
    environment_variables: Mapping[str, str] | None = None,
    precedence: Precedence = "flow",
    init: Mapping[str, Any] | None = None,
    observer: RunObserver | None = None,
    line_timeout: float | None = None,
) -> EntryExecutor:
    """Read a prompty to run it as a flow; `init` lies over its front matter, as `{"model": {"parameters": …}}` does.

    Raises:
        PromptflowException: the first problem of the file.
    """
    folder = file.parent
    files = FolderFiles(folder)
    flow = flow_of(read_prompty(files, file.name), files)
    workspace = Workspace(folder, flow_environment(flow, environment_variables, connections, precedence))
    with workspace:  # References to environment variables see those of the flow.
        overrides = {name: _parsed(value) for name, value in (init or {}).items()}
        call = PromptyCall.load(file, overrides, lambda: connections, warn=lambda text: _warn(observer, text))
        flow = flow_of(call.prompty, files)
    entry = ReadyEntry(
        name=flow.name,
        call=lambda **inputs: call(inputs),
        parameters=frozenset(flow.inputs),
        is_async=False,
        place=(file.name, call.prompty.template_line),
    )
    return EntryExecutor(
        "prompty",
        flow,
        entry,
        workspace,
        connections=connections,
        sample=call.sample,
        observer=observer,
        line_timeout=line_timeout,
    )


def _parsed(value: Any) -> Any:
    """A mapping that comes as text from the command line."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value
    import json

    try:
        return json.loads(value)
    except ValueError:
        return value


def _warn(observer: RunObserver | None, text: str) -> None:
    if observer is not None:
        observer.log("warning", text)
