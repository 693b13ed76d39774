"""The gallery as the Create dialog shows it: what each example asks for, holds and does."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from pfstudio.flow.files import FolderFiles
from pfstudio.flow.loader import find_flow_file
from pfstudio.flow.spec import Activate, Flow, Literal, Node, Reference
from pfstudio.flow.validation import check_flow
from pfstudio.gallery import catalog
from pfstudio.gallery.catalog import GalleryEntry

_DATA = (".jsonl", ".csv", ".tsv", ".json", ".txt", ".md", ".pdf")


@lru_cache(maxsize=1)
def gallery_entries() -> list[dict[str, Any]]:
    """Every example, in the gallery's order. They are part of the package, so they are read once."""
    return [_described(entry) for entry in catalog.entries()]


def _described(entry: GalleryEntry) -> dict[str, Any]:
    file = find_flow_file(entry.folder).name
    flow = check_flow(FolderFiles(entry.folder), file).flow or Flow(name=entry.name, file=file)
    readme = entry.folder / "README.md"
    return {
        "name": entry.name,
        "title": entry.title,
        "type": entry.type,
        "description": entry.description,
        "node_count": len(flow.nodes),
        "kinds": dict(Counter(node.type or "" for node in flow.nodes)),
        "inputs": [{"name": item.name, "type": item.type, "default": item.default} for item in flow.inputs.values()],
        "data_files": _data_files(entry.folder),
        "readme": readme.read_text(encoding="utf-8") if readme.is_file() else "",
        "graph": {
            "nodes": [{"name": node.name, "kind": node.type or ""} for node in flow.nodes],
            "edges": sorted({(source, node.name) for node in flow.nodes for source in _sources(node)}),
        },
    }


def _data_files(folder: Path) -> list[str]:
    names = (item.relative_to(folder).as_posix() for item in folder.rglob("*") if item.suffix.lower() in _DATA)
    return sorted(name for name in names if name != "README.md" and not name.startswith("."))


def _sources(node: Node) -> set[str]:
    """The nodes whose outputs this one waits for."""
    bindings = [*node.inputs.values(), *_conditions(node.activate)]
    return {item.node for item in bindings if isinstance(item, Reference) and item.node}


def _conditions(activate: Activate | None) -> list[Literal | Reference]:
    return [activate.when] if activate else []
