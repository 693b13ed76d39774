"""Which inputs an entry takes, found without running the user's code in this process."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from pfstudio.errors import UserErrorException
from pfstudio.flow.spec import InputDefinition

_SECONDS: Final = 60.0
_ASK: Final = """\
import json, sys
from pathlib import Path
from pfstudio.engine.loading import load_executor
from pfstudio.errors import PromptflowException
class Nothing:
    def get(self, name): raise LookupError(name)
out, sys.stdout = sys.stdout, sys.stderr
try:
    with load_executor(Path(sys.argv[1]), connections=Nothing(), init=json.loads(sys.argv[2])) as executor:
        inputs = executor.flow.inputs
        answer = {"inputs": {name: [item.type, item.has_default] for name, item in inputs.items()}}
except PromptflowException as error:
    answer = {"error": error.message}
out.write("\\n" + json.dumps(answer))
"""


class EntryUnreadableError(UserErrorException):
    def __init__(self, entry: str, detail: str) -> None:
        super().__init__(f"The inputs of the entry '{entry}' could not be found out: {detail}")


def entry_inputs(file: Path, entry: str, code: Path, init: object) -> dict[str, InputDefinition]:
    """The inputs by name: read from the source where it is plain, else asked of a process that imports it.

    Raises:
        EntryUnreadableError: it cannot be imported.
    """
    found = _of_source(entry, code)
    if found is None:
        found = _of_process(file, entry, init)
    return {
        name: InputDefinition(name=name, type=kind, has_default=has_default)
        for name, (kind, has_default) in found.items()
    }


def _of_source(entry: str, code: Path) -> dict[str, tuple[str, bool]] | None:
    module, _, name = entry.partition(":")
    path = code.joinpath(*module.split("."))
    file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return _parameters(node, skip=0)
        if isinstance(node, ast.ClassDef) and node.name == name:
            for member in node.body:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef) and member.name == "__call__":
                    return _parameters(member, skip=1)
    return None


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, *, skip: int) -> dict[str, tuple[str, bool]] | None:
    if not all(_is_harmless(item) for item in node.decorator_list):
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    first_default = len(positional) - len(node.args.defaults)
    found = {argument.arg: ("object", at >= first_default) for at, argument in enumerate(positional) if at >= skip}
    for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        found[argument.arg] = ("object", default is not None)
    return found


def _is_harmless(decorator: ast.expr) -> bool:
    """Whether a decorator is one that keeps the signature: `@trace`, `@tool`."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return name in ("trace", "tool")


def _of_process(file: Path, entry: str, init: object) -> dict[str, tuple[str, bool]]:
    try:
        ended = subprocess.run(  # noqa: S603 - this interpreter, with our own words.
            [sys.executable, "-c", _ASK, str(file), json.dumps(init or {})],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EntryUnreadableError(entry, str(error)) from error
    try:
        answer = json.loads(ended.stdout.rpartition("\n")[2])
    except ValueError:
        lines = ended.stderr.strip().splitlines()
        raise EntryUnreadableError(entry, lines[-1] if lines else f"exit code {ended.returncode}") from None
    if "error" in answer:
        raise UserErrorException(answer["error"])
    return {name: (kind, has_default) for name, (kind, has_default) in answer["inputs"].items()}
