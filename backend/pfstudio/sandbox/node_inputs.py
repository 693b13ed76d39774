"""What the user gives for the test of one node, made fit for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio.errors import PromptflowException, UserErrorException
from pfstudio.flow.errors import InvalidFlowRequest
from pfstudio.flow.signature import python_signature
from pfstudio.flow.spec import Flow, Node, Reference
from pfstudio.flow.values import VALUE_TYPES, convert


class InputTypeError(InvalidFlowRequest):
    """The original's name and sentence, for a node tested on its own."""

    def __init__(self, name: str, node: str, expected: str) -> None:
        super().__init__(
            f"The input for node is incorrect. Value for input '{name}' of node '{node}' is not type '{expected}'. "
            "Please review and rectify the input data."
        )


def node_inputs(flow: Flow, node: Node, given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The given values by the names the engine looks for, converted to the types of flow inputs and parameters.

    A flow input may be given under its plain name. Aggregation nodes get lists of values, which are left as they are.

    Raises:
        InputTypeError: a value does not fit.
    """
    types = {} if node.aggregation else _types(flow, node, folder)
    inputs: dict[str, Any] = {}
    for key, value in given.items():
        name = f"inputs.{key}" if key in flow.inputs and key not in node.inputs else key
        expected = types.get(name)
        try:
            inputs[name] = convert(expected, value) if expected in VALUE_TYPES else value
        except ValueError as error:
            raise InputTypeError(key, node.name, str(expected)) from error
    return inputs


def _types(flow: Flow, node: Node, folder: Path) -> dict[str, str]:
    """Types by every key a value may be given under."""
    parameters = _parameter_types(node, folder)
    types = {f"inputs.{name}": definition.type for name, definition in flow.inputs.items()}
    for name, binding in node.inputs.items():
        expected = parameters.get(name)
        if expected is None:
            continue
        types[name] = expected
        if isinstance(binding, Reference):
            types[binding.text[2:-1]] = types[binding.text] = expected
    return types


def _parameter_types(node: Node, folder: Path) -> dict[str, str]:
    if node.type != "python" or node.source is None or node.source.type != "code" or not node.source.path:
        return {}
    try:
        signature = python_signature((folder / node.source.path).read_bytes(), node.source.path)
    except (OSError, PromptflowException):
        return {}  # The engine tells what is wrong with the file when it loads it.
    return {parameter.name: parameter.type for parameter in signature.inputs}


def find_node(flow: Flow, name: str) -> Node:
    """The node to test.

    Raises:
        UserErrorException: the flow has none of that name.
    """
    node = flow.node(name)
    if node is None:
        raise UserErrorException(f"Cannot find {name} in the flow.")
    return node
