"""LLM nodes made ready: `tools.llm` knows the models, this the node."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any, Final

from pfstudio.connections.types import Connection
from pfstudio.engine.node import ReadyNode, ready
from pfstudio.flow.spec import Literal, Node, Reference
from pfstudio.flow.templates import variables_of
from pfstudio.tools.errors import FailedToImportModule, InvalidCustomLLMTool, NodeInputValidationError
from pfstudio.tools.python import LoadedTool

# Editors write these at every llm node. What they are for is done here, so nothing of them is loaded.
_OWN_MODULES: Final = frozenset(f"promptflow.tools.{name}" for name in ("aoai", "openai", "aoai_gpt4v", "openai_gpt4v"))


def resolve_llm(node: Node, template: str, connection: Connection) -> ReadyNode:
    """A chat or completion node. Inputs that come straight from the flow's inputs cannot become role lines."""
    from pfstudio.tools.llm import prepare_llm
    from pfstudio.tools.prompt import placed_in

    file = (node.source.path if node.source else None) or ""
    prepared = prepare_llm(node, template, connection, file=file)
    escaped = flow_input_names(node)
    literals = {
        name: binding.value
        for name, binding in node.inputs.items()
        if isinstance(binding, Literal) and binding.value not in (None, "")
    }

    def call(keywords: dict[str, Any], streaming: bool) -> Any:
        with placed_in(file):
            return prepared(keywords, stream=streaming, escaped=escaped)

    return ready(node, f"{prepared.endpoint.provider}.{node.api}", call, literals, call_type="LLM")


def import_provider(node: Node, **where: Any) -> None:
    """Import what an llm node names as its `module`, as flows that bring clients of their own expect.

    Raises:
        FailedToImportModule: it cannot be imported; `where` is the node's place.
    """
    module = node.module or ""
    if module in _OWN_MODULES:
        return
    try:
        importlib.import_module(module)
    except Exception as error:
        raise FailedToImportModule(module, error, node=node.name, **where) from error


def flow_input_names(node: Node) -> frozenset[str]:
    """The node's inputs that are bound directly to inputs of the flow."""
    bound = (name for name, binding in node.inputs.items() if isinstance(binding, Reference) and binding.input)
    return frozenset(bound)


def prompt_parameter_of(node: Node, tool: LoadedTool, variables: Iterable[str]) -> str:
    """The parameter of a custom_llm tool that takes the template.

    Raises:
        InvalidCustomLLMTool: it has none.
        NodeInputValidationError: a variable of the template has the name of another parameter.
    """
    names = [name for name, parameter in tool.parameters.items() if parameter.type == "prompt_template"]
    if not names:
        raise InvalidCustomLLMTool(tool.name, tool.function.__name__)
    clashing = set(variables) & (set(tool.parameters) | set(tool.init_parameters))
    if clashing:
        raise NodeInputValidationError.clashing_names(node.name, clashing)
    return names[0]


def template_variable_names(text: str, path: str) -> list[str]:
    """The names of a template's variables, in the order they stand in it."""
    return [name for name, _ in variables_of(text, path)]
