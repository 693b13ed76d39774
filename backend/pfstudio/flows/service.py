"""Flows as folders: create them from a type, from the gallery or as a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from pfstudio.accounts.actor import Actor
from pfstudio.flows.access import require_write
from pfstudio.flows.errors import (
    AmbiguousSourceError,
    FlowNameTakenError,
    FlowNotFoundError,
    TemplateNotFoundError,
)
from pfstudio.flows.heads import FlowType, named_files
from pfstudio.flows.locating import locate_flow
from pfstudio.flows.names import new_flow_path, propose_name
from pfstudio.flows.share_files import ShareFiles
from pfstudio.gallery import catalog
from pfstudio.gallery.catalog import GalleryEntry
from pfstudio.share.copying import copy_tree
from pfstudio.share.errors import EntryExistsError, PathNotFoundError
from pfstudio.share.files import make_parents
from pfstudio.share.incoming import Incoming
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import PROMPTY, flow_file_of


def create_flow(
    share: Share,
    name: str,
    *,
    actor: Actor,
    kind: FlowType | None = None,
    template: str | None = None,
    copy_of: str | None = None,
) -> SharePath:
    """A new folder of the actor's with a flow that runs: of a type, from the gallery, or a copy of a flow.

    What addresses the flow is given back: the folder, or of a prompty that was copied, the prompty in it.

    Raises:
        InvalidFlowNameError, FlowNameTakenError: another name is needed.
        TemplateNotFoundError, FlowNotFoundError: there is nothing to make it from.
    """
    path = new_flow_path(name, actor=actor)
    require_write(share, path, actor=actor)
    if template and copy_of:
        raise AmbiguousSourceError
    prompty = ""
    with Incoming(share) as incoming:
        if copy_of and copy_of.endswith(PROMPTY):
            prompty = _copy_prompty(share, SharePath.parse(copy_of), incoming)
        elif copy_of:
            _copy_flow(share, SharePath.parse(copy_of), incoming)
        else:
            _copy_template(_entry(template) if template else catalog.blank_flow(kind or "standard"), incoming.folder)
        make_parents(share, path)
        try:
            incoming.place(path)
        except EntryExistsError as error:
            raise FlowNameTakenError(name, propose_name(share, name, actor=actor)) from error
    return path / prompty if prompty else path


def _entry(name: str) -> GalleryEntry:
    entry = next((entry for entry in catalog.entries() if entry.name == name), None)
    if entry is None:
        raise TemplateNotFoundError(name)
    return entry


def _copy_template(entry: GalleryEntry, target: Path) -> None:
    # `shutil.copy` leaves the times out: a flow made now was changed now, not when the gallery was installed.
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(entry.folder, target, dirs_exist_ok=True, ignore=ignored, copy_function=shutil.copy)


def _copy_prompty(share: Share, source: SharePath, incoming: Incoming) -> str:
    """The prompty alone, with the files that its front matter names; its name."""
    place = locate_flow(share, source)
    files = ShareFiles(share, place.folder)
    text = files.read_bytes(place.file)
    for name in [place.file, *named_files(text, place.file)]:
        if files.exists(name):
            target = incoming.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(files.read_bytes(name))
    return place.file


def _copy_flow(share: Share, source: SharePath, incoming: Incoming) -> None:
    try:
        if flow_file_of(share, source) is None:
            raise FlowNotFoundError(str(source))
        copy_tree(share, source, incoming)
    except PathNotFoundError as error:
        raise FlowNotFoundError(str(source)) from error
