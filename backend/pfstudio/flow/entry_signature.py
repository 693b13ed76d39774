"""What the entry of a flex flow takes and gives: ports of inputs, outputs and, for a class, of its constructor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pfstudio.flow.entry_errors import SignatureMismatchError
from pfstudio.flow.spec import InputDefinition, Literal, OutputDefinition

PORT_KINDS = ("inputs", "outputs", "init")


@dataclass(frozen=True, slots=True)
class Port:
    """One input, output or constructor parameter. `default` is the Python value where `has_default`."""

    name: str
    type: str
    default: Any = None
    has_default: bool = False
    is_chat_input: bool = False
    is_chat_output: bool = False
    is_chat_history: bool | None = None
    description: str = ""
    line: int = 0

    @property
    def is_optional(self) -> bool:
        """A default of None or "" leaves the parameter its own default, unconverted."""
        return self.has_default and (self.default is None or self.default == "")

    def to_input(self) -> InputDefinition:
        return InputDefinition(
            name=self.name,
            type=self.type,
            default=self.default.value if isinstance(self.default, Enum) else self.default,
            has_default=self.has_default,
            description=self.description,
            is_chat_input=self.is_chat_input,
            is_chat_history=self.is_chat_history,
            line=self.line,
        )

    def to_output(self) -> OutputDefinition:
        return OutputDefinition(
            name=self.name,
            type=self.type,
            binding=Literal(None),
            description=self.description,
            is_chat_output=self.is_chat_output,
            line=self.line,
        )

    def to_fields(self) -> dict[str, Any]:
        """The port as YAML has it; a default is text there, and None is "" ."""
        fields: dict[str, Any] = {"type": self.type}
        if self.has_default:
            fields["default"] = default_text(self.default)
        return fields


Ports = Mapping[str, Port]


@dataclass(frozen=True, slots=True)
class EntrySignature:
    """`outputs` and `init` are empty where the entry has none to declare."""

    inputs: Ports = field(default_factory=dict)
    outputs: Ports = field(default_factory=dict)
    init: Ports = field(default_factory=dict)

    def to_fields(self, *, with_output: bool = False) -> dict[str, dict[str, Any]]:
        """The signature as YAML has it; kinds without ports are left out, or `output` is added to have one."""
        kinds = {"inputs": self.inputs, "outputs": self.outputs, "init": self.init}
        fields = {kind: {name: port.to_fields() for name, port in ports.items()} for kind, ports in kinds.items()}
        if with_output and not self.outputs:
            fields["outputs"] = {"output": {"type": "string"}}
        return {kind: ports for kind, ports in fields.items() if ports}


def default_text(value: Any) -> Any:
    """A default as promptflow writes it."""
    if value is None:
        return ""
    return value.value if isinstance(value, Enum) else str(value)


def merged(inferred: EntrySignature, declared: Mapping[str, Ports | None], file: str) -> EntrySignature:
    """The signature with the ports a flow's YAML declares; it may say more of each, but must name the same.

    Raises:
        SignatureMismatchError: it names others.
    """
    known = {
        "inputs": inferred.inputs,
        "outputs": inferred.outputs or {"output": Port("output", "string")},
        "init": inferred.init,
    }
    for kind, ports in declared.items():
        if ports is None:
            continue
        line = next((port.line for port in ports.values() if port.line), None)
        if not known[kind]:
            raise SignatureMismatchError.of_kind(kind, file=file, line=line)
        if set(ports) != set(known[kind]):
            raise SignatureMismatchError.of_ports(kind, ports, known[kind], file=file, line=line)
        known[kind] = ports
    return EntrySignature(known["inputs"], known["outputs"], known["init"])
