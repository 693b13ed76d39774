"""New tools: one script, or a package that pip installs and every flow then finds."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pfstudio.errors import UserErrorException

_TOOL: Final = """\
{imports}from promptflow.connections import CustomConnection
from promptflow.core import tool


@tool(
    name="{name}",
    description="What {name} does, in one sentence.",
{settings})
def {name}(connection: CustomConnection, input_text: str) -> str:
    # The connection holds addresses and keys, as connection.api_key; a tool that calls nothing needs none.
    return f"Hello {{input_text}}"
"""
_UTILS: Final = '''\
"""Tells flows which tools this package has. Nothing here needs to be changed for a new tool."""


def list_package_tools(raise_error=False):
    """The metadata of each tool, by its id."""
    from promptflow.client import PFClient

    return PFClient().tools._list_tools_in_package("{package}", raise_error=raise_error)
'''
_SETUP: Final = """\
from setuptools import find_packages, setup

setup(
    name="{package}",
    version="0.0.1",
    description="Tools for prompt flows.",
    packages=find_packages(),
    entry_points={{"package_tools": ["{package} = {package}.utils:list_package_tools"]}},
    install_requires=["pfstudio"],
    include_package_data=True,  # What MANIFEST.in names.
)
"""
_README: Final = """\
# {package}

Tools for prompt flows. `pip install -e .` makes them known; `pf tool list` then shows them, and a node uses one with

```yaml
source:
  type: package
  tool: {package}.{name}.{name}
```

`pf tool validate --source {package}` checks them.
"""
_SETTINGS: Final = ("icon", "category", "tags")


def new_tool(name: str, package: str | None, settings: Mapping[str, str], root: Path) -> tuple[Path, Iterator[str]]:
    """The tool's folder, and a line for each file as it is written.

    Raises:
        UserErrorException: a name is no identifier, or the icon is not there.
    """
    for kind, given in (("tool", name), ("package", package)):
        if given is not None and not given.isidentifier():
            raise UserErrorException(f"The {kind} name {given} is a invalid identifier.")
    icon = Path(settings["icon"]) if "icon" in settings else None
    if icon is not None and not icon.is_file():
        raise UserErrorException(f"Cannot find the icon path {icon.as_posix()}.")
    tags = _tags(settings["tags"]) if "tags" in settings else None
    folder = root if package is None else root / package / package
    return folder, _write_all(_files(name, package, settings, icon=icon, tags=tags, root=root))


def unknown_settings(settings: Mapping[str, str]) -> list[str]:
    return [key for key in settings if key not in _SETTINGS]


def _files(
    name: str, package: str | None, settings: Mapping[str, str], *, icon: Path | None, tags: Any, root: Path
) -> Iterator[tuple[Path, str | Path]]:
    lines = []
    if icon is not None:
        shown = f'"{icon.as_posix()}"' if package is None else f'Path(__file__).parent.parent / "icons" / "{icon.name}"'
        lines.append(f"    icon={shown},\n")
    if "category" in settings:
        lines.append(f"    category={settings['category']!r},\n")
    if tags is not None:
        lines.append(f"    tags={tags!r},\n")
    imports = "from pathlib import Path\n\n" if icon is not None and package is not None else ""
    code = _TOOL.format(name=name, settings="".join(lines), imports=imports)
    if package is None:
        yield root / f"{name}.py", code
        return
    top = root / package
    yield top / "setup.py", _SETUP.format(package=package)
    yield top / "MANIFEST.in", f"include {package}/icons/*\n" if icon is None else "include icons/*\n"
    yield top / "README.md", _README.format(package=package, name=name)
    yield top / package / "__init__.py", ""
    yield top / package / "utils.py", _UTILS.format(package=package)
    yield top / package / f"{name}.py", code
    if icon is not None:
        yield top / "icons" / icon.name, icon


def _write_all(files: Iterator[tuple[Path, str | Path]]) -> Iterator[str]:
    for path, content in files:
        yield f"{'Overwriting' if path.exists() else 'Creating'} {path.resolve()}..."
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, path)
        else:
            path.write_text(content, encoding="utf-8")


def _tags(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise UserErrorException(f"The tags {text} are no mapping, such as {{'group': 'mine'}}.") from None
