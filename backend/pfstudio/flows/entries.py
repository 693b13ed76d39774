"""Flex flows and prompties as their files say now: ports, sample and problems. Nothing of them is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pfstudio.engine.serialize import json_safe
from pfstudio.errors import PromptflowException
from pfstudio.flow.entry_signature import EntrySignature, Ports, merged
from pfstudio.flow.entry_source import EntrySource, module_path, read_entry
from pfstudio.flow.entry_validation import check_flex, check_prompty
from pfstudio.flow.flex import FlexFlow, read_flex
from pfstudio.flow.problems import Problem
from pfstudio.flow.prompty import PromptyFile, flow_of, read_prompty, sample_inputs
from pfstudio.flow.spec import Flow
from pfstudio.flows.connection_use import (
    NO_VARIABLES,
    flex_connections,
    parsed_argument,
    prompty_connections,
)
from pfstudio.flows.share_files import ShareFiles

_UNREADABLE = (PromptflowException, ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """What can be told of a flow that is one entry; empty as far as its files cannot be read.

    `source` is the file of a flex flow's code, where it is one of the flow's own. `needs` are the connections that a
    run with the given `init` cannot do without.
    """

    flow: Flow
    problems: list[Problem]
    init: Ports = field(default_factory=dict)
    entry: str = ""
    source: str | None = None
    line: int | None = None
    sample: Mapping[str, Any] = field(default_factory=dict)
    model: Mapping[str, Any] | None = None
    needs: frozenset[str] = frozenset()


def read_flex_entry(files: ShareFiles, file: str, name: str, init: Mapping[str, Any]) -> ReadEntry:
    """A flex flow, to be run with the given `init`."""
    problems = check_flex(files, file, variables=NO_VARIABLES)
    try:
        flex = read_flex(files, file, report=_ignore, folder_name=name, variables=NO_VARIABLES)
    except _UNREADABLE:
        return ReadEntry(Flow(name=name, file=file), problems)
    source = _source(files, flex)
    signature = _signature(flex, source)
    return ReadEntry(
        flow=flex.with_signature(signature),
        problems=problems,
        init=signature.init,
        entry=flex.entry,
        source=source.path if source else module_path(flex.module, flex.code, files),
        line=source.line if source else None,
        sample={kind: _json(flex.sample_of(kind)) for kind in ("inputs", "init")},
        needs=frozenset(flex_connections(flex, signature.init, init)),
    )


def read_prompty_entry(files: ShareFiles, file: str, name: str, init: Mapping[str, Any]) -> ReadEntry:
    """A prompty, to be run with the given `init` over its front matter."""
    problems = check_prompty(files, file, variables=NO_VARIABLES)
    try:
        prompty = read_prompty(files, file, variables=NO_VARIABLES)
        overrides = {key: parsed_argument(value) for key, value in init.items()}
        overlaid = read_prompty(files, file, overrides, variables=NO_VARIABLES) if init else prompty
        flow = flow_of(prompty, files)
    except _UNREADABLE:
        return ReadEntry(Flow(name=name, file=file), problems)
    return ReadEntry(
        flow=flow,
        problems=problems,
        sample={"inputs": _json(_prompty_sample(prompty, files))},
        model=_model(prompty),
        needs=frozenset(prompty_connections(overlaid)),
    )


def _source(files: ShareFiles, flex: FlexFlow) -> EntrySource | None:
    path = module_path(flex.module, flex.code, files) if flex.entry else None
    if path is None:
        return None
    try:
        return read_entry(files, path, flex.entry)
    except (*_UNREADABLE, FileNotFoundError):
        return None


def _signature(flex: FlexFlow, source: EntrySource | None) -> EntrySignature:
    """The ports of the code with what the YAML says of each; those of the YAML alone where the code does not tell."""
    if source is not None and source.signature is not None:
        try:
            return merged(source.signature, flex.declared, flex.flow.file)
        except PromptflowException:
            return source.signature
    declared = {kind: ports or {} for kind, ports in flex.declared.items()}
    return EntrySignature(**declared)


def _prompty_sample(prompty: PromptyFile, files: ShareFiles) -> dict[str, Any]:
    try:
        return sample_inputs(prompty, files)
    except _UNREADABLE:
        return {}


def _model(prompty: PromptyFile) -> dict[str, Any]:
    """The model as the front matter names it, without anything that might be a secret."""
    given = prompty.model.configuration
    configuration = given if isinstance(given, Mapping) else {}
    return {
        "api": prompty.model.api,
        "connection": _text(configuration.get("connection")),
        "name": _text(configuration.get("azure_deployment") or configuration.get("model")),
        "parameters": _json(prompty.model.parameters),
        "response": prompty.model.response,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): json_safe(value, finite=True) for name, value in values.items()}


def _ignore(_problem: PromptflowException) -> None:
    """`check_flex` has told it already."""
