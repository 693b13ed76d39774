"""`PFClient.tools`."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.errors import UserErrorException
from pfstudio.flow.loader import load_flow
from pfstudio.flow.spec import Node
from pfstudio.sdk.tool_metadata import DescribedTool, constructor_inputs, describe_tool, tools_of_module
from pfstudio.tools.decorator import is_tool


@dataclass(frozen=True)
class ToolValidation:
    """What `validate` found. `repr()` is JSON, as `pf tool validate` prints it."""

    tools: tuple[DescribedTool, ...]

    @property
    def passed(self) -> bool:
        return not any(tool.problems for tool in self.tools)

    @property
    def error_messages(self) -> dict[str, str]:
        return {tool.name: "\n".join(tool.problems) for tool in self.tools if tool.problems}

    def to_dict(self) -> dict[str, Any]:
        errors = [
            {"message": problem, "function_name": tool.name, "location": tool.location}
            for tool in self.tools
            for problem in tool.problems
        ]
        result: dict[str, Any] = {"result": "Succeeded" if self.passed else "Failed"}
        result |= {"total_count": len(self.tools), "invalid_count": sum(1 for tool in self.tools if tool.problems)}
        return {**result, "errors": errors} if errors else result

    def __repr__(self) -> str:
        import json

        return json.dumps(self.to_dict(), indent=2)


class ToolOperations:
    """Tools of packages and of flows."""

    def list(self, flow: str | Path | None = None) -> dict[str, Any]:
        """`package`: what installed packages offer, by id; `code`: what a flow's own files hold. No flow code runs."""
        return {"package": _package_tools(), "code": {} if flow is None else _code_tools(Path(flow))}

    def validate(self, source: str | Callable[..., Any], *, raise_error: bool = False, **_: Any) -> ToolValidation:
        """Check a function, a file, a module or a package: it is imported, and each of its tools described.

        Raises:
            UserErrorException: there is no such tool; with `raise_error`, also where one is wrong.
        """
        result = ToolValidation(tuple(_described(source)))
        if raise_error and not result.passed:
            raise UserErrorException(repr(result))
        return result

    def _list_tools_in_package(self, package_name: str, raise_error: bool = False) -> dict[str, Any]:
        """The metadata by tool id; the `utils.py` of a tool package calls it under this name."""
        try:
            tools = _tools_of_package(importlib.import_module(package_name))
        except ImportError as error:
            raise UserErrorException(f"Cannot find the package {package_name}, {error}.") from error
        result = ToolValidation(tuple(tools))
        if raise_error and not result.passed:
            raise UserErrorException(repr(result))
        return {f"{tool.metadata['module']}.{tool.name}": tool.metadata for tool in tools if not tool.problems}


def _described(source: str | Callable[..., Any]) -> list[DescribedTool]:
    if callable(source):
        return [describe_tool(source)]
    path = Path(source)
    if path.suffix == ".py":
        if not path.is_file():
            raise UserErrorException(f"There is no tool file '{source}'.")
        return tools_of_module(_module_of_file(path))
    module, rest = _import_as_far_as_possible(source)
    if module is None:
        raise UserErrorException("Invalid source to validate tools.")
    if not rest:
        tools = _tools_of_package(module)
        if not tools:
            raise UserErrorException(f"Invalid package tool. There is no tool in '{source}'.")
        return tools
    function = getattr(module, rest, None)
    if function is None or not is_tool(function):
        raise UserErrorException(f"Invalid source to validate tools. There is no tool '{rest}' in '{module.__name__}'.")
    return [describe_tool(function)]


def _import_as_far_as_possible(source: str) -> tuple[Any, str]:
    """The module a dotted name means and the last word, where that is not a module."""
    parent, _, last = source.rpartition(".")
    for name, rest in ((source, ""), (parent, last)):
        try:
            return importlib.import_module(name), rest
        except ModuleNotFoundError as error:
            # What the module itself lacks is told below; only a name that leads nowhere is tried shorter.
            if error.name is None or not source.startswith(error.name):
                raise UserErrorException(f"'{name}' cannot be imported: {error}.") from error
        except ValueError:
            return None, ""
        except Exception as error:
            raise UserErrorException(f"'{name}' cannot be imported: {error}.") from error
    return None, ""


def _tools_of_package(module: Any) -> list[DescribedTool]:
    tools = tools_of_module(module)
    for info in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        tools += tools_of_module(importlib.import_module(info.name))
    return tools


def _module_of_file(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path.resolve())
    if spec is None or spec.loader is None:
        raise UserErrorException(f"'{path}' is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UserErrorException(f"'{path}' cannot be imported: ({type(error).__name__}) {error}") from error
    finally:
        sys.path.pop(0)
    return module


def _package_tools() -> dict[str, Any]:
    from pfstudio.tools.registry import package_tools

    return {name: _with_inputs(name, meta) for name, meta in package_tools().items()}


def _with_inputs(name: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata as its package gives it; tools of ours say nothing about their inputs, so those are read here."""
    if "inputs" in meta:
        return dict(meta)
    module, _, function = name.rpartition(".")
    try:
        owner: Any = importlib.import_module(str(meta["module"]))
        before: dict[str, Any] = {}
        if meta.get("class_name"):
            owner = getattr(owner, str(meta["class_name"]))
            before = constructor_inputs(owner)
        described = describe_tool(getattr(owner, str(meta["function"])))
        described.metadata["inputs"] = {**before, **described.metadata["inputs"]}
    except Exception:  # A package whose module cannot be imported still has its name.
        return dict(meta)
    return {**described.metadata, **meta, "module": module, "function": function}


def _code_tools(path: Path) -> dict[str, Any]:
    flow = load_flow(path)
    folder = path if path.is_dir() else path.parent
    found: dict[str, Any] = {}
    for node in flow.nodes:
        if node.source is not None and node.source.path and node.source.type == "code":
            found[node.source.path] = _code_tool(node, folder)
    return found


def _code_tool(node: Node, folder: Path) -> dict[str, Any]:
    from pfstudio.flow.signature import python_signature, template_variables

    assert node.source is not None  # noqa: S101 - the caller looked.
    path = str(node.source.path)
    try:
        content = (folder / path).read_bytes()
    except OSError as error:
        raise UserErrorException(
            f"The file '{path}' of node '{node.name}' cannot be read: {error.strerror}."
        ) from error
    if node.type == "python":
        signature = python_signature(content, path)
        inputs = {
            item.name: {
                "type": item.type.split("|"),
                **({} if item.default is None else {"default": str(item.default)}),
                **({"enum": list(item.enum)} if item.enum else {}),
            }
            for item in signature.inputs
        }
        described = {"type": "python", "inputs": inputs, "description": _docstring(content, signature.function)}
        function = signature.function.rpartition(".")[2]
        shown = {key: value for key, value in described.items() if value is not None}
        return {**shown, "source": path, "function": function}
    text = content.decode("utf-8-sig", errors="replace")
    inputs = {item.name: {"type": [item.type]} for item in template_variables(text, path)}
    return {"type": node.type, "inputs": inputs, "source": path}


def _docstring(content: bytes, function: str) -> str | None:
    import ast

    name = function.rpartition(".")[2]
    for statement in ast.walk(ast.parse(content)):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
            return ast.get_docstring(statement)
    return None
