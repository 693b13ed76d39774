"""What a flow file says, as plain values. Every `line` is 1-based and counts in the flow's YAML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the YAML itself."""

    value: Any
    line: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """`${inputs.x}` (`input` is set) or `${node.output.path}` (`node` is set)."""

    text: str
    input: str | None = None
    node: str | None = None
    section: str = "output"
    path: str = ""
    line: int = 0


Binding: TypeAlias = Literal | Reference


@dataclass(frozen=True, slots=True)
class InputDefinition:
    """One flow input. `has_default` tells an absent default from any value; a null default counts as absent.

    In a batch a default hides the data's column of that name, except where it `yields_to_column`.
    """

    name: str
    type: str
    default: Any = None
    has_default: bool = False
    description: str = ""
    enum: Sequence[Any] = ()
    is_chat_input: bool = False
    is_chat_history: bool | None = None
    line: int = 0
    yields_to_column: bool = False


@dataclass(frozen=True, slots=True)
class OutputDefinition:
    """One flow output and where its value comes from."""

    name: str
    type: str
    binding: Binding
    description: str = ""
    evaluation_only: bool = False
    is_chat_output: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class NodeSource:
    """Where a node's code is: `code` with a path, `package` with a tool id, `package_with_prompt` with both."""

    type: str = "code"
    path: str | None = None
    tool: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Activate:
    """The node runs only where `when` equals `value`."""

    when: Binding
    value: Any
    line: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a flow."""

    name: str
    type: str | None
    source: NodeSource | None
    inputs: Mapping[str, Binding]
    connection: str | None = None
    provider: str | None = None
    api: str | None = None
    module: str | None = None
    aggregation: bool = False
    activate: Activate | None = None
    use_variants: bool = False
    enable_cache: bool = False
    comment: str = ""
    tool: str | None = None
    line: int = 0
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to write a node. `node` bears the stub's name."""

    id: str
    node: Node
    description: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class NodeVariants:
    """The variants of one node and which of them runs when none is chosen."""

    default: str | None
    variants: Mapping[str, Variant]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow file, read. Nodes that use variants are already replaced by the chosen ones.

    `extra` holds top-level keys that have no meaning here (`$schema`, `path`, …), as plain values; `unknown_keys` says
    of keys at any depth that mean nothing on which line they stand, and what was meant.
    """

    name: str
    file: str
    type: str = "standard"
    language: str = "python"
    inputs: Mapping[str, InputDefinition] = field(default_factory=dict)
    outputs: Mapping[str, OutputDefinition] = field(default_factory=dict)
    nodes: Sequence[Node] = ()
    node_variants: Mapping[str, NodeVariants] = field(default_factory=dict)
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    additional_includes: Sequence[str] = ()
    includes_line: int = 0
    message_format: str = "basic"
    display_name: str = ""
    description: str = ""
    tags: Mapping[str, Any] = field(default_factory=dict)
    id: str = "default_flow_id"
    extra: Mapping[str, Any] = field(default_factory=dict)
    unknown_keys: Sequence[tuple[int, str]] = ()

    def node(self, name: str) -> Node | None:
        """The node of that name, if there is one."""
        return next((node for node in self.nodes if node.name == name), None)

    @property
    def chat_history_input(self) -> str | None:
        """The input that carries the chat history: the marked one, else one literally named `chat_history`."""
        for name, definition in self.inputs.items():
            if definition.is_chat_history:
                return name
        candidate = self.inputs.get("chat_history")
        return "chat_history" if candidate and candidate.is_chat_history is not False else None
