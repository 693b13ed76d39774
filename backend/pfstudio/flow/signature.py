"""What a tool file offers, read from its source. Nothing of it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pfstudio.flow.errors import MultipleToolsDefined, NoToolDefined, PythonLoadError
from pfstudio.flow.templates import variables_of

_TYPES = {
    "int": "int",
    "float": "double",
    "bool": "bool",
    "str": "string",
    "list": "list",
    "Secret": "secret",
    "PromptTemplate": "prompt_template",
    "FilePath": "file_path",
    "Image": "image",
    "AssistantDefinition": "assistant_definition",
}
_TOOL_MODULES = ("promptflow", "pfstudio")
_ENUM_BASES = frozenset({"Enum", "StrEnum", "IntEnum"})


@dataclass(frozen=True, slots=True)
class SignatureInput:
    """One parameter of a tool. `default` is set where it is written as a plain value."""

    name: str
    type: str
    required: bool = True
    default: Any = None
    enum: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ToolSignature:
    """The tool of a file: its function, parameters (those of its class's constructor first), and line.

    `is_certain`: nothing but `@tool` stands before the function, so it takes what is written.
    """

    function: str
    inputs: Sequence[SignatureInput]
    is_async: bool
    takes_any: bool = False
    line: int = 0
    is_certain: bool = True


_Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_signature(source: bytes, file: str) -> ToolSignature:
    """The signature of the one tool in a Python file.

    Raises:
        PythonLoadError: the source does not parse; with its line.
        NoToolDefined, MultipleToolsDefined: not exactly one tool.
    """
    try:
        module = ast.parse(source, filename=file)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        raise PythonLoadError(file, error, file=file, line=line) from error
    names = _tool_names(module)
    tools = list(_tools(module, names))
    if not tools:
        raise NoToolDefined(file)
    if len(tools) > 1:
        second = tools[1][1]
        raise MultipleToolsDefined([function.name for _, function in tools], file=file, line=second.lineno)
    provider, function = tools[0]
    enums = _enums(module)
    inputs = list(_inputs(function, enums))
    if provider is not None and (init := _constructor(provider)) is not None:
        inputs = [*_inputs(init, enums), *inputs]
    name = function.name if provider is None else f"{provider.name}.{function.name}"
    takes_any = function.args.kwarg is not None
    return ToolSignature(
        name,
        inputs,
        is_async=isinstance(function, ast.AsyncFunctionDef),
        takes_any=takes_any,
        line=function.lineno,
        is_certain=len(function.decorator_list) == 1 and (provider is None or _is_plain(provider)),
    )


def template_variables(text: str, file: str = "") -> list[SignatureInput]:
    """The variables of a Jinja template, as they first stand in it.

    Raises:
        JinjaParsingError: the text is not a template; with its line.
    """
    return [SignatureInput(name, kind) for name, kind in variables_of(text, file)]


def _tool_names(module: ast.Module) -> set[str]:
    """The names under which the file knows the `tool` decorator."""
    names = {"tool"}
    for statement in ast.walk(module):
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] in _TOOL_MODULES:
            names |= {alias.asname for alias in statement.names if alias.name == "tool" and alias.asname}
    return names


def _tools(module: ast.Module, names: set[str]) -> Iterator[tuple[ast.ClassDef | None, _Function]]:
    for statement in module.body:
        if isinstance(statement, _Function) and _is_tool(statement, names):
            yield None, statement
        elif isinstance(statement, ast.ClassDef):
            for member in statement.body:
                if isinstance(member, _Function) and _is_tool(member, names):
                    yield statement, member


def _is_tool(function: _Function, names: set[str]) -> bool:
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Name) and target.id in names:
            return True
        if isinstance(target, ast.Attribute) and target.attr == "tool":
            return True
    return False


def _constructor(provider: ast.ClassDef) -> _Function | None:
    for member in provider.body:
        if isinstance(member, ast.FunctionDef) and member.name == "__init__":
            return member
    return None


def _is_plain(provider: ast.ClassDef) -> bool:
    """Whether all of a class's constructor is seen: it has its own, or inherits the base's empty one."""
    return _constructor(provider) is not None or {_name(base) for base in provider.bases} <= {"ToolProvider"}


def _enums(module: ast.Module) -> dict[str, list[str]]:
    enums = {}
    for statement in module.body:
        if isinstance(statement, ast.ClassDef) and _ENUM_BASES & {_name(base) for base in statement.bases}:
            enums[statement.name] = [
                str(member.value.value)
                for member in statement.body
                if isinstance(member, ast.Assign) and isinstance(member.value, ast.Constant)
            ]
    return enums


def _inputs(function: _Function, enums: dict[str, list[str]]) -> Iterator[SignatureInput]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    pairs = [*zip(positional, [*padding, *arguments.defaults], strict=True)]
    pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for argument, default in pairs:
        if argument.arg in ("self", "cls"):
            continue
        value = _constant(default)
        yield SignatureInput(
            name=argument.arg,
            type=_type(argument.annotation, value, enums),
            required=default is None,
            default=value,
            enum=tuple(enums.get(_name(argument.annotation), ())),
        )


def _constant(default: ast.expr | None) -> Any:
    if default is None:
        return None
    try:
        return ast.literal_eval(default)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _type(annotation: ast.expr | None, default: Any, enums: dict[str, list[str]]) -> str:
    if annotation is None:
        return "object" if default is None else _TYPES.get(type(default).__name__, "object")
    members = _members(annotation)
    names = [_name(member) for member in members]
    if len(names) == 1:
        name = names[0]
        if name in enums:
            return "string"
        if not isinstance(members[0], ast.Subscript) and name in _TYPES:
            return _TYPES[name]
    if names and all(name.endswith("Connection") for name in names):
        return "|".join(names)
    return "object"


def _members(annotation: ast.expr) -> list[ast.expr]:
    """The members of `Union[…]`, `Optional[…]` and `a | b`, without None; else the annotation itself."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return [annotation]
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _members(annotation.left) + _members(annotation.right)
    if isinstance(annotation, ast.Subscript) and _name(annotation.value) in ("Optional", "Union"):
        inner = annotation.slice
        listed = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        return [member for item in listed for member in _members(item)]
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return []
    return [annotation]


def _name(expression: ast.expr | None) -> str:
    if isinstance(expression, ast.Name):
        return expression.id
    if isinstance(expression, ast.Attribute):
        return expression.attr
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return expression.value
    return ""
