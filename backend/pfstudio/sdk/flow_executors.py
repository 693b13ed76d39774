"""Loaded flows that are kept between calls: one for each state of a flow's folder and each context."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pfstudio.connections.types import Connection
from pfstudio.engine.executor import FlowExecutor
from pfstudio.engine.ports import ConnectionSource
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.loader import load_flow
from pfstudio.flow.overrides import check_node_overrides, with_node_overrides
from pfstudio.sdk.connection_source import LazyConnections
from pfstudio.sdk.flow_context import FlowContext

_MOST_KEPT: Final = 64
_State = tuple[tuple[str, int, int], ...]
_Key = tuple[int, Path, _State, str]
_kept: OrderedDict[_Key, FlowExecutor] = OrderedDict()
_lock = threading.Lock()


def executor_for(file: Path, context: FlowContext) -> FlowExecutor:
    """The flow, loaded in this state of its folder and with this context.

    Raises:
        PromptflowException: the flow, or what the context asks for, is at fault.
    """
    key = (os.getpid(), file, _state_of(file.parent), context.key())
    with _lock:
        executor = _kept.get(key)
        if executor is not None:
            _kept.move_to_end(key)
            return executor
        executor = _kept[key] = _load(file, context)
        dropped = _kept.popitem(last=False)[1] if len(_kept) > _MOST_KEPT else None
    if dropped is not None:
        dropped.close()
    return executor


def _load(file: Path, context: FlowContext) -> FlowExecutor:
    if context.overrides:
        from pfstudio.flow.document_overrides import load_overridden

        flow = load_overridden(file, context.overrides, variant=context.variant)
    else:
        flow = load_flow(file, variant=context.variant)
    changes = context.node_overrides()
    changed = with_node_overrides(flow, changes)
    check_node_overrides(flow, FolderFiles(file.parent), changes)
    objects = context.connection_objects()
    return FlowExecutor.of_flow(
        changed,
        file.parent,
        connections=_GivenFirst(objects) if objects else LazyConnections(),
        environment_variables=_with_connection_values(),
        precedence="none",
        runs_in_folder=False,
    )


class _GivenFirst:
    """Connections that were given as objects, and this user's own."""

    def __init__(self, objects: Mapping[str, Connection]) -> None:
        self._objects = objects
        self._own: ConnectionSource = LazyConnections()

    def get(self, name: str) -> Any:
        return self._objects.get(name) or self._own.get(name)


def _with_connection_values() -> dict[str, str]:
    """The variables of this process that have the form `${connection.key}`, to be replaced by that field."""
    return {
        name: value
        for name, value in os.environ.items()
        if value.startswith("${") and value.endswith("}") and value.count(".") == 1
    }


def _state_of(folder: Path) -> _State:
    state = []
    with os.scandir(folder) as entries:
        for entry in entries:
            info = entry.stat()
            if not entry.is_dir():
                state.append((entry.name, info.st_mtime_ns, info.st_size))
    return tuple(state)
