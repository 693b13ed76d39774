"""The requirements of a flow, read from the share: which file, what it asks for, and the key of its content."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pfstudio import __version__
from pfstudio.environments.errors import RequirementsError
from pfstudio.environments.requirements import Requirements, is_archive, read_requirements
from pfstudio.errors import PromptflowException
from pfstudio.flow.loader import read_document
from pfstudio.flows.locating import FlowPlace
from pfstudio.flows.share_files import ShareFiles
from pfstudio.share.files import list_folder
from pfstudio.share.handles import READ
from pfstudio.share.paths import Share, SharePath

USUAL_FILE = "requirements.txt"
_LARGEST_FILE = 2 * 2**30
_MOST_FILES = 500
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A wheel of the flow's folder. `number` is the place it takes in the lines; None for one of a folder of wheels."""

    path: SharePath
    number: int | None
    digest: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an environment is made of. Two with the same key hold the same packages, whoever asks for them."""

    owner: str
    file: str
    requirements: Requirements
    key: str
    files: tuple[LocalFile, ...] = field(default=())


def requirements_file(share: Share, place: FlowPlace) -> str | None:
    """The name of the flow's requirements file, relative to its folder; None where it has none.

    A name that the flow file gives counts also where there is no such file: that is a mistake worth telling.
    """
    files = ShareFiles(share, place.folder)
    named = _named(files, place)
    if named is not None:
        return named
    return USUAL_FILE if files.exists(USUAL_FILE) else None


def _named(files: ShareFiles, place: FlowPlace) -> str | None:
    if place.kind == "prompty":
        return None
    try:
        document: Any = read_document(files, place.file)
        given = document.get("environment", {}).get("python_requirements_txt")
    except (PromptflowException, FileNotFoundError, AttributeError, ValueError, RecursionError):
        return None
    return given.removeprefix("./") if isinstance(given, str) and given.strip() else None


def read_recipe(share: Share, place: FlowPlace, file: str) -> Recipe:
    """What the requirements file asks for.

    Raises:
        RequirementsError: it cannot be used.
    """
    files = ShareFiles(share, place.folder)
    requirements = read_requirements(files.read_bytes, file)
    found = [
        *(_local(share, place, name, number, file) for number, name in enumerate(requirements.local)),
        *(one for name in requirements.folders for one in _folder(share, place, name, file)),
    ]
    if len(found) > _MOST_FILES:
        raise RequirementsError(f"it leads to more than {_MOST_FILES} files with packages.", file)
    content = asdict(requirements)
    del content["origins"], content["dropped"], content["names"], content["local"]
    parts = {
        "requirements": content,
        "files": [(one.path.name, one.number, one.digest) for one in found],
        "python": [sys.version, os.path.realpath(sys.base_prefix), sys.platform],
        "version": __version__,
    }
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
    return Recipe(place.owner, file, requirements, key, tuple(found))


def copy_file(share: Share, file: LocalFile, target: Path) -> None:
    """A copy that is what the recipe says it is.

    Raises:
        RequirementsError: the file has changed in between.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(share.open(file.path, READ), "rb") as source, target.open("xb") as copy:
        while piece := source.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
    if digest.hexdigest() != file.digest:
        raise RequirementsError("it was changed while it was read. Try again.", file.path.name)


def _local(share: Share, place: FlowPlace, name: str, number: int | None, file: str) -> LocalFile:
    try:
        path = _below(place, name)
        return LocalFile(path, number, _digest(share, path))
    except (PromptflowException, OSError) as error:
        raise RequirementsError(f"there is no file '{name}' in the flow's folder, or it is too large.", file) from error


def _folder(share: Share, place: FlowPlace, name: str, file: str) -> list[LocalFile]:
    try:
        path = _below(place, name)
        names = [entry.name for entry in list_folder(share, path) if is_archive(entry.name)]
    except (PromptflowException, OSError) as error:
        raise RequirementsError(f"there is no folder '{name}' in the flow's folder.", file) from error
    above = name.rstrip("/")
    return [_local(share, place, f"{above}/{item}", None, file) for item in sorted(names)[: _MOST_FILES + 1]]


def _below(place: FlowPlace, name: str) -> SharePath:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if name.startswith(("/", "~")) or ".." in parts:
        raise FileNotFoundError(name)
    return place.folder / "/".join(parts) if parts else place.folder


_digests: OrderedDict[tuple[Any, ...], str] = OrderedDict()
_MOST_DIGESTS = 1_000


def _digest(share: Share, path: SharePath) -> str:
    """The hash of a file's content, remembered as long as the file does not change."""
    with os.fdopen(share.open(path, READ), "rb") as source:
        info = os.fstat(source.fileno())
        if info.st_size > _LARGEST_FILE:
            raise FileNotFoundError(str(path))
        mark = (str(share.users), str(path), info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
        if mark not in _digests:
            _digests[mark] = hashlib.file_digest(source, "sha256").hexdigest()
            if len(_digests) > _MOST_DIGESTS:
                _digests.popitem(last=False)
        return _digests[mark]
