"""A flow as its files say now, for the authoring page: parsed and checked, nothing of it run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from pfstudio.accounts.actor import Actor
from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import InvalidFlowError
from pfstudio.flow.signature import ToolSignature, template_variables
from pfstudio.flow.spec import Binding, Flow, InputDefinition, Literal, Node, NodeVariants, OutputDefinition
from pfstudio.flow.validation import check_flow, node_signature
from pfstudio.flow.variants import apply_variants
from pfstudio.flow.yaml_reader import read_yaml
from pfstudio.flows.errors import FlowNotFoundError
from pfstudio.flows.listing import FlowHead, head_of
from pfstudio.flows.share_files import ShareFiles
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.files import stat_entry
from pfstudio.share.paths import Share, SharePath
from pfstudio.share.tree import flow_file_of

_CONNECTION_FIELD = re.compile(r"\$\{([^.{}]+)\.[^.{}]+\}\Z")
_TEMPLATES = ("prompt", "llm", "custom_llm")

Body = dict[str, Any]


def read_flow(share: Share, path: SharePath, *, actor: Actor) -> Body:
    """The body of `GET /api/flows/{path}`. Broken YAML gives problems and empty lists.

    Raises:
        FlowNotFoundError: the folder holds no flow file.
    """
    file = require_flow_file(share, path)
    files = ShareFiles(share, path)
    entry = stat_entry(share, path / file)
    checked = check_flow(files, file)
    head = _head(files, file)
    flow = checked.flow or Flow(name=path.name, file=file)
    described = _Described(files)
    owner = str(path.owner)
    return {
        "path": str(path),
        "name": path.name,
        "owner": owner,
        "type": head.type,
        "writable": actor.may_write(owner),
        "display_name": head.display_name or path.name,
        "description": head.description,
        "file": file,
        "etag": entry.etag,
        "problems": [asdict(problem) for problem in checked.problems],
        "inputs": [_input(item) for item in flow.inputs.values()],
        "outputs": [_output(item) for item in flow.outputs.values()],
        "nodes": [described.node(node) for node in flow.nodes],
        "node_variants": {name: described.variants(item) for name, item in flow.node_variants.items()},
        "connections": sorted(connection_names(files, flow)),
    }


def require_flow_file(share: Share, path: SharePath) -> str:
    """The name of the folder's flow file.

    Raises:
        FlowNotFoundError: it holds none.
    """
    if path.owner is None or not path.parts:
        raise FlowNotFoundError(str(path))
    try:
        file = flow_file_of(share, path)
    except PathNotFoundError as error:
        raise FlowNotFoundError(str(path)) from error
    if file is None:
        raise FlowNotFoundError(str(path))
    return file


def connection_names(files: ShareFiles, flow: Flow) -> set[str]:
    """The connections that the flow names anywhere: in nodes, in variants, and in environment variables."""
    variants = [variant.node for group in flow.node_variants.values() for variant in group.variants.values()]
    return _names_in(files, flow, [*flow.nodes, *variants])


def needed_connections(files: ShareFiles, flow: Flow, *, node: str | None, variant: str | None) -> set[str]:
    """Those without which a run of this variant, or of this node alone, fails before it begins."""
    try:
        chosen = apply_variants(flow, variant, lambda _problem: None)
    except InvalidFlowError:
        return set()  # The run fails for its variant, and says so better.
    return _names_in(files, chosen, [item for item in chosen.nodes if node in (None, item.name)])


def _names_in(files: ShareFiles, flow: Flow, nodes: Iterable[Node]) -> set[str]:
    names = {match[1] for value in flow.environment_variables.values() if (match := _CONNECTION_FIELD.match(value))}
    names.discard("env")  # `${env:…}` aside, `env` is the process's own.
    for node in nodes:
        if node.connection:
            names.add(node.connection)
        names |= {str(value) for value in _connection_inputs(node, node_signature(files, node))}
    return names


def _connection_inputs(node: Node, signature: ToolSignature | None) -> Iterator[str]:
    for item in signature.inputs if signature else ():
        binding = node.inputs.get(item.name)
        if item.type.endswith("Connection") and isinstance(binding, Literal) and isinstance(binding.value, str):
            yield binding.value


def _head(files: ShareFiles, file: str) -> FlowHead:
    try:
        return head_of(read_yaml(files.read_bytes(file), file))
    except (PromptflowException, FileNotFoundError):
        return head_of(None)


def _input(item: InputDefinition) -> Body:
    return {
        "name": item.name,
        "type": item.type,
        "has_default": item.has_default,
        "default": item.default,
        "description": item.description or None,
        "is_chat_input": item.is_chat_input,
        "is_chat_history": bool(item.is_chat_history),
        "line": item.line or None,
    }


def _output(item: OutputDefinition) -> Body:
    return {
        "name": item.name,
        "type": item.type,
        "reference": _value(item.binding),
        "is_chat_output": item.is_chat_output,
        "line": item.line or None,
    }


def _value(binding: Binding) -> Any:
    """What the YAML says: the text of a reference, or the value itself."""
    return binding.value if isinstance(binding, Literal) else binding.text


class _Described:
    """Bodies of nodes. A source that several nodes share is read once."""

    def __init__(self, files: ShareFiles) -> None:
        self._files = files
        self._signatures: dict[tuple[str, str | None], Body | None] = {}

    def node(self, node: Node) -> Body:
        source, activate = node.source, node.activate
        return {
            "name": node.name,
            "type": node.type or "",
            "line": node.line or None,
            "source": source and {"type": source.type, "path": source.path, "tool": source.tool},
            "inputs": {name: _value(binding) for name, binding in node.inputs.items()},
            "connection": node.connection,
            "api": node.api,
            "provider": node.provider,
            "aggregation": node.aggregation,
            "activate": activate and {"when": _value(activate.when), "is": activate.value},
            "use_variants": node.use_variants or node.variant is not None,
            "signature": self._signature(node),
        }

    def variants(self, group: NodeVariants) -> Body:
        nodes: Mapping[str, Body] = {key: self.node(variant.node) for key, variant in group.variants.items()}
        return {"default_variant_id": group.default, "variants": nodes}

    def _signature(self, node: Node) -> Body | None:
        if node.source is None or not node.source.path or node.type is None:
            return None
        key = (node.type, node.source.path)
        if key not in self._signatures:
            self._signatures[key] = self._read_signature(node, node.source.path)
        return self._signatures[key]

    def _read_signature(self, node: Node, path: str) -> Body | None:
        if node.type in _TEMPLATES:
            try:
                found = template_variables(self._files.read_bytes(path).decode("utf-8-sig", errors="replace"), path)
            except (PromptflowException, FileNotFoundError):
                return None
            function = None
        else:
            signature = node_signature(self._files, node)
            if signature is None:
                return None
            found, function = list(signature.inputs), signature.function
        inputs = [
            {
                "name": item.name,
                "type": item.type.split("|"),
                "required": item.required,
                "default": item.default,
                "enum": list(item.enum) or None,
            }
            for item in found
        ]
        return {"function": function, "inputs": inputs}
