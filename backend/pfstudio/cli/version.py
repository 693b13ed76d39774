"""Which pfstudio this is, and who answers `import promptflow`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from pfstudio import __version__
from pfstudio.cli.output import write


def versions() -> dict[str, str]:
    """Versions by distribution; `promptflow` only where the original is installed."""
    found = {"pfstudio": __version__}
    folder = promptflow_folder()
    if folder is not None and not is_ours(folder):
        found["promptflow"] = _installed_version("promptflow")
    return found


def promptflow_folder() -> Path | None:
    """The folder that answers `import promptflow`, without importing it."""
    for entry in sys.path:
        folder = Path(entry or ".", "promptflow")
        if (folder / "__init__.py").is_file():
            return folder.resolve()
    return None


def is_ours(folder: Path) -> bool:
    """Whether the names under this folder are re-exports of pfstudio."""
    return (folder / "_pfstudio.py").is_file()


def who_answers() -> str:
    """One sentence about `import promptflow`."""
    folder = promptflow_folder()
    if folder is None:
        return "Nothing answers `import promptflow`"
    owner = f"pfstudio {__version__}" if is_ours(folder) else f"promptflow {_installed_version('promptflow')}"
    return f"`import promptflow` is answered by {owner} ({folder})"


def print_version() -> None:
    """The long text of `pf --version`."""
    write_versions(versions())
    write("")
    write(f"Executable '{sys.executable}'")
    write(f"Python ({_system()}) {sys.version}")
    write(who_answers())


def write_versions(found: dict[str, Any]) -> None:
    import json

    write(json.dumps(found, indent=2))


def _system() -> str:
    return {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}.get(sys.platform, sys.platform)


def _installed_version(distribution: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"
