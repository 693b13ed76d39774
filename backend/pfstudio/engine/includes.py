"""`additional_includes`: a working copy of the flow folder with the files it includes from elsewhere."""

from __future__ import annotations

import os
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
    _copy_folder(folder, copy)
    for source in sources:
        target = copy / source.name
        if target.exists():
            warn(f"The include '{source.name}' replaces the file of the same name in the flow folder.")
        if source.is_dir():
            _copy_folder(source, target)
        elif source.exists():
            shutil.copy2(source, target)
        else:
            shutil.make_archive(str(target.with_suffix("")), "zip", source.with_suffix(""))
    return copy


def _copy_folder(source: Path, target: Path) -> None:
    """Copy a folder; its links go on meaning what they mean where they stand now."""
    shutil.copytree(source, target, ignore=_LEFT_OUT, dirs_exist_ok=True, symlinks=True)
    for place, folders, files in os.walk(source):
        for name in (*folders, *files):
            link = Path(place, name)
            if not link.is_symlink() or link.readlink().is_absolute():
                continue
            aim = Path(os.path.normpath(link.parent / link.readlink()))
            copied = target / link.relative_to(source)
            if not aim.is_relative_to(source) and copied.is_symlink():
                copied.unlink()
                copied.symlink_to(aim, target_is_directory=aim.is_dir())


def _source(flow: Flow, folder: Path, include: str) -> Path:
    # Not resolved: what an include is called in the copy is the name of the link, not of what it leads to.
    source = Path(os.path.normpath(folder / include))
    is_zip_of_folder = source.suffix == ".zip" and source.with_suffix("").is_dir()
    if not source.exists() and not is_zip_of_folder:
        raise IncludeNotFoundError(include, file=flow.file, line=flow.includes_line or None)
    return source
