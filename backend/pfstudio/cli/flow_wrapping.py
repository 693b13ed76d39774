"""A flow around a function that exists: a tool that calls it, prompts for some of its parameters, inputs for the rest.

The user's file is read, not run.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pfstudio.errors import UserErrorException

_SIMPLE: Final = {"str": "string", "int": "int", "float": "double", "bool": "bool", "list": "list", "dict": "object"}
GITIGNORE: Final = ".env\n__pycache__/\n.promptflow/\n.runs/\n"
REQUIREMENTS: Final = "# Packages that this flow's own code needs, one a line.\n"
_TOOL: Final = """\
{imports}from promptflow.core import tool

from {module} import {function}


@tool
{keyword} {function}_tool({parameters}):
{before}    return {call}
"""
_SET_ENVIRONMENT: Final = """\
    # The function reads its keys from the environment.
    os.environ.update({{**connection.configs, **connection.secrets}})
"""


@dataclass(frozen=True)
class _Parameter:
    name: str
    annotation: str | None
    default: ast.expr | None

    @property
    def flow_type(self) -> str:
        if self.annotation:
            return _SIMPLE[self.annotation]
        value = self.default.value if isinstance(self.default, ast.Constant) else None
        return _SIMPLE.get(type(value).__name__, "string")

    @property
    def text(self) -> str:
        typed = f"{self.name}: {self.annotation}" if self.annotation else self.name
        if self.default is None:
            return typed
        return f"{typed}{' = ' if self.annotation else '='}{ast.unparse(self.default)}"


def wrapped_flow(
    folder: Path, *, entry: str, function: str, templates: Mapping[str, str], connection: str | None = None
) -> dict[str, str]:
    """The files of the new flow, by name.

    Raises:
        UserErrorException: there is no such file, function, template or parameter.
    """
    found = _function(folder, entry, function)
    parameters = _parameters(found)
    names = [parameter.name for parameter in parameters]
    for name in templates:
        if name not in names:
            raise UserErrorException(f"The function '{function}' has no parameter '{name}'; it has {names}.")
    variables = {name: _variables(folder, path) for name, path in templates.items()}
    return {
        f"{function}_tool.py": _tool_code(found, entry, parameters, connection=connection),
        "flow.dag.yaml": _yaml(function, parameters, templates, variables, connection=connection),
        "requirements.txt": REQUIREMENTS,
        ".gitignore": GITIGNORE,
    }


def _function(folder: Path, entry: str, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    path = folder / entry
    if path.suffix != ".py" or not path.is_file():
        raise UserErrorException(f"There is no Python file '{entry}' in '{folder}'.")
    try:
        module = ast.parse(path.read_bytes(), filename=entry)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        raise UserErrorException(f"'{entry}' is not valid Python: {error}", file=entry, line=line) from error
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
            return statement
    raise UserErrorException(f"There is no function '{name}' in '{entry}'.", file=entry, line=1)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[_Parameter]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    pairs = [
        *zip(positional, [*padding, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return [_Parameter(argument.arg, _annotation(argument), _literal(default)) for argument, default in pairs]


def _annotation(argument: ast.arg) -> str | None:
    """Only the built-in types: other names would have to be imported, too."""
    name = argument.annotation.id if isinstance(argument.annotation, ast.Name) else None
    return name if name in _SIMPLE else None


def _literal(default: ast.expr | None) -> ast.expr | None:
    """The default where it stands for itself; one that names something stays with the function."""
    if default is None:
        return None
    try:
        ast.literal_eval(default)
    except (ValueError, TypeError):
        return ast.Constant(None)
    return default


def _variables(folder: Path, path: str) -> list[str]:
    from pfstudio.flow.signature import template_variables

    try:
        text = (folder / path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserErrorException(f"The template '{path}' cannot be read in '{folder}'.") from error
    return [item.name for item in template_variables(text, path)]


def _tool_code(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    entry: str,
    parameters: Sequence[_Parameter],
    *,
    connection: str | None,
) -> str:
    is_async = isinstance(function, ast.AsyncFunctionDef)
    texts = [parameter.text for parameter in parameters]
    if connection:
        # A parameter without default cannot stand behind one with.
        texts.insert(0, "connection: CustomConnection")
    call = f"{function.name}({', '.join(f'{item.name}={item.name}' for item in parameters)})"
    return _TOOL.format(
        imports="import os\n\nfrom promptflow.connections import CustomConnection\n" if connection else "",
        module=entry.removesuffix(".py").replace("/", ".").replace("\\", "."),
        function=function.name,
        keyword="async def" if is_async else "def",
        parameters=", ".join(texts),
        before=_SET_ENVIRONMENT.format() if connection else "",
        call=f"await {call}" if is_async else call,
    )


def _yaml(
    function: str,
    parameters: Sequence[_Parameter],
    templates: Mapping[str, str],
    variables: Mapping[str, Sequence[str]],
    *,
    connection: str | None,
) -> str:
    inputs = [(item.name, item.flow_type, item.default) for item in parameters if item.name not in templates]
    known = {name for name, _, _ in inputs}
    for names in variables.values():
        inputs += [(name, "string", None) for name in names if name not in known]
        known |= set(names)
    lines = ["inputs:" if inputs else "inputs: {}"]
    for name, kind, default in inputs:
        lines += [f"  {name}:", f"    type: {kind}"]
        value = None if default is None else ast.literal_eval(default)
        if value is not None:
            lines.append(f"    default: {json.dumps(value, ensure_ascii=False, default=str)}")
    lines += ["outputs:", "  output:", "    type: string", f"    reference: ${{{function}.output}}", "nodes:"]
    for name, path in templates.items():
        lines += _node(name, "prompt", path, {variable: f"${{inputs.{variable}}}" for variable in variables[name]})
    given: dict[str, Any] = {"connection": connection} if connection else {}
    for item in parameters:
        given[item.name] = f"${{{item.name}.output}}" if item.name in templates else f"${{inputs.{item.name}}}"
    lines += _node(function, "python", f"{function}_tool.py", given)
    return "\n".join(lines) + "\n"


def _node(name: str, kind: str, path: str, inputs: Mapping[str, str]) -> list[str]:
    head = [f"- name: {name}", f"  type: {kind}", "  source:", "    type: code", f"    path: {path}"]
    return [*head, "  inputs:" if inputs else "  inputs: {}", *(f"    {key}: {value}" for key, value in inputs.items())]
