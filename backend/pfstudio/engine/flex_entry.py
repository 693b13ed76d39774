"""The entry of a flex flow: its module is imported, its function found or its class made into an object."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pfstudio.connections.types import Connection
from pfstudio.engine.failures import user_place
from pfstudio.engine.flex_errors import (
    FlowEntryInitializationError,
    InvalidAggregationFunction,
    InvalidModelConfigValueType,
)
from pfstudio.engine.flex_signature import infer_signature, parameters_with_types, without_none
from pfstudio.engine.ports import ConnectionSource
from pfstudio.flow.entry_errors import GenerateFlowMetaJsonError
from pfstudio.flow.entry_signature import EntrySignature
from pfstudio.flow.errors import PythonParsingError
from pfstudio.flow.flex import FlexFlow
from pfstudio.tools.decorator import original_function
from pfstudio.tools.model_configuration import MODEL_CONFIGURATIONS, ModelConfiguration
from pfstudio.tools.parameters import connection_name

Entry = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class ReadyEntry:
    """Something to call for each line. `name` is what messages call it; `aggregate` is the object's `__aggregate__`."""

    name: str
    call: Entry
    parameters: frozenset[str]
    is_async: bool
    aggregate: ReadyEntry | None = None
    place: tuple[str | None, int | None] = (None, None)


def import_entry(flow: FlexFlow, folder: Path) -> Entry:
    """The function or class that a flow names. Runs users' modules: call it inside the flow's workspace.

    Raises:
        GenerateFlowMetaJsonError: the module does not load or has no such entry; with the place.
    """
    where = {"file": flow.flow.file, "line": flow.entry_line or None}
    with _own_module_first(flow.module, folder):
        try:
            module = importlib.import_module(flow.module)
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # A module may also call sys.exit().
            file, line = user_place(error, folder)
            if isinstance(error, SyntaxError) and str(error.filename).startswith(str(folder)):
                file, line = os.path.relpath(str(error.filename), folder), error.lineno
            place = {"file": file, "line": line} if file is not None else where
            raise GenerateFlowMetaJsonError(_load_problem(flow, folder, error), **place) from error
    entry = getattr(module, flow.attribute, None)
    if not (inspect.isclass(entry) or inspect.isfunction(entry)):
        raise GenerateFlowMetaJsonError(
            f"Failed to collect flow entry '{flow.entry}' in module '{flow.module}'.", **where
        )
    return entry


def signature_of(entry: Entry, **where: Any) -> EntrySignature:
    """The ports of an entry.

    Raises:
        GenerateFlowMetaJsonError: they cannot be understood, or it is a class whose objects cannot be called.
    """
    if isinstance(entry, type) and not callable_class(entry):
        raise GenerateFlowMetaJsonError(
            f"Python class entry '{entry.__name__}' does not have __call__ method.", **where
        )
    try:
        return infer_signature(entry)
    except PythonParsingError as error:
        raise GenerateFlowMetaJsonError(error.message, **where) from error


def callable_class(entry: type) -> bool:
    """Whether objects of a class can be called."""
    return any("__call__" in vars(base) for base in entry.__mro__)


def ready_entry(entry: Any, init: Mapping[str, Any], connections: ConnectionSource, folder: Path) -> ReadyEntry:
    """The entry ready to be called; of a class, an object is made with `init`. Runs users' code.

    Raises:
        FlowEntryInitializationError: the object cannot be made.
        InvalidAggregationFunction: its `__aggregate__` takes more or less than the lines' outputs.
    """
    if inspect.isfunction(entry):
        return _ready(entry, entry.__qualname__, None, folder)
    target = entry
    if isinstance(entry, type):
        try:
            target = entry(**_init_values(entry, init, connections))
        except Exception as error:
            file, line = user_place(error, folder)
            raise FlowEntryInitializationError(init, error, file=file, line=line) from error
    call = target.__call__
    return _ready(call, call.__qualname__, _aggregate_of(target, folder), folder)


