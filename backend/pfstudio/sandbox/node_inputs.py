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
    """The given values by the names the engine looks for, in their types.

    What stands for a flow input has that input's type, what replaces a literal the parameter's. What stands for another
    node's output stays as it is.

    Raises:
        InputTypeError: a value does not fit.
    """
    expected = _expected(flow, node, folder)
    inputs: dict[str, Any] = {}
    for key, value in given.items():
        name = f"inputs.{key}" if key in flow.inputs and key not in node.inputs else key
        own_name, kind = expected.get(name, (key, ""))
        try:
            inputs[name] = convert(kind, value) if kind in VALUE_TYPES else value
        except ValueError as error:
            raise InputTypeError(own_name, node.name, kind) from error
    return inputs


def _expected(flow: Flow, node: Node, folder: Path) -> dict[str, tuple[str, str]]:
    """The node's own name for an input, and its type, by every key a value may be given under."""
    parameters = _parameter_types(node, folder)
    expected: dict[str, tuple[str, str]] = {}
    for name, binding in node.inputs.items():
        if not isinstance(binding, Reference):
            kind = parameters.get(name, "object")
            expected[name] = (name, "" if kind == "object" else kind)
        elif binding.input is not None and binding.input in flow.inputs:
            kind = flow.inputs[binding.input].type
            keys = (name, binding.text[2:-1], binding.text, f"inputs.{binding.input}")
            expected |= dict.fromkeys(keys, (name, kind))
    return expected


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
