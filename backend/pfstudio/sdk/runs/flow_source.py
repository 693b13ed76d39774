"""What is run: a folder, a file, `module:entry`, or something callable, all as one flow file in the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.errors import UserErrorException
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.flex import is_entry
from pfstudio.flow.kinds import FlowKind, flow_kind
from pfstudio.flow.loader import find_flow_file
from pfstudio.sdk.runs.errors import RunArgumentError


@dataclass(frozen=True, slots=True)
class FlowSource:
    """`file` is what is loaded, `folder` where the user's code is, `shown` the path that the run records.

    `entry` is set where the file was made here, in `made`, a temporary folder.
    """

    file: Path
    folder: Path
    kind: FlowKind
    name: str
    shown: Path
    entry: str | None = None
    made: Path | None = None

    def close(self) -> None:
        """Remove what was made for the run."""
        if self.made is not None:
            import shutil

            shutil.rmtree(self.made, ignore_errors=True)


def find_flow(flow: Any, code: str | Path | None = None) -> FlowSource:
    """The flow that was meant. Files that are needed are made in a temporary folder, never in the user's.

    Raises:
        UserErrorException: there is no such flow.
        EntryNotImportableError: a function that no other process can import.
    """
    if flow is None or flow == "":
        raise RunArgumentError("'flow' is required to create a run.")
    if not isinstance(flow, str | Path):
        path = getattr(flow, "path", None)
        if isinstance(path, str | Path) and Path(path).exists():  # A loaded flow, or a prompty.
            return find_flow(path)
        if not callable(flow):
            raise UserErrorException(f"Flow path {flow} does not exist and it's not a valid entry point.")
        from pfstudio.sdk.runs.callables import entry_of

        return _made_flow(*entry_of(flow))
    path = Path(flow).expanduser().absolute()
    if path.exists():
        return _of_path(path.resolve())
    if is_entry(str(flow)):
        return _made_flow(str(flow), Path(code or ".").absolute().resolve(), None)
    raise UserErrorException(f"Flow path {flow} does not exist and it's not a valid entry point.")


def _of_path(path: Path) -> FlowSource:
    file = find_flow_file(path)
    kind = flow_kind(FolderFiles(file.parent), file.name)
    name = file.stem if kind == "prompty" else file.parent.name
    return FlowSource(file, file.parent, kind, name, shown=path)


def _made_flow(entry: str, code: Path, made: Path | None) -> FlowSource:
    """A flex flow file that only names an entry."""
    if not code.is_dir():
        raise RunArgumentError(f"The folder of the code '{code}' does not exist.")
    import json
    import tempfile

    folder = made or Path(tempfile.mkdtemp(prefix="pfstudio-flow-"))

    file = folder / "flow.flex.yaml"
    shown = code if made is None else Path.cwd()
    # JSON is YAML, and quotes whatever a path may hold.
    file.write_text(f"entry: {json.dumps(entry)}\ncode: {json.dumps(code.as_posix())}\n", encoding="utf-8")
    return FlowSource(file, code, "flex", shown.name, shown=shown, entry=entry, made=folder)
