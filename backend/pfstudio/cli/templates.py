"""New flow folders from the gallery's flows."""

from __future__ import annotations

import shutil
from pathlib import Path

from pfstudio.errors import ConflictError, NotFoundError
from pfstudio.gallery import catalog

_STARTERS = {"standard": "standard", "chat": "chat", "evaluation": "evaluation"}


class ExampleNotFoundError(NotFoundError):
    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"There is no example flow '{name}'. There are: {', '.join(known)}.")


class FolderExistsError(ConflictError):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"The folder '{folder}' exists already and is not empty; nothing was copied.")


def copy_example(name: str, destination: Path) -> None:
    """Copy the gallery's flow of this name to a folder that does not exist or is empty."""
    source = _folder_of(name)
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise FolderExistsError(destination)
    shutil.copytree(source, destination, dirs_exist_ok=True)


def make_flow(kind: catalog.GalleryType, destination: Path) -> list[Path]:
    """Copy the blank flow of a type over a folder; returns the files written, relative to it."""
    source = catalog.blank_flow(kind).folder
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    shutil.copytree(source, destination, dirs_exist_ok=True)
    return files


def _folder_of(name: str) -> Path:
    entries = catalog.entries()
    for entry in entries:
        if entry.name == name:
            return entry.folder
    raise ExampleNotFoundError(name, [entry.name for entry in entries])
