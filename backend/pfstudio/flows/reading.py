"""A flow as its files say now, for the authoring page: parsed and checked, nothing of it run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pfstudio.accounts.actor import Actor
from pfstudio.engine.serialize import json_safe
from pfstudio.flow.entry_signature import Port
from pfstudio.flow.spec import Flow, InputDefinition, OutputDefinition
from pfstudio.flow.validation import check_flow
from pfstudio.flows.connection_use import connection_names, connections_of_prompties
from pfstudio.flows.entries import ReadEntry, read_flex_entry, read_prompty_entry
from pfstudio.flows.heads import head_of_file
from pfstudio.flows.locating import FlowPlace, locate_flow
from pfstudio.flows.node_bodies import NodeBodies, value_of
from pfstudio.flows.share_files import ShareFiles
from pfstudio.share.files import stat_entry
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import prompties_in

Body = dict[str, Any]


def read_flow(share: Share, path: SharePath, *, actor: Actor) -> Body:
    """The body of `GET /api/flows/{path}`. Broken files give problems and empty lists.

    Raises:
        FlowNotFoundError: the path is neither a folder with a flow file nor a prompty.
    """
    place = locate_flow(share, path)
    files = ShareFiles(share, place.folder)
    entry = stat_entry(share, place.folder / place.file)
    head = head_of_file(files, place.file)
    body = _dag(share, files, place) if place.kind == "dag" else _entry(share, files, place)
    return {
        "path": str(path),
        "name": place.name,
        "owner": place.owner,
        "kind": place.kind,
        "type": head.type,
        "writable": actor.may_write(place.owner),
        "display_name": head.display_name or place.name,
        "description": head.description,
        "folder": str(place.folder),
        "file": place.file,
        "etag": entry.etag,
        **body,
    }


def _dag(share: Share, files: ShareFiles, place: FlowPlace) -> Body:
    checked = check_flow(files, place.file)
    flow = checked.flow or Flow(name=place.name, file=place.file)
    bodies = NodeBodies(files)
    names = connection_names(files, flow) | connections_of_code(share, files, place)
    return {
        **_ports(flow),
        "problems": [asdict(problem) for problem in checked.problems],
        "nodes": [bodies.node(node) for node in flow.nodes],
        "node_variants": {name: bodies.variants(item) for name, item in flow.node_variants.items()},
        "connections": sorted(names),
    }


def _entry(share: Share, files: ShareFiles, place: FlowPlace) -> Body:
    found = read_entry_of(files, place, {})
    names = found.needs | connections_of_code(share, files, place)
    return {
        **_ports(found.flow),
        "problems": [asdict(problem) for problem in found.problems],
        "nodes": [],
        "node_variants": {},
        "connections": sorted(names),
        "init": [_init(port) for port in found.init.values()],
        "entry": {"name": found.entry, "file": found.source, "line": found.line} if found.entry else None,
        "sample": dict(found.sample),
        "model": found.model,
    }


def read_entry_of(files: ShareFiles, place: FlowPlace, init: Mapping[str, Any]) -> ReadEntry:
    """A flex flow or a prompty, to be run with the given `init`."""
    read = read_prompty_entry if place.kind == "prompty" else read_flex_entry
    return read(files, place.file, place.name, init)


def connections_of_code(share: Share, files: ShareFiles, place: FlowPlace) -> set[str]:
    """Those of the prompties beside the flow's code, which it may load."""
    return set() if place.kind == "prompty" else connections_of_prompties(files, prompties_in(share, place.folder))


def _ports(flow: Flow) -> Body:
    return {
        "message_format": flow.message_format,
        "inputs": [_input(item, is_history=name == flow.chat_history_input) for name, item in flow.inputs.items()],
        "outputs": [_output(item) for item in flow.outputs.values()],
    }


def _init(port: Port) -> Body:
    return _input(port.to_input(), is_history=False)


def _input(item: InputDefinition, *, is_history: bool) -> Body:
    return {
        "name": item.name,
        "type": item.type,
        "has_default": item.has_default,
        "default": json_safe(item.default, finite=True),
        "description": item.description or None,
        "is_chat_input": item.is_chat_input,
        "is_chat_history": is_history,
        "line": item.line or None,
    }


def _output(item: OutputDefinition) -> Body:
    return {
        "name": item.name,
        "type": item.type,
        "reference": value_of(item.binding),
        "is_chat_output": item.is_chat_output,
        "line": item.line or None,
    }
