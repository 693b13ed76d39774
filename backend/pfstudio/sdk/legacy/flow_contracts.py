"""What a flow file says, as the dataclasses promptflow read it into. Made of our own reading of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from pfstudio.connections.types import Connection
from pfstudio.flow import spec
from pfstudio.flow.loader import load_flow
from pfstudio.sdk.legacy.value_type import ValueType


class InputValueType(Enum):
    LITERAL = "Literal"
    FLOW_INPUT = "FlowInput"
    NODE_REFERENCE = "NodeReference"


class ToolSourceType(str, Enum):
    Code = "code"
    Package = "package"
    PackageWithPrompt = "package_with_prompt"


@dataclass
class InputAssignment:
    """What an input is given: a literal, a flow input's name, or a node with the `section` and `property` of it."""

    value: Any
    value_type: InputValueType = InputValueType.LITERAL
    section: str = ""
    property: str = ""

    @classmethod
    def of(cls, binding: spec.Binding) -> InputAssignment:
        if isinstance(binding, spec.Literal):
            return cls(binding.value)
        if binding.input is not None:
            return cls(binding.input, InputValueType.FLOW_INPUT)
        return cls(binding.node, InputValueType.NODE_REFERENCE, binding.section, binding.path)


@dataclass
class FlowInputDefinition:
    type: ValueType | str
    default: Any = None
    description: str | None = None
    enum: Sequence[Any] = ()
    is_chat_input: bool = False
    is_chat_history: bool | None = None


@dataclass
class FlowOutputDefinition:
    type: ValueType | str
    reference: InputAssignment
    description: str = ""
    evaluation_only: bool = False
    is_chat_output: bool = False


@dataclass
class ToolSource:
    type: str = "code"
    tool: str | None = None
    path: str | None = None


@dataclass
class ActivateCondition:
    condition: InputAssignment
    condition_value: Any


@dataclass
class Node:
    name: str
    tool: str | None
    inputs: Mapping[str, InputAssignment]
    comment: str = ""
    api: str | None = None
    provider: str | None = None
    module: str | None = None
    connection: str | None = None
    aggregation: bool = False
    enable_cache: bool = False
    use_variants: bool = False
    source: ToolSource | None = None
    type: str | None = None
    activate: ActivateCondition | None = None

    @classmethod
    def of(cls, node: spec.Node) -> Node:
        source, activate = node.source, node.activate
        return cls(
            name=node.name,
            tool=node.tool,
            inputs={name: InputAssignment.of(binding) for name, binding in node.inputs.items()},
            comment=node.comment,
            api=node.api,
            provider=node.provider,
            module=node.module,
            connection=node.connection,
            aggregation=node.aggregation,
            enable_cache=node.enable_cache,
            use_variants=node.use_variants,
            source=ToolSource(source.type, source.tool, source.path) if source else None,
            type=node.type,
            activate=ActivateCondition(InputAssignment.of(activate.when), activate.value) if activate else None,
        )


@dataclass
class Flow:
    """`Flow.from_yaml(file)`: a DAG flow's inputs, outputs and nodes."""

    id: str
    name: str
    inputs: Mapping[str, FlowInputDefinition]
    outputs: Mapping[str, FlowOutputDefinition]
    nodes: Sequence[Node]
    program_language: str = "python"
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    message_format: str = "basic"

    @classmethod
    def from_yaml(cls, flow_file: str | Path, working_dir: str | Path | None = None, name: str | None = None) -> Flow:
        """The flow in a file; a relative path counts from `working_dir`.

        Raises:
            PromptflowException: the first problem of the flow.
        """
        read = load_flow(Path(working_dir or ".") / flow_file)
        return cls(
            id=read.id,
            name=name or read.name,
            inputs={name: _input(definition) for name, definition in read.inputs.items()},
            outputs={name: _output(definition) for name, definition in read.outputs.items()},
            nodes=[Node.of(node) for node in read.nodes],
            program_language=read.language,
            environment_variables=dict(read.environment_variables),
            message_format=read.message_format,
        )

    def has_aggregation_node(self) -> bool:
        return any(node.aggregation for node in self.nodes)

    def get_node(self, node_name: str) -> Node | None:
        return next((node for node in self.nodes if node.name == node_name), None)

    def is_chat_flow(self) -> bool:
        return self.get_chat_input_name() is not None

    def get_chat_input_name(self) -> str | None:
        return next((name for name, definition in self.inputs.items() if definition.is_chat_input), None)

    def get_chat_output_name(self) -> str | None:
        return next((name for name, definition in self.outputs.items() if definition.is_chat_output), None)

    def get_connection_names(self, environment_variables_overrides: Mapping[str, str] | None = None) -> set[str]:
        """The connections that nodes and environment variables name."""
        variables = {**self.environment_variables, **(environment_variables_overrides or {})}
        texts = [text[2:].partition(".")[0] for text in variables.values() if str(text).startswith("${")]
        return {node.connection for node in self.nodes if node.connection} | set(texts)


def _input(given: spec.InputDefinition) -> FlowInputDefinition:
    return FlowInputDefinition(
        type=value_type(given.type),
        default=given.default,
        description=given.description,
        enum=list(given.enum),
        is_chat_input=given.is_chat_input,
        is_chat_history=given.is_chat_history,
    )


def _output(given: spec.OutputDefinition) -> FlowOutputDefinition:
    return FlowOutputDefinition(
        type=value_type(given.type),
        reference=InputAssignment.of(given.binding),
        description=given.description,
        evaluation_only=given.evaluation_only,
        is_chat_output=given.is_chat_output,
    )


def value_type(word: str) -> ValueType | str:
    """The member of the enumeration; a connection's class stays a word."""
    return ValueType(word) if word in ValueType._value2member_map_ else word


class ConnectionType:
    """Questions about connections and the words for their classes."""

    @staticmethod
    def is_connection_class_name(name: str) -> bool:
        from pfstudio.connections.types import CONNECTION_TYPES

        return name in {cls.__name__ for cls in CONNECTION_TYPES}

    @staticmethod
    def is_connection_value(value: Any) -> bool:
        return isinstance(value, Connection)

    @staticmethod
    def get_connection_class(type_name: str) -> type[Connection] | None:
        from pfstudio.connections.types import CONNECTION_TYPES

        return next((cls for cls in CONNECTION_TYPES if cls.__name__ == type_name), None)
