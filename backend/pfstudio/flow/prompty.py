"""Prompties: a file of a YAML block between two lines of dashes, and a prompt behind it. Nothing runs here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from pfstudio.flow.entry_errors import InvalidSampleError, PromptyFormatError
from pfstudio.flow.environment import as_text
from pfstudio.flow.errors import FlowPathError
from pfstudio.flow.files import FlowFiles
from pfstudio.flow.spec import Flow, InputDefinition, Literal, OutputDefinition
from pfstudio.flow.value_references import Warn, resolve_references
from pfstudio.flow.values import VALUE_TYPES
from pfstudio.flow.yaml_reader import YamlMap, plain, read_yaml

_DASHES = re.compile(r"^-{3,}[ \t]*\n", re.MULTILINE)
_CLOSING_AT_END = re.compile(r"^-{3,}[ \t]*\Z", re.MULTILINE)
_TYPE_OF = {bool: "bool", int: "int", float: "double", str: "string", list: "list"}


@dataclass(frozen=True, slots=True)
class PromptyModel:
    """How a prompty calls its model. `configuration` is a mapping, or what stands for one in Python."""

    configuration: Any
    parameters: Mapping[str, Any] = field(default_factory=dict)
    api: str = "chat"
    response: str = "first"


@dataclass(frozen=True, slots=True)
class PromptyFile:
    """A prompty with its references resolved: its front matter, and its prompt with the line that begins at."""

    file: str
    name: str
    template: str
    template_line: int
    data: Mapping[str, Any]
    model: PromptyModel
    lines: Mapping[str, int]

    @property
    def declared_inputs(self) -> Mapping[str, Any]:
        return self.data.get("inputs") or {}

    @property
    def outputs(self) -> Mapping[str, Any]:
        return self.data.get("outputs") or {}

    @property
    def sample(self) -> Any:
        return self.data.get("sample")


def read_prompty(
    files: FlowFiles,
    file: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    warn: Warn | None = None,
    variables: Mapping[str, str] | None = None,
) -> PromptyFile:
    """The prompty of a file, with `overrides` laid over its front matter, key by key at any depth.

    `variables` stand in for this process's environment.

    Raises:
        FlowPathError: there is no such file.
        PromptyFormatError: it is not a prompty.
        FlowYamlError: its front matter is not YAML.
        ReferenceFileNotFoundError: it names a file that is not there.
    """
    try:
        content = files.read_bytes(file)
    except FileNotFoundError as error:
        raise FlowPathError(f"Flow file {file} does not exist.", file=file) from error
    front, template, template_line = _parts(content, file)

    def resolved(value: Any) -> Any:
        return resolve_references(value, files, file=file, warn=warn, variables=variables)

    data = overlaid(resolved(plain(front)), resolved(dict(overrides or {})))
    _check_parts(data, front, file)
    return PromptyFile(
        file=file,
        name=str(data.get("name") or PurePath(file).stem),
        template=template,
        template_line=template_line,
        data=data,
        model=_model(data, front, file),
        lines={str(key): front.line_of(key) for key in front},
    )


def front_matter(content: bytes, file: str) -> Mapping[str, Any]:
    """The YAML block of a prompty as it is written, references and all.

    Raises:
        PromptyFormatError, FlowYamlError: there is none that can be read.
    """
    return _parts(content, file)[0]


def _parts(content: bytes, file: str) -> tuple[YamlMap, str, int]:
    """Front matter, prompt, and the line the prompt begins at. The first line of dashes behind the first closes."""
    text = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    opening = _DASHES.search(text)
    closing = None
    if opening is not None:
        closing = _DASHES.search(text, opening.end()) or _CLOSING_AT_END.search(text, opening.end())
    if opening is None or closing is None:
        raise PromptyFormatError.no_front_matter(file)
    above = "\n" * text.count("\n", 0, opening.end())  # So that the lines of the YAML count in the file.
    front = read_yaml((above + text[opening.end() : closing.start()]).encode(), file)
    if not isinstance(front, YamlMap):
        raise PromptyFormatError("The block between the lines of dashes must be a YAML mapping.", file=file, line=1)
    return front, text[closing.end() :], text.count("\n", 0, closing.end()) + 1


def overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The lower mapping with the upper one's values in place of its own; mappings are merged, not replaced."""
    merged = dict(below)
    for key, value in above.items():
        under = below.get(key)
        if isinstance(value, Mapping):
            merged[key] = overlaid(under if isinstance(under, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _check_parts(data: Mapping[str, Any], front: YamlMap, file: str) -> None:
    for key in ("model", "inputs", "outputs", "environment_variables"):
        if not isinstance(data.get(key) or {}, Mapping):
            raise PromptyFormatError(f"'{key}' must be a mapping.", file=file, line=front.line_of(key))
    for name, fields in (data.get("inputs") or {}).items():
        if not isinstance(fields, Mapping):
            raise PromptyFormatError(
                f"The input '{name}' must be a mapping such as {{type: string}}.",
                file=file,
                line=front.line_of("inputs"),
            )


def _model(data: Mapping[str, Any], front: YamlMap, file: str) -> PromptyModel:
    model: Mapping[str, Any] = data.get("model") or {}
    line = front.line_of("model")
    if model.get("configuration") is None:
        raise PromptyFormatError(
            "'model' has no 'configuration', which says which model to call.", file=file, line=line
        )
    parameters = model.get("parameters")
    if not isinstance(parameters or {}, Mapping):
        raise PromptyFormatError("'parameters' of 'model' must be a mapping.", file=file, line=line)
    return PromptyModel(
        configuration=model["configuration"],
        parameters=parameters or {},
        api=str(model.get("api") or "chat"),
        response=str(model.get("response") or "first"),
    )


def sample_inputs(prompty: PromptyFile, files: FlowFiles) -> dict[str, Any]:
    """The inputs a prompty is called with when none are given.

    Raises:
        InvalidSampleError: it is neither a mapping nor a JSON file.
    """
    sample = prompty.sample
    where: dict[str, Any] = {"file": prompty.file, "line": prompty.lines.get("sample")}
    if not sample:
        return {}
    if isinstance(sample, Mapping):
        return dict(sample)
    path = str(sample).removeprefix("file:")
    if not path.endswith(".json"):
        raise InvalidSampleError("Only dict and json file are supported as sample in prompty.", **where)
    try:
        value = json.loads(files.read_bytes(path).decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise InvalidSampleError(f"Cannot find sample file {path}.", **where) from error
    if not isinstance(value, dict):
        raise InvalidSampleError(f"The sample file {path} holds no JSON object.", **where)
    return value


def input_fields(prompty: PromptyFile, files: FlowFiles) -> Mapping[str, Mapping[str, Any]]:
    """The declared inputs, or those that the sample shows."""
    if prompty.declared_inputs or not prompty.sample:
        return prompty.declared_inputs
    return {
        name: {"type": _TYPE_OF.get(type(value), "object")} for name, value in sample_inputs(prompty, files).items()
    }


def flow_of(prompty: PromptyFile, files: FlowFiles) -> Flow:
    """The prompty as a flow: inputs and outputs, no nodes."""
    data = prompty.data
    inputs = {name: _input(name, fields) for name, fields in input_fields(prompty, files).items()}
    return Flow(
        name=prompty.name,
        file=prompty.file,
        inputs=inputs,
        outputs={name: _output(name, fields) for name, fields in prompty.outputs.items()},
        environment_variables=as_text(data.get("environment_variables") or {}),
        display_name=str(data.get("display_name") or ""),
        description=str(data.get("description") or ""),
        id=str(data.get("id") or "default_flow_id"),
    )


def _input(name: str, fields: Mapping[str, Any]) -> InputDefinition:
    given = fields.get("type")
    history = fields.get("is_chat_history")
    return InputDefinition(
        name=name,
        type=str(given) if given in VALUE_TYPES else "file_path",  # Nothing is converted to that.
        default=fields.get("default"),
        has_default=fields.get("default") is not None,
        description=str(fields.get("description") or ""),
        is_chat_input=bool(fields.get("is_chat_input")),
        is_chat_history=None if history is None else bool(history),
    )


def _output(name: str, fields: Any) -> OutputDefinition:
    known = fields if isinstance(fields, Mapping) else {}
    return OutputDefinition(
        name, str(known.get("type") or "string"), Literal(None), is_chat_output=bool(known.get("is_chat_output"))
    )
