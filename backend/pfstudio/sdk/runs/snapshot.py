"""The flow as it was run, kept with the run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pfstudio.flow.variants import parse_variant
from pfstudio.flow.yaml_reader import plain, read_yaml
from pfstudio.runfolder.errors import RunStorageError
from pfstudio.sdk.runs.flow_source import FlowSource
from pfstudio.sdk.runs.ignore import ignored_by

SNAPSHOT: Final = "snapshot"
_BLOCK: Final = 1 << 20


def write_snapshot(
    run: Path,
    source: FlowSource,
    working_copy: Path,
    *,
    variant: str | None,
    connections: Mapping[str, Mapping[str, Any]] | None,
) -> Path:
    """Copy the flow into the run's folder, its file with the chosen variant and connections.

    `working_copy` is where its files are: its own folder, or one with what it includes. Records of tests
    (`.promptflow/`) and ignored files stay out.

    Raises:
        RunStorageError: the disk refuses.
    """
    target = run / SNAPSHOT
    try:
        if source.made is None:
            _copy(working_copy, target, run.parent)
        else:
            target.mkdir(exist_ok=True)
            _copy_file(str(source.file), target / source.file.name)
        file = target / source.file.name
        if source.kind == "dag" and not file.is_symlink():
            _write_effective(source.file, file, variant, connections)
    except OSError as error:
        raise RunStorageError(run, error) from error
    return target


def _copy(folder: Path, target: Path, runs: Path) -> None:
    is_ignored = ignored_by(folder)
    skipped = runs.resolve()

    def copy(source: Path, below: str) -> None:
        place = target / below if below else target
        place.mkdir(parents=True, exist_ok=True)
        with os.scandir(source) as entries:
            for entry in entries:
                path = f"{below}/{entry.name}" if below else entry.name
                is_folder = entry.is_dir(follow_symlinks=False)
                if entry.name == ".promptflow" or is_ignored(path, is_folder):
                    continue
                if is_folder:
                    if Path(entry.path).resolve() != skipped:  # Runs kept below the flow are not part of it.
                        copy(Path(entry.path), path)
                elif entry.is_symlink():
                    (target / path).symlink_to(Path(entry.path).readlink())
                elif entry.is_file():
                    _copy_file(entry.path, target / path)

    copy(folder, "")


def _copy_file(source: str, target: Path) -> None:
    try:
        reader = open(source, "rb")  # noqa: SIM115, PTH123 - closed below; what it cannot open is left out.
    except PermissionError:
        return  # A file the user cannot read cannot be part of what ran.
    with reader, target.open("wb") as writer:
        while block := reader.read(_BLOCK):
            writer.write(block)
        state = os.fstat(reader.fileno())
    target.chmod(state.st_mode & 0o777)
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))


def _write_effective(source: Path, file: Path, variant: str | None, connections: Mapping[str, Any] | None) -> None:
    """The flow file as it counted; one without variants or other connections stays as it was written."""
    content = source.read_bytes()
    if b"node_variants" not in content and b"additional_includes" not in content and not connections:
        return
    document = plain(read_yaml(content, source.name))
    chosen = parse_variant(variant) if variant else None
    nodes = [_effective_node(node, document, chosen) for node in document.get("nodes") or []]
    for node in nodes:
        _override(node, (connections or {}).get(node.get("name")) or {})
    document["nodes"] = nodes
    document.pop("additional_includes", None)
    import yaml

    file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=10**9), encoding="utf-8")


def _effective_node(node: Any, document: Mapping[str, Any], chosen: tuple[str, str] | None) -> Any:
    name = node.get("name")
    is_chosen = chosen is not None and chosen[0] == name
    if not node.get("use_variants") and not is_chosen:
        return node
    variants = (document.get("node_variants") or {}).get(name) or {}
    wanted = chosen[1] if chosen is not None and is_chosen else variants.get("default_variant_id")
    body = ((variants.get("variants") or {}).get(wanted) or {}).get("node")
    return {"name": name, **body} if isinstance(body, dict) else node


def _override(node: dict[str, Any], fields: Mapping[str, Any]) -> None:
    for key, value in fields.items():
        if node.get("type") == "llm" and key == "connection":
            node["connection"] = value
        else:
            node.setdefault("inputs", {})[key] = value
