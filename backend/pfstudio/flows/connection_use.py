"""Which connections a flow names, from its files alone: what its worker is given, and what it cannot run without."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.entry_signature import Port, Ports
from pfstudio.flow.environment import as_text
from pfstudio.flow.errors import InvalidFlowError
from pfstudio.flow.flex import FlexFlow
from pfstudio.flow.prompty import PromptyFile, read_prompty
from pfstudio.flow.signature import ToolSignature
from pfstudio.flow.spec import Flow, Literal, Node
from pfstudio.flow.validation import node_signature
from pfstudio.flow.variants import apply_variants
from pfstudio.flows.share_files import ShareFiles

_CONNECTION_FIELD = re.compile(r"\$\{([^.{}]+)\.[^.{}]+\}\Z")
NO_VARIABLES: Mapping[str, str] = {}
"""What `${env:…}` stands for where the studio reads a flow: nothing, since its own environment is nobody's business."""


def connection_names(files: ShareFiles, flow: Flow) -> set[str]:
    """The connections that a DAG flow names anywhere: in nodes, in variants, and in environment variables."""
    variants = [variant.node for group in flow.node_variants.values() for variant in group.variants.values()]
    return _names_in(files, flow, [*flow.nodes, *variants])


def needed_connections(files: ShareFiles, flow: Flow, *, node: str | None, variant: str | None) -> set[str]:
    """Those without which a run of this variant, or of this node alone, fails before it begins."""
    try:
        chosen = apply_variants(flow, variant, lambda _problem: None)
    except InvalidFlowError:
        return set()  # The run fails for its variant, and says so better.
    return _names_in(files, chosen, [item for item in chosen.nodes if node in (None, item.name)])


def flex_connections(flow: FlexFlow, ports: Ports, init: Mapping[str, Any]) -> set[str]:
    """The connections a flex flow is made with: of its environment, and of its constructor's arguments.

    `ports` are the constructor's; where `init` is empty, the sample's counts, as it does in a run.
    """
    values = dict(init or flow.sample_of("init"))
    for name, port in ports.items():
        if name not in values and port.has_default and not port.is_optional:
            values[name] = port.default
    names = _names_in_environment(flow.flow.environment_variables)
    for name, value in values.items():
        names |= _names_in_argument(ports.get(name), value)
    return names


def prompty_connections(prompty: PromptyFile) -> set[str]:
    """The connection of a prompty's model, and those of its environment variables."""
    names = _names_in_environment(as_text(prompty.data.get("environment_variables") or {}))
    return names | _names_in_argument(None, prompty.model.configuration)


def connections_of_prompties(files: ShareFiles, prompties: Iterable[str]) -> set[str]:
    """The connections of prompties that a flow's code may load; those that cannot be read are passed over."""
    names: set[str] = set()
    for file in prompties:
        try:
            names |= prompty_connections(read_prompty(files, file, variables=NO_VARIABLES))
        except (PromptflowException, ValueError, RecursionError):
            continue
    return names


def _names_in(files: ShareFiles, flow: Flow, nodes: Iterable[Node]) -> set[str]:
    names = _names_in_environment(flow.environment_variables)
    for node in nodes:
        if node.connection:
            names.add(node.connection)
        names |= {str(value) for value in _connection_inputs(node, node_signature(files, node))}
    return names


def _names_in_environment(variables: Mapping[str, str]) -> set[str]:
    names = {match[1] for value in variables.values() if (match := _CONNECTION_FIELD.match(value))}
    return names - {"env"}  # `${env:…}` aside, `env` is the process's own.


def _connection_inputs(node: Node, signature: ToolSignature | None) -> Iterator[str]:
    for item in signature.inputs if signature else ():
        binding = node.inputs.get(item.name)
        if item.type.endswith("Connection") and isinstance(binding, Literal) and isinstance(binding.value, str):
            yield binding.value


def _names_in_argument(port: Port | None, value: Any) -> set[str]:
    """The connection that an argument of a constructor names: itself, or in a model configuration."""
    kind = port.type if port is not None else ""
    value = parsed_argument(value)
    if isinstance(value, Mapping):
        named = value.get("connection")
        return {named} if isinstance(named, str) and named and not kind.endswith("Connection") else set()
    return {value} if kind.endswith("Connection") and isinstance(value, str) and value else set()


def parsed_argument(value: Any) -> Any:
    """A mapping that comes as JSON text, as the engine takes it, too; any other value as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
