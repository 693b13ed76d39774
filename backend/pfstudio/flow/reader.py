"""Turns the YAML of a flow file into a `Flow`, and says what does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.environment import as_text, is_forbidden
from pfstudio.flow.errors import (
    EmptyOutputReference,
    FlowDefinitionError,
    ForbiddenEnvironmentVariableError,
    InvalidMessageFormatType,
    UnknownNodeTypeError,
    UnknownValueTypeError,
    UnsupportedLanguageError,
    UnsupportedSourceTypeError,
)
from pfstudio.flow.references import read_binding
from pfstudio.flow.spec import (
    Activate,
    Binding,
    Flow,
    InputDefinition,
    Node,
    NodeSource,
    NodeVariants,
    OutputDefinition,
    Variant,
)
from pfstudio.flow.unknown_keys import unknown_keys
from pfstudio.flow.values import VALUE_TYPES
from pfstudio.flow.yaml_reader import Place, YamlList, YamlMap, plain

NODE_TYPES = ("python", "prompt", "llm", "custom_llm")
_SOURCE_TYPES = {
    "python": ("code", "package"),
    "prompt": ("code",),
    "llm": ("code",),
    "custom_llm": ("package_with_prompt",),
}
_MESSAGE_FORMATS = ("basic", "openai-vision")
_READ = frozenset(
    [
        "id",
        "name",
        "type",
        "language",
        "inputs",
        "outputs",
        "nodes",
        "node_variants",
        "environment",
        "environment_variables",
        "additional_includes",
        "message_format",
        "display_name",
        "description",
        "tags",
    ]
)

Report = Callable[[PromptflowException], None]


class FlowReader:
    """Reads one flow file. Problems go to `report`: it raises the first where a flow is loaded, or collects all."""

    def __init__(self, file: str, report: Report) -> None:
        self._file = file
        self._report = report

    def read(self, document: Any, folder_name: str) -> Flow:
        """The flow of a YAML document; parts that do not fit are reported and left out."""
        root = self._map(document, "The flow file", None)
        return Flow(
            name=str(root.get("name") or re.sub(r"\W", "_", folder_name)),
            file=self._file,
            type=str(root.get("type") or "standard"),
            language=self._language(root),
            inputs=self._inputs(root),
            outputs=self._outputs(root),
            nodes=self._nodes(root),
            node_variants=self._node_variants(root),
            environment_variables=self._environment_variables(root),
            environment=plain(self._part(root, "environment")),
            additional_includes=self._includes(root),
            includes_line=root.line_of("additional_includes") if "additional_includes" in root else 0,
            message_format=self._message_format(root),
            display_name=_text(root.get("display_name")),
            description=_text(root.get("description")),
            tags=plain(self._part(root, "tags")),
            id=str(root.get("id") or "default_flow_id"),
            extra={key: plain(value) for key, value in root.items() if key not in _READ},
            unknown_keys=tuple(unknown_keys(root)),
        )

    def _definition(self, message: str, line: int | None) -> None:
        self._report(FlowDefinitionError(message, file=self._file, line=line))

    def _map(self, value: Any, what: str, line: int | None) -> YamlMap:
        if isinstance(value, YamlMap):
            return value
        if value is not None:
            self._definition(f"{what} must be a mapping, not {_kind(value)}.", line)
        return YamlMap(Place(line or 1, 1))

    def _part(self, root: YamlMap, key: str) -> YamlMap:
        return self._map(root.get(key), f"'{key}'", root.line_of(key))

    def _inputs(self, root: YamlMap) -> dict[str, InputDefinition]:
        part = self._part(root, "inputs")
        return {str(name): self._input(str(name), value, part.line_of(name)) for name, value in part.items()}

    def _input(self, name: str, value: Any, line: int) -> InputDefinition:
        fields = self._map(value, f"The flow input '{name}'", line)
        default = plain(fields.get("default"))
        history = fields.get("is_chat_history")
        return InputDefinition(
            name=name,
            type=self._value_type("input", name, fields, line),
            default=default,
            has_default=default is not None,
            description=_text(fields.get("description")),
            enum=tuple(plain(fields.get("enum")) or ()),
            is_chat_input=bool(fields.get("is_chat_input")),
            is_chat_history=None if history is None else bool(history),
            line=line,
        )

    def _value_type(self, kind: str, name: str, fields: YamlMap, line: int) -> str:
        given = fields.get("type")
        if given not in VALUE_TYPES:
            where = fields.line_of("type") if "type" in fields else line
            self._report(UnknownValueTypeError(kind, name, given, VALUE_TYPES, file=self._file, line=where))
            return "string"
        return str(given)

    def _outputs(self, root: YamlMap) -> dict[str, OutputDefinition]:
        part = self._part(root, "outputs")
        return {str(name): self._output(str(name), value, part.line_of(name)) for name, value in part.items()}

    def _output(self, name: str, value: Any, line: int) -> OutputDefinition:
        fields = self._map(value, f"The flow output '{name}'", line)
        reference = plain(fields.get("reference"))
        if reference is None or reference == "":
            self._report(EmptyOutputReference(name, file=self._file, line=line))
        return OutputDefinition(
            name=name,
            type=self._value_type("output", name, fields, line),
            binding=read_binding(reference, fields.line_of("reference")),
            description=_text(fields.get("description")),
            evaluation_only=bool(fields.get("evaluation_only")),
            is_chat_output=bool(fields.get("is_chat_output")),
            line=line,
        )

    def _nodes(self, root: YamlMap) -> list[Node]:
        listed = root.get("nodes")
        if listed is None:
            return []
        if not isinstance(listed, YamlList):
            self._definition(f"'nodes' must be a list, not {_kind(listed)}.", root.line_of("nodes"))
            return []
        nodes = []
        for value, place in zip(listed, listed.places, strict=True):
            fields = self._map(value, "A node", place.line)
            name = fields.get("name")
            if name is None or name == "":
                self._definition("A node has no name.", place.line)
                continue
            nodes.append(self._node(str(name), fields, fields.line_of("name")))
        return nodes

    def _node(self, name: str, fields: YamlMap, line: int, variant: str | None = None) -> Node:
        use_variants = bool(fields.get("use_variants"))
        node_type = self._node_type(name, fields, line, use_variants)
        inputs = self._map(fields.get("inputs"), f"'inputs' of the node '{name}'", fields.line_of("inputs"))
        return Node(
            name=name,
            type=node_type,
            source=self._source(name, fields, node_type),
            inputs={str(key): self._binding(inputs, key) for key in inputs},
            connection=_optional(fields.get("connection")),
            provider=_optional(fields.get("provider")),
            api=_optional(fields.get("api")),
            module=_optional(fields.get("module")),
            aggregation=bool(fields.get("aggregation") or fields.get("reduce")),
            activate=self._activate(name, fields),
            use_variants=use_variants,
            enable_cache=bool(fields.get("enable_cache")),
            comment=_text(fields.get("comment")),
            tool=_optional(fields.get("tool")),
            line=line,
            variant=variant,
        )

    def _binding(self, fields: YamlMap, key: Any) -> Binding:
        return read_binding(plain(fields[key]), fields.line_of(key))

    def _node_type(self, name: str, fields: YamlMap, line: int, use_variants: bool) -> str | None:
        given = fields.get("type")
        if given is None and (use_variants or "tool" in fields):
            return None
        if given not in NODE_TYPES:
            where = fields.line_of("type") if "type" in fields else line
            self._report(UnknownNodeTypeError(name, given, NODE_TYPES, file=self._file, line=where))
            return None
        return str(given)

    def _source(self, name: str, fields: YamlMap, node_type: str | None) -> NodeSource | None:
        value = fields.get("source")
        if value is None:
            return None
        source = self._map(value, f"'source' of the node '{name}'", fields.line_of("source"))
        path = _optional(source.get("path"))
        source_type = str(source.get("type") or "code")
        if node_type is not None and source_type not in _SOURCE_TYPES[node_type]:
            line = source.line_of("type")
            self._report(UnsupportedSourceTypeError(source_type, node_type, file=self._file, line=line))
        return NodeSource(
            type=source_type,
            path=path.replace("\\", "/") if path else None,
            tool=_optional(source.get("tool")),
            line=source.line_of("path"),
        )

    def _activate(self, name: str, fields: YamlMap) -> Activate | None:
        if fields.get("activate") is None:
            return None
        line = fields.line_of("activate")
        value = fields["activate"]
        if not isinstance(value, YamlMap) or "when" not in value or "is" not in value:
            self._report(FlowDefinitionError.of_activate(name, file=self._file, line=line))
            return None
        if value["when"] is None and value["is"] is None:
            return None
        return Activate(self._binding(value, "when"), plain(value["is"]), line)

    def _node_variants(self, root: YamlMap) -> dict[str, NodeVariants]:
        part = self._part(root, "node_variants")
        return {str(name): self._variants_of(str(name), value, part.line_of(name)) for name, value in part.items()}

    def _variants_of(self, name: str, value: Any, line: int) -> NodeVariants:
        fields = self._map(value, f"The variants of the node '{name}'", line)
        part = self._map(fields.get("variants"), f"'variants' of the node '{name}'", fields.line_of("variants"))
        variants = {}
        for key, body in part.items():
            where = part.line_of(key)
            variant = self._map(body, f"The variant '{key}' of the node '{name}'", where)
            node = self._map(variant.get("node"), f"'node' of the variant '{key}'", variant.line_of("node"))
            variants[str(key)] = Variant(
                str(key), self._node(name, node, where, variant=str(key)), _text(variant.get("description")), where
            )
        return NodeVariants(_optional(fields.get("default_variant_id")), variants, line)

    def _environment_variables(self, root: YamlMap) -> dict[str, str]:
        part = self._part(root, "environment_variables")
        for name in part:
            if is_forbidden(str(name)):
                line = part.line_of(name)
                self._report(ForbiddenEnvironmentVariableError(str(name), file=self._file, line=line))
        allowed: Mapping[Any, Any] = {key: value for key, value in part.items() if not is_forbidden(str(key))}
        return as_text(allowed)

    def _includes(self, root: YamlMap) -> list[str]:
        value = root.get("additional_includes")
        if value is None:
            return []
        if not isinstance(value, YamlList) or not all(isinstance(item, str) for item in value):
            self._definition("'additional_includes' must be a list of paths.", root.line_of("additional_includes"))
            return []
        return [str(item).replace("\\", "/") for item in value]

    def _language(self, root: YamlMap) -> str:
        language = str(root.get("language") or "python")
        if language != "python":
            self._report(UnsupportedLanguageError(language, file=self._file, line=root.line_of("language")))
        return language

    def _message_format(self, root: YamlMap) -> str:
        given = root.get("message_format", "basic")
        name = str(given).lower()
        if name not in _MESSAGE_FORMATS:
            line = root.line_of("message_format")
            self._report(InvalidMessageFormatType(given, file=self._file, line=line))
            return "basic"
        return name


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _optional(value: Any) -> str | None:
    return None if value is None else str(value)


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"'{value}'"
