"""Flex flows made ready to run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pfstudio.engine.connection_scope import connections_in_scope
from pfstudio.engine.entry_executor import EntryExecutor
from pfstudio.engine.environment import Precedence, flow_environment
from pfstudio.engine.flex_entry import import_entry, ready_entry, signature_of
from pfstudio.engine.ports import ConnectionSource, RunObserver
from pfstudio.engine.workspace import Workspace
from pfstudio.errors import PromptflowException
from pfstudio.flow.entry_signature import EntrySignature, merged
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.flex import FlexFlow, flex_of_entry, read_flex
from pfstudio.flow.spec import Flow


def load_flex(
    file: Path,
    *,
    connections: ConnectionSource,
    environment_variables: Mapping[str, str] | None = None,
    precedence: Precedence = "flow",
    init: Mapping[str, Any] | None = None,
    observer: RunObserver | None = None,
    line_timeout: float | None = None,
) -> EntryExecutor:
    """Read a flex flow, import its code and make its object.

    Raises:
        PromptflowException: the first problem of the file, its code or its constructor.
    """
    folder = file.parent
    flow = read_flex(FolderFiles(folder), file.name, report=_raise, folder_name=folder.name)
    working_copy = None
    if flow.flow.additional_includes:
        from pfstudio.engine.includes import materialize

        folder = working_copy = materialize(flow.flow, folder, lambda text: _warn(observer, text))
    try:
        code = (folder / flow.code).resolve() if flow.code else folder
        environment = flow_environment(flow.flow, environment_variables, connections, precedence)
        workspace = Workspace(code, environment)
        with workspace:
            entry = import_entry(flow, code)
            return _executor(
                flow,
                entry,
                workspace,
                connections=connections,
                init=init,
                observer=observer,
                line_timeout=line_timeout,
                working_copy=working_copy,
            )
    except BaseException:
        if working_copy is not None:
            import shutil

            shutil.rmtree(working_copy.parent, ignore_errors=True)
        raise


def load_entry(
    entry: str | Callable[..., Any],
    *,
    connections: ConnectionSource,
    code: Path | None = None,
    environment_variables: Mapping[str, str] | None = None,
    init: Mapping[str, Any] | None = None,
    observer: RunObserver | None = None,
    line_timeout: float | None = None,
) -> EntryExecutor:
    """A function, class or object as a flow; as text it is `module:name`, looked up from `code` (the current folder).

    Raises:
        PromptflowException: it cannot be loaded, or cannot serve as a flow.
    """
    folder = (code or Path.cwd()).resolve()
    flow = flex_of_entry(entry if isinstance(entry, str) else "callable:entry", name=folder.name)
    workspace = Workspace(folder, flow_environment(flow.flow, environment_variables, connections))
    with workspace:
        found = import_entry(flow, folder) if isinstance(entry, str) else entry
        return _executor(
            flow,
            found,
            workspace,
            connections=connections,
            init=init,
            observer=observer,
            line_timeout=line_timeout,
        )


def _executor(
    flow: FlexFlow,
    entry: Any,
    workspace: Workspace,
    *,
    connections: ConnectionSource,
    init: Mapping[str, Any] | None,
    observer: RunObserver | None,
    line_timeout: float | None,
    working_copy: Path | None = None,
) -> EntryExecutor:
    where = {"file": flow.flow.file, "line": flow.entry_line or None}
    described = entry if inspect.isclass(entry) or inspect.isfunction(entry) else type(entry)
    signature = merged(signature_of(described, **where), flow.declared, flow.flow.file)
    with connections_in_scope(connections):
        ready = ready_entry(entry, _init(flow, signature, init), connections, Path(workspace.folder))
    return EntryExecutor(
        "flex",
        _flow(flow, signature),
        ready,
        workspace,
        connections=connections,
        sample=lambda: flow.sample_of("inputs"),
        optional=frozenset(name for name, port in signature.inputs.items() if port.is_optional),
        observer=observer,
        line_timeout=line_timeout,
        working_copy=working_copy,
    )


def _flow(flow: FlexFlow, signature: EntrySignature) -> Flow:
    ready = flow.with_signature(signature)
    return replace(ready, extra={**ready.extra, "entry": flow.entry})


def _init(flow: FlexFlow, signature: EntrySignature, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """The constructor's arguments: those given, or else the sample's; with the defaults that the YAML declares."""
    values = dict(given or flow.sample_of("init"))
    if flow.declared.get("init") is not None:
        for name, port in signature.init.items():
            if name not in values and port.has_default and not port.is_optional:
                values[name] = port.default
    return values


def _raise(problem: PromptflowException) -> None:
    raise problem


def _warn(observer: RunObserver | None, text: str) -> None:
    if observer is not None:
        observer.log("warning", text)
