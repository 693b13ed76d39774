"""What a flow takes, before anything of it has run: needed to map data to its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.flex import read_flex
from pfstudio.flow.loader import load_flow
from pfstudio.flow.overrides import check_node_overrides, with_node_overrides
from pfstudio.flow.spec import Flow, InputDefinition
from pfstudio.sdk.runs.entry_inputs import entry_inputs
from pfstudio.sdk.runs.flow_source import FlowSource


def read_interface(
    source: FlowSource,
    *,
    variant: str | None,
    connections: Mapping[str, Mapping[str, Any]] | None,
    init: Mapping[str, Any] | None = None,
) -> Flow:
    """The flow, read and checked; of a flex flow and a prompty its inputs.

    Raises:
        PromptflowException: the first problem of the flow.
    """
    if source.kind == "dag":
        flow = with_node_overrides(load_flow(source.file, variant=variant), connections)
        check_node_overrides(flow, FolderFiles(source.file.parent), connections)
        return flow
    if source.kind == "flex":
        return _flex(source, init)
    return _prompty(source)


def _flex(source: FlowSource, init: Mapping[str, Any] | None) -> Flow:
    files = FolderFiles(source.file.parent)
    flex = read_flex(files, source.file.name, report=_raise, folder_name=source.name)
    code = (source.file.parent / (flex.code or ".")).resolve()
    declared = flex.declared.get("inputs")
    if declared is None:
        return replace(flex.flow, inputs=entry_inputs(source.file, flex.entry, code, init))
    inputs = {name: port.to_input() for name, port in declared.items()}
    if any(item.has_default for item in inputs.values()):
        with suppress(PromptflowException):  # What is wrong with the entry is told when the run starts.
            inputs = _yielding(inputs, entry_inputs(source.file, flex.entry, code, init))
    return replace(flex.flow, inputs=inputs)


def _yielding(
    declared: Mapping[str, InputDefinition], in_code: Mapping[str, InputDefinition]
) -> dict[str, InputDefinition]:
    """The declared inputs: a default that the code does not know gives way to the data's column."""
    without = {name for name, item in in_code.items() if not item.has_default}
    return {
        name: replace(item, yields_to_column=item.has_default and name in without) for name, item in declared.items()
    }


def _prompty(source: FlowSource) -> Flow:
    from pfstudio.flow.prompty import flow_of, read_prompty

    files = FolderFiles(source.file.parent)
    return flow_of(read_prompty(files, source.file.name), files)


def _raise(problem: PromptflowException) -> None:
    raise problem
