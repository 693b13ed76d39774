"""`additional_includes`: a working copy of the flow folder with the files it includes from elsewhere."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from pfstudio.flow.errors import IncludeNotFoundError
from pfstudio.flow.spec import Flow

_LEFT_OUT = shutil.ignore_patterns(".git", ".promptflow", ".runs", "__pycache__")


def materialize(flow: Flow, folder: Path, warn: Callable[[str], None]) -> Path:
    """A new temporary folder with the flow and what it includes. The caller removes it.

    Raises:
        IncludeNotFoundError: an include is not there.
    """
    sources = [_source(flow, folder, include) for include in flow.additional_includes]
    copy = Path(tempfile.mkdtemp(prefix="pfstudio-flow-")) / folder.name
    shutil.copytree(folder, copy, ignore=_LEFT_OUT, symlinks=True)
    for source in sources:
        target = copy / source.name
        if target.exists():
            warn(f"The include '{source.name}' replaces the file of the same name in the flow folder.")
        if source.is_dir():
            shutil.copytree(source, target, ignore=_LEFT_OUT, dirs_exist_ok=True, symlinks=True)
        elif source.exists():
            shutil.copy2(source, target)
        else:
            shutil.make_archive(str(target.with_suffix("")), "zip", source.with_suffix(""))
    return copy


def _source(flow: Flow, folder: Path, include: str) -> Path:
    source = (folder / include).resolve()
    is_zip_of_folder = source.suffix == ".zip" and source.with_suffix("").is_dir()
    if not source.exists() and not is_zip_of_folder:
        raise IncludeNotFoundError(include, file=flow.file, line=flow.includes_line or None)
    return source
