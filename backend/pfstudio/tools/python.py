"""Python nodes: a file is run as a fresh module, and the one tool in it is found."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pfstudio.flow.errors import InvalidSource, MultipleToolsDefined, NoToolDefined, PythonLoadError
from pfstudio.tools.decorator import called_function, is_tool, original_function, streaming_option
from pfstudio.tools.errors import InputTypeMismatch, MissingRequiredInputs, ToolLoadError
from pfstudio.tools.parameters import ToolParameter, parameters_of

MODULE_NAME = "__pf_main__"


@dataclass(frozen=True, slots=True)
class LoadedTool:
    """A tool that can be called with keywords.

    `provider` is the class of a tool with state, to be built before (`build`); `function` then is unbound.
    """

    name: str
    function: Callable[..., Any]
    parameters: Mapping[str, ToolParameter]
    takes_any: bool
    is_async: bool
    file: str | None = None
    provider: type | None = None
    init_parameters: Mapping[str, ToolParameter] = field(default_factory=dict)
    streaming_option: str | None = None

    def build(self, init: Mapping[str, Any]) -> Callable[..., Any]:
        """The callable: the function itself, or the method of a new provider."""
        if self.provider is None:
            return self.function
        missing = [name for name, p in self.init_parameters.items() if p.required and name not in init]
        if missing:
            raise MissingRequiredInputs(self.name, missing)
        try:
            instance = self.provider(**init)
        except Exception as error:
            raise ToolLoadError(self.name, error, file=self.file) from error
        return types.MethodType(self.function, instance)

    def refuse_reference(self, name: str, reference: str) -> InputTypeMismatch:
        """The error for a constructor input that is not a literal."""
        return InputTypeMismatch(self.name, name, reference)


def load_python_tool(folder: Path, path: str | None, node: str, *, file: str, line: int | None) -> LoadedTool:
    """The tool of a file in the flow folder; its module runs now. `file` and `line` say where the flow names it.

    Raises:
        InvalidSource: there is no such file.
        PythonLoadError: it does not load; with file and line of the user's code.
        NoToolDefined, MultipleToolsDefined: not exactly one tool is defined in it.
    """
    if not path or not (source := folder / path).is_file():
        raise InvalidSource(node, path, file=file, line=line)
    module = _run_module(source, path)
    return find_tool(module, path)


def find_tool(module: types.ModuleType, path: str) -> LoadedTool:
    """The one tool that a module defines; what it imports does not count."""
    functions: list[Callable[..., Any]] = []
    methods: list[tuple[type, Callable[..., Any]]] = []
    for value in vars(module).values():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if isinstance(value, type) and any(base.__name__ == "ToolProvider" for base in value.__mro__):
            methods += [(value, member) for member in vars(value).values() if is_tool(member)]
        elif is_tool(value) and value not in functions:
            functions.append(value)
    if len(functions) + len(methods) > 1:
        found = functions + [method for _, method in methods]
        line = defined_at(original_function(found[1]))
        raise MultipleToolsDefined([function.__name__ for function in found], file=path, line=line)
    if functions:
        return function_tool(functions[0], path)
    if methods:
        return provider_tool(*methods[0], path)
    raise NoToolDefined(path)


def defined_at(function: Callable[..., Any]) -> int | None:
    """The line a function begins at."""
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if isinstance(code, types.CodeType) else None


def function_tool(marked: Callable[..., Any], file: str | None) -> LoadedTool:
    """A plain function as a tool."""
    function, called = original_function(marked), called_function(marked)
    parameters, takes_any = parameters_of(function)
    return LoadedTool(
        name=function.__name__,
        function=called,
        parameters=parameters,
        takes_any=takes_any,
        is_async=_is_async(called),
        file=file,
        streaming_option=streaming_option(marked),
    )


def provider_tool(provider: type, marked: Callable[..., Any], file: str | None) -> LoadedTool:
    """A method of a `ToolProvider` as a tool."""
    function, called = original_function(marked), called_function(marked)
    parameters, takes_any = parameters_of(function)
    init_parameters, _ = parameters_of(provider.__init__)  # type: ignore[misc]
    return LoadedTool(
        name=f"{provider.__name__}.{function.__name__}",
        function=called,
        parameters=parameters,
        takes_any=takes_any,
        is_async=_is_async(called),
        file=file,
        provider=provider,
        init_parameters=init_parameters,
        streaming_option=streaming_option(marked),
    )


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _run_module(source: Path, path: str) -> types.ModuleType:
    module = types.ModuleType(MODULE_NAME)
    module.__file__ = str(source)
    try:
        code = compile(source.read_bytes(), str(source), "exec", dont_inherit=True)
        with _known_as_main(module):
            exec(code, module.__dict__)  # noqa: S102 - running users' tools is the purpose.
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # A tool file may also call sys.exit().
        raise PythonLoadError(str(source), error, **_place(error, source, path)) from error
    return module


@contextmanager
def _known_as_main(module: types.ModuleType) -> Iterator[None]:
    # Dataclasses and typing look their module up by name while its classes are made.
    before = sys.modules.get(MODULE_NAME)
    sys.modules[MODULE_NAME] = module
    try:
        yield
    finally:
        if before is None:
            sys.modules.pop(MODULE_NAME, None)
        else:
            sys.modules[MODULE_NAME] = before


def _place(error: BaseException, source: Path, path: str) -> dict[str, Any]:
    """Where in the user's code it went wrong; an error inside an imported helper is shown at the import."""
    if isinstance(error, SyntaxError) and error.filename == str(source):
        return {"file": path, "line": error.lineno}
    line = None
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == str(source):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return {"file": path, "line": line}
