"""Flex flows: a YAML file that names a Python function or class. Nothing of the user's runs here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pfstudio.flow.entry_errors import FlexFlowDefinitionError, InvalidFlexFlowEntry
from pfstudio.flow.entry_signature import PORT_KINDS, EntrySignature, Port, Ports
from pfstudio.flow.errors import FlowPathError
from pfstudio.flow.files import FlowFiles
from pfstudio.flow.reader import FlowReader, Report
from pfstudio.flow.spec import Flow
from pfstudio.flow.value_references import resolve_references
from pfstudio.flow.yaml_reader import Place, YamlMap, plain, read_yaml

_ENTRY = re.compile(r"[a-zA-Z0-9_.]+:[a-zA-Z0-9_]+\Z")
_PORT_TYPES = ("string", "int", "double", "bool", "list", "object")
_MODEL_CONFIGURATIONS = ("AzureOpenAIModelConfiguration", "OpenAIModelConfiguration")
_OWN_KEYS = ("entry", "code", "sample", "nodes", "node_variants", *PORT_KINDS)


@dataclass(frozen=True, slots=True)
class FlexFlow:
    """A flex flow as it is written. `declared` has the ports of each kind, None for a kind the file leaves out.

    `code` is the folder of the Python code, relative to the file's or absolute. `flow` has what all flows have.
    """

    flow: Flow
    entry: str
    code: str | None = None
    declared: Mapping[str, Ports | None] = field(default_factory=dict)
    sample: Mapping[str, Any] = field(default_factory=dict)
    entry_line: int = 0

    @property
    def module(self) -> str:
        return self.entry.partition(":")[0]

    @property
    def attribute(self) -> str:
        return self.entry.partition(":")[2]

    def sample_of(self, kind: str) -> dict[str, Any]:
        """The sample's `inputs` or `init`; empty where there is none."""
        part = self.sample.get(kind)
        return dict(part) if isinstance(part, Mapping) else {}

    def with_signature(self, signature: EntrySignature) -> Flow:
        """What all kinds of flow have, with these inputs and outputs."""
        return replace(
            self.flow,
            inputs={name: port.to_input() for name, port in signature.inputs.items()},
            outputs={name: port.to_output() for name, port in signature.outputs.items()},
        )


def is_entry(text: object) -> bool:
    """Whether a text has the form `module:name`."""
    return isinstance(text, str) and _ENTRY.match(text) is not None


def flex_of_entry(entry: str, *, code: str | None = None, name: str = "flow") -> FlexFlow:
    """The flow that only names its entry, as one given on the command line does.

    Raises:
        InvalidFlexFlowEntry: the text is not `module:name`.
    """
    if not is_entry(entry):
        raise InvalidFlexFlowEntry.not_valid(entry)
    return FlexFlow(Flow(name=name, file="flow.flex.yaml"), entry, code)


def read_flex(
    files: FlowFiles,
    file: str,
    *,
    report: Report,
    folder_name: str = "flow",
    variables: Mapping[str, str] | None = None,
) -> FlexFlow:
    """The flex flow of a file; what does not fit goes to `report`. `variables` stand in for this process's environment.

    Raises:
        FlowPathError: there is no such file.
        FlowYamlError: it is not YAML.
    """
    try:
        content = files.read_bytes(file)
    except FileNotFoundError as error:
        raise FlowPathError(f"Flow file {file} does not exist.", file=file) from error
    document = read_yaml(content, file)
    root = document if isinstance(document, YamlMap) else YamlMap(Place(1, 1))
    return _FlexReader(file, report, files, variables).read(root, folder_name)


class _FlexReader:
    def __init__(self, file: str, report: Report, files: FlowFiles, variables: Mapping[str, str] | None) -> None:
        self._file = file
        self._report = report
        self._files = files
        self._variables = variables

    def read(self, root: YamlMap, folder_name: str) -> FlexFlow:
        flow = FlowReader(self._file, self._report).read(_without(root, _OWN_KEYS), folder_name)
        return FlexFlow(
            flow=flow,
            entry=self._entry(root),
            code=self._code(root),
            declared={kind: self._ports(root, kind) for kind in PORT_KINDS},
            sample=self._sample(root),
            entry_line=root.line_of("entry"),
        )

    def _definition(self, message: str, line: int) -> None:
        self._report(FlexFlowDefinitionError(message, file=self._file, line=line))

    def _entry(self, root: YamlMap) -> str:
        entry = root.get("entry")
        if not is_entry(entry):
            self._report(InvalidFlexFlowEntry.not_valid(entry, file=self._file, line=root.line_of("entry")))
            return ""
        return str(entry)

    def _code(self, root: YamlMap) -> str | None:
        code = root.get("code")
        if code is None:
            return None
        path = str(code).replace("\\", "/")
        if not self._files.exists(path):
            self._definition(f"Can't find directory or file '{path}', which 'code' names.", root.line_of("code"))
        return path

    def _ports(self, root: YamlMap, kind: str) -> Ports | None:
        value = root.get(kind)
        if value is None or value == {}:
            return None
        if not isinstance(value, YamlMap):
            self._definition(f"'{kind}' must be a mapping.", root.line_of(kind))
            return None
        return {str(name): self._port(kind, str(name), fields, value.line_of(name)) for name, fields in value.items()}

    def _port(self, kind: str, name: str, value: Any, line: int) -> Port:
        fields = value if isinstance(value, YamlMap) else YamlMap(Place(line, 1))
        given = fields.get("type")
        if not _is_type(given, kind):
            known = ", ".join(_PORT_TYPES)
            said = "has no type" if given is None else f"has the unknown type '{given}'"
            self._definition(f"'{name}' of '{kind}' {said}. Must be one of: {known}.", fields.line_of("type"))
        history = fields.get("is_chat_history")
        return Port(
            name=name,
            type=str(given or "object"),
            default=plain(fields.get("default")),
            has_default=fields.get("default") is not None,
            is_chat_input=bool(fields.get("is_chat_input")),
            is_chat_output=bool(fields.get("is_chat_output")),
            is_chat_history=None if history is None else bool(history),
            description=str(fields.get("description") or ""),
            line=line,
        )

    def _sample(self, root: YamlMap) -> Mapping[str, Any]:
        sample = plain(root.get("sample"))
        value = resolve_references(sample, self._files, file=self._file, variables=self._variables)
        if not value:
            return {}
        line = root.line_of("sample")
        if not isinstance(value, Mapping):
            self._definition("'sample' must be a mapping or name a file with one.", line)
            return {}
        for key in set(value) - {"init", "inputs"}:
            self._definition(f"'sample' has the key '{key}'. Must be one of: init, inputs.", line)
        return value


def _is_type(given: object, kind: str) -> bool:
    if given in _PORT_TYPES:
        return True
    return (
        kind == "init" and isinstance(given, str) and (given.endswith("Connection") or given in _MODEL_CONFIGURATIONS)
    )


def _without(root: YamlMap, keys: tuple[str, ...]) -> YamlMap:
    """A copy of a mapping that lacks some keys, with the places of the rest."""
    copy = YamlMap(root.place)
    for key, value in root.items():
        if key not in keys:
            copy[key] = value
            copy.places[key], copy.key_places[key] = root.places[key], root.key_places[key]
    return copy
