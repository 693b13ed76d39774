"""The signature of a flex flow's entry, read from its source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pfstudio.flow.entry_errors import GenerateFlowMetaJsonError
from pfstudio.flow.entry_signature import EntrySignature, Port
from pfstudio.flow.errors import BadFunctionInterface, PythonLoadError
from pfstudio.flow.files import FlowFiles

_TYPES = {
    "int": "int",
    "float": "double",
    "bool": "bool",
    "str": "string",
    "list": "list",
    "dict": "object",
    "Secret": "secret",
    "PromptTemplate": "prompt_template",
    "FilePath": "file_path",
    "Image": "image",
    "AssistantDefinition": "assistant_definition",
}
_ENUMS = frozenset({"Enum", "StrEnum", "IntEnum"})
_COMPLEX = frozenset({"List", "Dict", "Tuple", "Set", "list", "dict", "tuple", "set", "Any", "object", "Literal"})
_NOT_RETURNED = frozenset({"int", "float", "bool", "list", "dict", "tuple", "set", "None", "Any", "object"}) | _COMPLEX
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class EntrySource:
    """The file of an entry and what it says of it. `signature` is None where only running the code would tell."""

    path: str
    line: int
    signature: EntrySignature | None


def module_path(module: str, code: str | None, files: FlowFiles) -> str | None:
    """The file of a module in the flow folder; None where it is none of the flow's."""
    base = module.replace(".", "/")
    prefix = "" if code in (None, ".", "./") else f"{str(code).rstrip('/')}/"
    candidates = (f"{prefix}{base}.py", f"{prefix}{base}/__init__.py")
    return next((path for path in candidates if files.exists(path)), None)


def read_entry(files: FlowFiles, path: str, entry: str) -> EntrySource:
    """What the source says of the entry `module:name` in the file at `path`.

    Raises:
        PythonLoadError: the file does not parse; with its line.
        GenerateFlowMetaJsonError: there is no such entry in it, or it cannot be one.
        BadFunctionInterface: an annotation is of no type that a flow's ports can have.
    """
    try:
        tree = ast.parse(files.read_bytes(path), filename=path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        raise PythonLoadError(path, error, file=path, line=line) from error
    name = entry.partition(":")[2]
    found = _defined(tree, name)
    if found is None:
        raise GenerateFlowMetaJsonError(
            f"Failed to collect flow entry '{entry}' in module '{entry.partition(':')[0]}'.", file=path, line=1
        )
    reader = _SourceReader(tree, path)
    if isinstance(found, _Function):
        return EntrySource(path, found.lineno, reader.signature(found, None))
    if isinstance(found, ast.ClassDef):
        return EntrySource(path, found.lineno, reader.of_class(found))
    return EntrySource(path, found.lineno, None)  # Imported or assigned.


def _defined(tree: ast.Module, name: str) -> ast.stmt | None:
    """The last statement at the top of a module that gives the name a value."""
    found: ast.stmt | None = None
    for statement in _top(tree.body):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and statement.name == name:
            found = statement
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            names = [alias.asname or alias.name for alias in statement.names]
            found = statement if name in names or "*" in names else found
        elif isinstance(statement, ast.Assign):
            targets = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            found = statement if name in targets else found
    return found


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, (ast.If, ast.Try, ast.With)):
            yield from _top(statement.body)
            for other in (getattr(statement, "orelse", []), getattr(statement, "finalbody", [])):
                yield from _top(other)