def _ready(call: Entry, name: str, aggregate: ReadyEntry | None, folder: Path) -> ReadyEntry:
    inner = original_function(call)
    inner = getattr(inner, "__func__", inner)
    is_async = inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner)
    names = frozenset(name for name, _, _ in parameters_with_types(call))
    return ReadyEntry(name, call, names, is_async, aggregate, _place_of(inner, folder))


def _place_of(function: Entry, folder: Path) -> tuple[str | None, int | None]:
    code = getattr(function, "__code__", None)
    if code is None or not code.co_filename.startswith(str(folder) + os.sep):
        return None, None
    return os.path.relpath(code.co_filename, folder).replace("\\", "/"), code.co_firstlineno


def _aggregate_of(target: Any, folder: Path) -> ReadyEntry | None:
    aggregate: Entry | None = getattr(target, "__aggregate__", None)
    if aggregate is None:
        return None
    ready = _ready(aggregate, "__aggregate__", None, folder)
    if len(inspect.signature(aggregate).parameters) != 1:
        raise InvalidAggregationFunction(file=ready.place[0], line=ready.place[1])
    return ready


def _init_values(owner: type, init: Mapping[str, Any], connections: ConnectionSource) -> dict[str, Any]:
    """The constructor's arguments: connections given by name are fetched, model configurations are built."""
    values = dict(init)
    if owner.__init__ is object.__init__:  # type: ignore[misc]
        return values
    for name, _, annotation in parameters_with_types(owner.__init__):  # type: ignore[misc]
        if name in values:
            values[name] = _init_value(without_none(annotation), values[name], connections)
    return values


def _init_value(wanted: Any, value: Any, connections: ConnectionSource) -> Any:
    kind = getattr(wanted, "__name__", "")
    if isinstance(wanted, type) and kind in MODEL_CONFIGURATIONS:
        return _model_configuration(wanted, value, connections)
    if connection_name(wanted) is None or not isinstance(value, str):
        return value
    connection: Any = connections.get(value)
    if not isinstance(connection, wanted) and hasattr(connection, "convert_to"):
        return connection.convert_to(wanted)
    return connection


def _model_configuration(wanted: type, value: Any, connections: ConnectionSource) -> Any:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = json.loads(value)  # As it comes from the command line.
    if isinstance(value, Mapping):
        value = wanted(**value)
    if not isinstance(value, (wanted, MODEL_CONFIGURATIONS[wanted.__name__])):
        raise InvalidModelConfigValueType(wanted, value)
    return with_connection_resolved(value, connections)


def with_connection_resolved(configuration: Any, connections: ConnectionSource) -> Any:
    """The configuration with address and key of the connection it names, if it names one."""
    name = configuration.connection
    if not name:
        return configuration
    connection = name if isinstance(name, Connection) else connections.get(name)
    builder: Any = type(configuration).from_connection
    if isinstance(configuration, ModelConfiguration) and hasattr(configuration, "azure_deployment"):
        return builder(connection, azure_deployment=configuration.azure_deployment)
    return builder(connection, model=configuration.model)


def _load_problem(flow: FlexFlow, folder: Path, error: BaseException) -> str:
    said = f"({type(error).__name__}) {error}"
    file = folder / f"{flow.module.replace('.', '/')}.py"
    if file.is_file():
        return f"Failed to load python module from file '{file.as_posix()}': {said}"
    return f"Failed to load python module '{flow.module}' from entry '{flow.entry}': {said}"


@contextmanager
def _own_module_first(module: str, folder: Path) -> Iterator[None]:
    """While the block runs, a module of the flow wins over one of the same name that is loaded already."""
    top = module.partition(".")[0]
    loaded = sys.modules.get(top)
    own = (folder / f"{top}.py").is_file() or (folder / top).is_dir()
    if loaded is None or not own or _is_below(loaded, folder):
        yield
        return
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name == top or name.startswith(f"{top}.")}
    try:
        yield
    finally:
        for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
            del sys.modules[name]
        sys.modules.update(hidden)


def _is_below(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)
    return isinstance(file, str) and file.startswith(str(folder) + os.sep)
