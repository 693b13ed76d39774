"""A node run on its own: where its inputs are found in what the user gave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio.engine.errors import SingleNodeValidationError
from pfstudio.engine.media import load_value
from pfstudio.engine.node import ReadyNode
from pfstudio.flow.references import follow_path
from pfstudio.flow.spec import Flow, Reference


def node_arguments(node: ReadyNode, flow: Flow, given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The keywords of a node: values are keyed by its own input name or by the reference's text.

    Paths of images count from `folder`. `other.output.prop` may also be found inside a value given for `other.output`.
    A flow input that is not given has its default. An aggregation node gets flow inputs and values of normal nodes as
    lists of one.

    Raises:
        SingleNodeValidationError: an input is given nowhere.
        LoadMultimediaDataError: what should be an image is none.
    """
    arguments = dict(node.literals)
    for name in arguments:
        if name in given:
            arguments[name] = given[name]
    missing = []
    for name, reference in node.references:
        try:
            value = _find(name, reference, flow, given)
        except KeyError:
            missing.append(name)
            continue
        value = load_value(name, value, _type_of(reference, flow), flow, folder, line=reference.line)
        arguments[name] = [value] if _is_list(node, reference, flow) else value
    for name in set(given) & node.optional - set(arguments):
        arguments[name] = given[name]
    if missing:
        raise SingleNodeValidationError(f'Required input(s) {missing} are missing for "{node.name}".')
    return arguments


def _find(name: str, reference: Reference, flow: Flow, given: Mapping[str, Any]) -> Any:
    inner = reference.text[2:-1]
    for key in (name, inner, reference.text):
        if key in given:
            return given[key]
    if reference.input is not None:
        for key in (f"inputs.{reference.input}", f"flow.{reference.input}"):
            if key in given:
                return given[key]
        definition = flow.inputs[reference.input]
        if definition.has_default:
            return definition.default
        raise KeyError(name)
    node = str(reference.node)
    for key in (f"{node}.output", node):
        if key in given:
            return follow_path(given[key], node, reference.path)
    raise KeyError(name)


def _type_of(reference: Reference, flow: Flow) -> str:
    definition = flow.inputs.get(reference.input) if reference.input is not None else None
    return "object" if definition is None else definition.type


def _is_list(node: ReadyNode, reference: Reference, flow: Flow) -> bool:
    if not node.spec.aggregation:
        return False
    source = flow.node(reference.node) if reference.node is not None else None
    return source is None or not source.aggregation