class _SourceReader:
    def __init__(self, tree: ast.Module, path: str) -> None:
        self._path = path
        self._classes = {item.name: item for item in ast.walk(tree) if isinstance(item, ast.ClassDef)}

    def of_class(self, owner: ast.ClassDef) -> EntrySignature | None:
        call, init = _method(owner, "__call__"), _method(owner, "__init__")
        if call is not None:
            return self.signature(call, init, f"{owner.name}.__call__")
        if owner.bases or owner.decorator_list:
            return None  # It may inherit one.
        raise GenerateFlowMetaJsonError(
            f"Python class entry '{owner.name}' does not have __call__ method.", file=self._path, line=owner.lineno
        )

    def signature(self, function: _Function, init: _Function | None, shown: str | None = None) -> EntrySignature:
        name = shown or function.name
        return EntrySignature(
            inputs=self._inputs(function, name, is_init=False),
            outputs=self._outputs(function, name),
            init=self._inputs(init, name, is_init=True) if init is not None else {},
        )

    def _inputs(self, function: _Function, shown: str, *, is_init: bool) -> dict[str, Port]:
        ports = {}
        for argument, default in _arguments(function):
            if argument.arg == "self":
                continue
            value = _constant(default)
            kind = self._kind(argument.annotation, "input", argument.arg, shown, is_init=is_init)
            if argument.annotation is None:
                kind = _TYPES.get(type(value).__name__, "object") if value is not None else "object"
            ports[argument.arg] = Port(argument.arg, kind, value, default is not None, line=argument.lineno)
        return ports

    def _outputs(self, function: _Function, shown: str) -> dict[str, Port]:
        annotation = _without_none(_parsed(function.returns))
        name = _name(annotation)
        if annotation is None or name in ("", "str"):
            return {}
        if name in _NOT_RETURNED:
            raise BadFunctionInterface(
                f"Parse interface for '{shown.removesuffix('.__call__')}' failed: The return annotation of the entry "
                f"function must be dataclass, TypedDict or string, but got {ast.unparse(annotation)}.",
                file=self._path,
                line=function.lineno,
            )
        owner = self._classes.get(name)
        fields = [item for item in owner.body if isinstance(item, ast.AnnAssign)] if owner is not None else []
        named = {item.target.id: item.annotation for item in fields if isinstance(item.target, ast.Name)}
        return {key: Port(key, self._kind(kind, "output", key, shown, is_init=False)) for key, kind in named.items()}

    def _kind(self, annotation: ast.expr | None, port: str, name: str, shown: str, *, is_init: bool) -> str:
        annotation = _without_none(_parsed(annotation))
        if annotation is None:
            return "object"
        kind = _name(annotation)
        if not isinstance(annotation, ast.Subscript):
            if kind in _TYPES:
                return _TYPES[kind]
            if kind in self._classes and _ENUMS & {_name(base) for base in self._classes[kind].bases}:
                return "string"
            if kind.endswith("Connection") or (is_init and kind.endswith("ModelConfiguration")):
                return kind
        if isinstance(annotation, ast.BinOp) or kind in _COMPLEX | {"Union"} or self._is_plain_class(kind):
            raise BadFunctionInterface(
                f"Parse interface for tool '{shown}' failed: The {port} '{name}' is of a complex python type. "
                "Please use a dict instead.",
                file=self._path,
                line=annotation.lineno,
            )
        return "object"

    def _is_plain_class(self, name: str) -> bool:
        """Whether a name is a class of the same file that is surely no type of a port."""
        owner = self._classes.get(name)
        return owner is not None and not owner.bases


def _method(owner: ast.ClassDef, name: str) -> _Function | None:
    found: Iterator[Any] = (item for item in owner.body if isinstance(item, _Function) and item.name == name)
    return next(found, None)


def _arguments(function: _Function) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    yield from zip(positional, [*padding, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _constant(default: ast.expr | None) -> Any:
    if default is None:
        return None
    try:
        return ast.literal_eval(default)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ast.unparse(default)


def _parsed(annotation: ast.expr | None) -> ast.expr | None:
    """An annotation that is written as text, read."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    return annotation


def _without_none(annotation: ast.expr | None) -> ast.expr | None:
    """`Optional[X]`, `Union[X, None]` and `X | None` as X."""
    if isinstance(annotation, ast.Subscript) and _name(annotation) == "Optional":
        return _parsed(annotation.slice)
    members: list[ast.expr] = []
    if isinstance(annotation, ast.Subscript) and _name(annotation) == "Union":
        members = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    elif isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        members = [annotation.left, annotation.right]
    others = [item for item in members if not (isinstance(item, ast.Constant) and item.value is None)]
    return others[0] if len(others) == 1 else annotation


def _name(expression: ast.expr | None) -> str:
    if isinstance(expression, ast.Name):
        return expression.id
    if isinstance(expression, ast.Attribute):
        return expression.attr
    if isinstance(expression, ast.Subscript):
        return _name(expression.value)
    return "None" if isinstance(expression, ast.Constant) and expression.value is None else ""
