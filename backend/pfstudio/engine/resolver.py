"""Makes nodes ready: loads their tools, gives literals their types, fetches connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pfstudio.connections.types import ConnectionNotFoundError
from pfstudio.engine.errors import ResolveToolError
from pfstudio.engine.media import load_value
from pfstudio.engine.node import ReadyNode, ready
from pfstudio.engine.ports import ConnectionSource
from pfstudio.errors import NotFoundError, PromptflowException
from pfstudio.flow.errors import (
    InvalidSource,
    NodeSourceMissingError,
    PythonParsingError,
    UnknownNodeTypeError,
)
from pfstudio.flow.reader import NODE_TYPES
from pfstudio.flow.spec import Flow, Literal, Node, NodeSource, Reference
from pfstudio.flow.templates import image_variables
from pfstudio.flow.values import VALUE_TYPES, convert
from pfstudio.tools.errors import (
    GetConnectionError,
    LoadMultimediaDataError,
    NodeInputValidationError,
    PackageToolNotFoundError,
)
from pfstudio.tools.parameters import ToolParameter
from pfstudio.tools.python import LoadedTool, defined_at, load_python_tool

# The original shows these as they are; everything else about a node is told as "Tool load failed in 'node'".
_OPEN_MODEL_TOOL = "promptflow.tools.open_model_llm.OpenModelLLM.call"
_SHOWN_ALWAYS_PLAIN = (NodeSourceMissingError, UnknownNodeTypeError, ConnectionNotFoundError)
_SHOWN_PLAIN = (*_SHOWN_ALWAYS_PLAIN, InvalidSource, PythonParsingError, NotFoundError, PackageToolNotFoundError)


class NodeResolver:
    """Resolves the nodes of one flow. Runs the users' modules, so it is used inside the flow's workspace."""

    def __init__(self, flow: Flow, folder: Path, connections: ConnectionSource) -> None:
        self._flow = flow
        self._folder = folder
        self._connections = connections

    def resolve(self, node: Node) -> ReadyNode:
        """The node, ready to be called.

        Raises:
            PromptflowException: the tool does not load, a literal does not fit, a connection is missing.
        """
        if node.type == "llm" and node.module:
            from pfstudio.engine.llm_nodes import import_provider

            import_provider(node, file=self._flow.file, line=node.line or None)
        try:
            return self._resolve(node)
        except _SHOWN_PLAIN as error:
            if node.type == "python" or isinstance(error, _SHOWN_ALWAYS_PLAIN):
                if error.file is None:  # A connection that is not there does not know who asked for it.
                    error.file, error.line = self._flow.file, node.line
                raise
            raise ResolveToolError(node.name, error, file=error.file, line=error.line) from error
        except PromptflowException as error:
            raise ResolveToolError(
                node.name, error, file=error.file or self._flow.file, line=error.line or node.line
            ) from error

    def _resolve(self, node: Node) -> ReadyNode:
        where = self._where(node)
        if node.source is None:
            raise NodeSourceMissingError(node.name, **where)
        if node.type is None:
            raise UnknownNodeTypeError(node.name, node.type, NODE_TYPES, **where)
        if node.type == "prompt":
            return self._prompt(node)
        if node.type == "llm":
            from pfstudio.engine.llm_nodes import resolve_llm

            return resolve_llm(node, self.template_text(node), self.connection_of(node))
        return self._tool_node(node, self._load_tool(node))

    def _where(self, node: Node) -> dict[str, Any]:
        return {"file": self._flow.file, "line": node.source.line if node.source else node.line}

    def _load_tool(self, node: Node) -> LoadedTool:
        source = node.source or NodeSource()
        if source.type == "code" and node.type == "python":
            return load_python_tool(self._folder, source.path, node.name, **self._where(node))
        from pfstudio.tools.registry import load_package_tool

        return load_package_tool(source.tool or "", **self._where(node))

    def template_text(self, node: Node) -> str:
        """The source of a node's template file."""
        path = node.source.path if node.source else None
        file = self._folder / path if path else None
        if file is None or not file.is_file():
            raise InvalidSource(node.name, path, is_template=True, **self._where(node))
        return file.read_bytes().decode("utf-8-sig", errors="replace").replace("\r\n", "\n")

    def image_literals(self, node: Node, template: str) -> dict[str, Any]:
        """What is written at a node for the images that its template shows."""
        names = image_variables(template) if "![" in template else ()
        return {
            name: self._image(node, name, binding)
            for name in names
            if isinstance(binding := node.inputs.get(name), Literal) and binding.value
        }

    def _image(self, node: Node, name: str, binding: Literal) -> Any:
        return self._with_media(node, name, binding, binding.value, "image")

    def _with_media(self, node: Node, name: str, binding: Literal, value: Any, type_name: str) -> Any:
        line = binding.line or node.line
        try:
            return load_value(name, value, type_name, self._flow, self._folder, line=line)
        except LoadMultimediaDataError as error:
            raise NodeInputValidationError(error.message, file=self._flow.file, line=line) from error

    def _prompt(self, node: Node) -> ReadyNode:
        from pfstudio.tools.prompt import PromptCall

        text = self.template_text(node)
        path = node.source.path if node.source else None
        escaped = [name for name, b in node.inputs.items() if isinstance(b, Reference) and b.input is not None]
        call = PromptCall(node.name, text, path or "", frozenset(escaped))
        literals = {name: b.value for name, b in node.inputs.items() if isinstance(b, Literal)}
        literals |= self.image_literals(node, text)
        return ready(node, "render_template_jinja2", lambda values, _: call(values), literals)

    def _tool_node(self, node: Node, tool: LoadedTool) -> ReadyNode:
        literals = self._literals(node, tool)
        if node.type == "custom_llm":
            text = self.template_text(node)
            literals |= {**self._prompt_argument(node, tool, text), **self.image_literals(node, text)}
        init = {name: literals.pop(name) for name in list(literals) if name in tool.init_parameters}
        for name, binding in node.inputs.items():
            if name in tool.init_parameters and isinstance(binding, Reference):
                raise tool.refuse_reference(name, binding.text)
        function = tool.build(init)
        if node.type == "custom_llm":
            function = self._for_prompt(node, tool, function, literals.get("endpoint_name"))
        option = tool.streaming_option
        call = _streaming_call(function, option) if option else _plain_call(function)
        if node.enable_cache and node.type == "python" and tool.file and not tool.is_async:
            from pfstudio.engine.reuse import reused_call

            call = reused_call(node, self._folder, tool.name, call)
        optional = frozenset(name for name, parameter in tool.parameters.items() if not parameter.required)
        place = (tool.file, defined_at(tool.function)) if tool.file else (None, None)
        return ready(node, tool.name, call, literals, optional, is_async=tool.is_async, place=place)

    def _for_prompt(self, node: Node, tool: LoadedTool, function: Callable[..., Any], endpoint: Any) -> Any:
        """The tool with what it is told beside the node's inputs, which records do not show."""
        from pfstudio.engine.llm_nodes import flow_input_names

        escaped = flow_input_names(node)
        if escaped and tool.takes_any:
            function = partial(function, _inputs_to_escape=[name for name in node.inputs if name in escaped])
        is_open_model = node.source is not None and node.source.tool == _OPEN_MODEL_TOOL
        return self._with_endpoint(function, endpoint) if is_open_model else function

    def _with_endpoint(self, function: Callable[..., Any], endpoint: Any) -> Callable[..., Any]:
        """The tool with the endpoint of the connection it names."""
        kind, _, name = str(endpoint or "").partition("/")
        if kind.lower() not in ("connection", "localconnection"):
            return function
        from pfstudio.tools.open_model_llm import endpoint_of_connection

        return partial(function, **endpoint_of_connection(self._connections.get(name)))

    def _prompt_argument(self, node: Node, tool: LoadedTool, text: str) -> dict[str, str]:
        from pfstudio.engine.llm_nodes import prompt_parameter_of, template_variable_names

        path = node.source.path if node.source else None
        return {prompt_parameter_of(node, tool, template_variable_names(text, path or "")): text}

    def _literals(self, node: Node, tool: LoadedTool) -> dict[str, Any]:
        literals: dict[str, Any] = {}
        for name, binding in node.inputs.items():
            if not isinstance(binding, Literal) or binding.value is None or binding.value == "":
                continue  # An empty literal leaves the tool its own default.
            parameter = tool.init_parameters.get(name) or tool.parameters.get(name)
            literals[name] = binding.value if parameter is None else self._literal(node, parameter, binding)
        return literals

    def _literal(self, node: Node, parameter: ToolParameter, binding: Literal) -> Any:
        where = {"file": self._flow.file, "line": binding.line or node.line}
        if parameter.takes_connection:
            return self._connection_literal(node, parameter, str(binding.value), where)
        if parameter.type not in VALUE_TYPES:
            return binding.value
        if parameter.type == "image":
            return self._image(node, parameter.name, binding)
        if parameter.type == "assistant_definition":
            return self._assistant(node, parameter.name, binding, where)
        try:
            value = convert(parameter.type, binding.value)
            return load_value(
                parameter.name, value, parameter.type, self._flow, self._folder, line=binding.line or node.line
            )
        except ValueError as error:
            raise NodeInputValidationError.not_of_type(
                parameter.name, node.name, binding.value, parameter.type, **where
            ) from error

    def _assistant(self, node: Node, name: str, binding: Literal, where: Mapping[str, Any]) -> Any:
        from pfstudio.engine.assistants import load_assistant

        try:
            return load_assistant(
                self._folder,
                binding.value,
                node=node.name,
                name=name,
                load=self._load_tool,
                literals=self._literals,
            )
        except PromptflowException as error:
            message = (
                f"Failed to load assistant definition from input '{name}': ({type(error).__name__}) {error.message}"
            )
            raise NodeInputValidationError(message, **where) from error

    def _connection_literal(self, node: Node, parameter: ToolParameter, name: str, where: Mapping[str, Any]) -> Any:
        connection = self._connections.get(name)
        given = type(connection).__name__
        if given not in parameter.types and "object" not in parameter.types:
            raise NodeInputValidationError.wrong_connection(parameter.name, node.name, given, parameter.types, **where)
        strong = parameter.connection_class
        if strong is not None and strong.__name__ != given and hasattr(connection, "convert_to"):
            return connection.convert_to(strong)
        return connection

    def connection_of(self, node: Node) -> Any:
        """The connection an llm node names."""
        if not node.connection:
            cause = ConnectionNotFoundError(str(node.connection))
            raise GetConnectionError(str(node.connection), node.name, cause, **self._where(node))
        try:
            return self._connections.get(node.connection)
        except ConnectionNotFoundError:
            raise
        except PromptflowException as error:
            raise GetConnectionError(node.connection, node.name, error, **self._where(node)) from error


def _plain_call(function: Callable[..., Any]) -> Callable[[dict[str, Any], bool], Any]:
    return lambda keywords, _: function(**keywords)


def _streaming_call(function: Callable[..., Any], option: str) -> Callable[[dict[str, Any], bool], Any]:
    return lambda keywords, streaming: function(**{**keywords, option: streaming})
