"""Functions and objects of the running program as entries that another process can import."""

from __future__ import annotations

import inspect
import pickle
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pfstudio.sdk.runs.errors import EntryNotImportableError

_STUB: Final = "pfstudio_entry"
_PLAIN: Final = {str: "str", int: "int", float: "float", bool: "bool", list: "list", dict: "dict"}


def entry_of(target: Callable[..., Any]) -> tuple[str, Path, Path | None]:
    """`module:name`, the folder to import it from, and that folder again where it was made for this.

    Functions and classes are imported from their own file. Objects are pickled, and what is defined in the main script
    is taken out of it without running it as one.

    Raises:
        EntryNotImportableError: no file defines it at its top level, or the object cannot be pickled.
    """
    if inspect.isfunction(target) or inspect.isclass(target):
        return _of_definition(target)
    return _of_object(target)


def _of_definition(target: Any) -> tuple[str, Path, Path | None]:
    name, module = target.__qualname__, sys.modules.get(target.__module__)
    file = getattr(module, "__file__", None)
    if not name.isidentifier() or file is None or not hasattr(module, name):
        raise EntryNotImportableError(getattr(target, "__name__", str(target)))
    if target.__module__ == "__main__":
        return _of_main(target, Path(file).absolute())
    folder = Path(file).absolute().parent
    depth = target.__module__.count(".") + (1 if Path(file).name == "__init__.py" else 0)
    for _ in range(depth):
        folder = folder.parent
    return f"{target.__module__}:{name}", folder, None


def _of_main(target: Any, script: Path) -> tuple[str, Path, Path | None]:
    folder = Path(tempfile.mkdtemp(prefix="pfstudio-flow-"))
    name = target.__name__
    source = f"""\
from pfstudio.sdk.runs.main_script import load_script
{name} = load_script({str(script)!r}).{name}
{name}.__module__ = __name__
"""
    (folder / f"{_STUB}.py").write_text(source, encoding="utf-8")
    return f"{_STUB}:{name}", folder, folder


def _of_object(target: Any) -> tuple[str, Path, Path | None]:
    module = sys.modules.get(type(target).__module__)
    file = getattr(module, "__file__", None)
    if file is None and type(target).__module__ == "__main__":  # A notebook's, or typed at a prompt.
        raise EntryNotImportableError(type(target).__name__)
    try:
        content = pickle.dumps(target)
    except Exception as error:
        raise EntryNotImportableError(type(target).__name__) from error
    folder = Path(tempfile.mkdtemp(prefix="pfstudio-flow-"))
    (folder / f"{_STUB}.pickle").write_bytes(content)
    script = str(Path(file).absolute()) if type(target).__module__ == "__main__" and file else None
    home = str(Path(file).absolute().parent) if file else None
    (folder / f"{_STUB}.py").write_text(_object_source(target, script, home), encoding="utf-8")
    return f"{_STUB}:Entry", folder, folder


def _object_source(target: Any, script: str | None, home: str | None) -> str:
    """A class without parameters whose instances are the pickled object, with its signature."""
    parameters, arguments = _signature(type(target).__call__)
    is_async = inspect.iscoroutinefunction(type(target).__call__)
    word, wait = ("async def", "await ") if is_async else ("def", "")
    source = f"""\
from pathlib import Path
from pfstudio.sdk.runs.pickled_entry import load_object

class Entry:
    def __init__(self):
        self.target = load_object(Path(__file__).with_name("{_STUB}.pickle"), {script!r}, {home!r})

    {word} __call__(self{parameters}):
        return {wait}self.target({arguments})
"""
    if hasattr(target, "__aggregate__"):
        is_async = inspect.iscoroutinefunction(type(target).__aggregate__)
        word, wait = ("async def", "await ") if is_async else ("def", "")
        source += f"""
    {word} __aggregate__(self, line_results):
        return {wait}self.target.__aggregate__(line_results)
"""
    return source


def _signature(call: Callable[..., Any]) -> tuple[str, str]:
    """The parameters behind `self` as source text, and the arguments that hand them on."""
    parameters, arguments = "", []
    for name, parameter in list(inspect.signature(call, eval_str=False).parameters.items())[1:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        annotation = parameter.annotation
        known = _PLAIN.get(annotation) or (annotation if annotation in _PLAIN.values() else None)
        parameters += f", {name}" + (f": {known}" if known else "")
        if parameter.default is not parameter.empty:
            is_plain = parameter.default is None or type(parameter.default) in _PLAIN
            parameters += f" = {parameter.default!r}" if is_plain else " = None"
        arguments.append(f"{name}={name}")
    return parameters, ", ".join(arguments)
