"""LLM nodes: a prompt template, a connection and parameters, ready to be called with a node's inputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pfstudio.connections.types import Connection
from pfstudio.flow.spec import Literal, Node
from pfstudio.flow.templates import check_template, variables_of
from pfstudio.flow.values import NotJsonError, NotOfTypeError, convert
from pfstudio.models.chat import images_in, parse_chat, with_image_lines
from pfstudio.models.client import client_of
from pfstudio.models.endpoint import Endpoint, endpoint_of
from pfstudio.models.errors import APINotFound, FunctionCallNotSupportedInStreamMode, LLMError, ModelError
from pfstudio.models.parameters import MODEL_PARAMETERS, PARAMETER_TYPES, chat_body, completion_body, vision_body
from pfstudio.models.refusals import CallPlace
from pfstudio.models.rendering import PromptText, render
from pfstudio.tools.errors import NodeInputValidationError
from pfstudio.tools.model_call import Answer, ModelCall
from pfstudio.tracing.tracer import current_node_trace

_PROMPT: Final = "prompt"


class MissingModelError(ModelError):
    def __init__(self, place: CallPlace, parameter: str) -> None:
        super().__init__(f"No model is chosen ({place}). Give the node's input '{parameter}' a value.")


def prepare_llm(node: Node, template_text: str, connection: Connection, *, file: str | None = None) -> LlmCall:
    """The node as something to call; checks all that can be checked before the first line runs.

    `file` is the template's, for messages.

    Raises:
        InvalidConnectionType: the connection is not one to a model server.
        APINotFound: the node's `api` is neither chat nor completion.
        NodeInputValidationError: a parameter written in the node is not of its type, or a variable of the template
            has the name of one.
        JinjaParsingError: the prompt is not a template.
    """
    endpoint = endpoint_of(connection)
    api = node.api
    if api is None or api not in PARAMETER_TYPES:
        raise APINotFound(endpoint.provider, api)
    for name, binding in node.inputs.items():
        if isinstance(binding, Literal):
            _check_literal(node, api, name, binding)
    path = file or (node.source.path if node.source else None) or ""
    check_template(template_text, path)
    if clashing := _parameters(api, endpoint) & {name for name, _ in variables_of(template_text, path)}:
        raise NodeInputValidationError.clashing_parameters(node.name, clashing, f"{endpoint.provider}.{api}")
    return LlmCall(api, endpoint, template_text, node.name)


def _parameters(api: str, endpoint: Endpoint) -> set[str]:
    """What a call itself takes, so that no variable of a template can have the name."""
    return {*PARAMETER_TYPES[api], _PROMPT, MODEL_PARAMETERS[endpoint.provider == "OpenAI"]}


def _check_literal(node: Node, api: str, name: str, binding: Literal) -> None:
    try:
        _as_parameter(api, name, binding.value)
    except (NotOfTypeError, NotJsonError) as error:
        wanted = PARAMETER_TYPES[api][name]
        raise NodeInputValidationError.not_of_type(
            name, node.name, binding.value, wanted, line=binding.line or None
        ) from error


def _as_parameter(api: str, name: str, value: Any) -> Any:
    """The value as the parameter's type; null and empty text count as not given."""
    kind = PARAMETER_TYPES[api].get(name)
    if kind is None:
        return value
    if value is None or value == "":
        return None
    if name == "stop" and isinstance(value, str) and not value.lstrip().startswith("["):
        return [value]
    if name == "max_tokens" and str(value).lower() == "inf":
        return None
    return convert(kind, value)


@dataclass(frozen=True, slots=True)
class LlmCall:
    """A prepared LLM node. Call it with the node's inputs, any number of times, from any thread.

    With `image_detail` (`auto`, `low`, `high`) the messages show the images among the inputs.
    """

    api: str
    endpoint: Endpoint
    template: str = field(repr=False)
    node: str | None = None
    image_detail: str | None = None

    def __call__(
        self, inputs: Mapping[str, Any], *, stream: bool = False, escaped: Collection[str] = frozenset()
    ) -> Answer:
        """The model's answer: its text, the whole message where functions or tools were given, or pieces of text.

        `escaped` names inputs that come from the flow's inputs: their text cannot become a role line. With `stream`,
        or where the node itself says so, the pieces come as the server sends them.

        Raises:
            ModelError: the prompt, the parameters, the server or its answer is at fault; the sentence says which.
        """
        reserved = {*PARAMETER_TYPES[self.api], *MODEL_PARAMETERS, _PROMPT}
        variables = {name: value for name, value in inputs.items() if name not in reserved}
        prompt = self._prompt(_template_of(inputs.get(_PROMPT)) or self.template, variables, escaped)
        body = self._body(prompt, inputs, stream=stream)
        call = ModelCall(self.api, body, self.node, current_node_trace())
        client = client_of(self.endpoint)
        return call.stream(client) if body["stream"] else call.whole(client)

    def _prompt(self, template: str, variables: Mapping[str, Any], escaped: Collection[str]) -> PromptText:
        if self.image_detail is not None:
            return render(with_image_lines(template), variables, escaped=escaped, lists_as_lines=True)
        azure_chat = self.api == "chat" and self.endpoint.provider == "AzureOpenAI"
        return render(template, variables, escaped=escaped, lists_as_lines=azure_chat)

    def _body(self, prompt: PromptText, inputs: Mapping[str, Any], *, stream: bool) -> dict[str, Any]:
        values = {name: self._given(name, inputs[name]) for name in PARAMETER_TYPES[self.api] if name in inputs}
        asked_to_stream = bool(values.get("stream"))
        values["stream"] = stream or asked_to_stream
        model = self._model(inputs)
        if self.api == "completion":
            return completion_body(self.endpoint.provider, model, str(prompt), values)
        if self.image_detail is not None:
            messages = parse_chat(prompt, images_in(dict(inputs)), self.image_detail)
            return vision_body(model, messages, values)
        body = chat_body(self.endpoint.provider, model, parse_chat(prompt), values)
        if asked_to_stream and "functions" in body:
            raise FunctionCallNotSupportedInStreamMode
        # Calls of tools come whole: pieces of text would lose them.
        return body if asked_to_stream or not {"functions", "tools"} & set(body) else {**body, "stream": False}

    def _given(self, name: str, value: Any) -> Any:
        try:
            return _as_parameter(self.api, name, value)
        except (NotOfTypeError, NotJsonError) as error:
            wanted, place = PARAMETER_TYPES[self.api][name], CallPlace(self.endpoint, "", self.node)
            raise LLMError(
                "ValueError", f"The parameter '{name}' must be of type {wanted}, but is {value!r} ({place})."
            ) from error

    def _model(self, inputs: Mapping[str, Any]) -> str:
        azure = self.endpoint.provider == "AzureOpenAI"
        first, second = MODEL_PARAMETERS if azure else MODEL_PARAMETERS[::-1]
        # A node that was moved to another provider's connection often keeps the other word.
        model = inputs.get(first) or inputs.get(second)
        if model:
            return str(model)
        if not azure:  # Servers of one model need no name for it.
            return "text-davinci-003" if self.api == "completion" else ""
        raise MissingModelError(CallPlace(self.endpoint, "", self.node), first)


def _template_of(prompt: Any) -> str:
    """The template that a node's input `prompt` puts in the place of its file; what is protected in it stays so."""
    if isinstance(prompt, PromptText):
        return prompt.protected
    return "" if prompt is None else str(prompt)
