"""A loaded prompty: its inputs, its rendered prompt, its call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pfstudio.engine.ports import ConnectionSource
from pfstudio.engine.prompty_model import configuration_of, connection_of, model_name, request_body
from pfstudio.engine.prompty_result import PromptyModelCall
from pfstudio.errors import CoreError, UserErrorException
from pfstudio.flow.entry_errors import InvalidSampleError, MissingRequiredInputError
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.prompty import PromptyFile, input_fields, read_prompty, sample_inputs
from pfstudio.flow.value_references import Warn
from pfstudio.models.client import client_of
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.errors import ChatAPIInvalidRole, LLMError
from pfstudio.models.rendering import PromptText, render
from pfstudio.models.tokens import estimate_tokens
from pfstudio.tools.prompt import placed_in
from pfstudio.tracing.tracer import current_node_trace

_IMAGE: Final = re.compile(r"data:(image/[^;:]*);(path|base64|url):\s*(.*)\Z", re.DOTALL)
_PER_MESSAGE: Final = 3
_MOST_TRIES: Final = 11  # promptflow's own limit for prompties: ten tries after the first.


class ChatAPIInvalidRoleError(ChatAPIInvalidRole, CoreError):
    """The prompt of a prompty does not begin with a role line."""

    def __init__(self, cause: ChatAPIInvalidRole, file: str, line: int) -> None:
        super().__init__(cause.message_parameters["role"])
        self.file, self.line = file, line


class PromptyCall:
    """Call it with keywords, any number of times, from any thread.

    `connections` is asked for the source of connections when one is named.
    """

    def __init__(self, prompty: PromptyFile, folder: Path, connections: Callable[[], ConnectionSource]) -> None:
        self.prompty = prompty
        self._files = FolderFiles(folder)
        self._folder = folder
        self._connections = connections
        self._configuration = configuration_of(prompty)
        self.model = model_name(self._configuration)

    @classmethod
    def load(
        cls,
        file: Path,
        overrides: Mapping[str, Any] | None,
        connections: Callable[[], ConnectionSource],
        *,
        warn: Warn | None = None,
    ) -> PromptyCall:
        """Read a prompty; `overrides` lie over its front matter.

        Raises:
            PromptflowException: it cannot be read, or its model is not described as it should be.
        """
        folder = file.absolute().parent
        return cls(read_prompty(FolderFiles(folder), file.name, overrides, warn=warn), folder, connections)

    def __call__(self, inputs: Mapping[str, Any]) -> Any:
        """The model's answer, in the form the prompty asks for.

        Raises:
            MissingRequiredInputError: an input without default is not given.
            PromptflowException: the prompt, the connection, the server or its answer is at fault.
        """
        prompt = self.prompt(inputs)
        connection = connection_of(self.prompty, self._configuration, self._connections)
        body = request_body(self.prompty, self.model, prompt)
        call = PromptyModelCall(
            api="completion" if isinstance(prompt, str) else "chat",
            body=body,
            node=None,
            trace=current_node_trace(),
            tries=_MOST_TRIES,
            outputs=self.prompty.outputs,
            whole_response=self.prompty.model.response == "all",
        )
        return call.result(client_of(endpoint_of(connection, caller="promptflow-core")))

    def prompt(self, inputs: Mapping[str, Any]) -> str | list[dict[str, Any]]:
        """The messages, or for a completion the text, that the model is sent."""
        from pfstudio.models.chat import images_in, parse_chat, with_image_lines

        values = self._resolved(inputs)
        with placed_in(self.prompty.file):
            rendered = render(with_image_lines(self.prompty.template), values, escaped=values)
        if self.prompty.model.api == "completion":
            return str(rendered)
        try:
            return parse_chat(PromptText(rendered.protected), images_in(values))
        except ChatAPIInvalidRole as error:
            raise ChatAPIInvalidRoleError(error, self.prompty.file, self.prompty.template_line) from error

    def estimated_tokens(self, inputs: Mapping[str, Any], warn: Warn) -> int:
        """About how many tokens the call may use: its prompt's, and as many as the answer may have.

        Raises:
            UserErrorException: `max_tokens` is no number of tokens.
        """
        prompt = self.prompt(inputs)
        most = self.prompty.model.parameters.get("max_tokens")
        if most is None:
            warn(
                "The maximum number of tokens that can be generated in the chat completion is not configured. "
                "It will directly return prompt token count."
            )
        elif not isinstance(most, int):
            raise UserErrorException("Max_token needs to be integer.")
        elif most <= 1:
            raise UserErrorException(f"{most} is less than the minimum of max_tokens.")
        return _prompt_tokens(prompt) + (most or 0)

    def input_fields(self) -> Mapping[str, Mapping[str, Any]]:
        """The inputs with what the prompty says of each."""
        return input_fields(self.prompty, self._files)

    def sample(self) -> dict[str, Any]:
        """The sample's inputs; a path that is not beside the prompty counts from the current folder."""
        try:
            return sample_inputs(self.prompty, self._files)
        except InvalidSampleError:
            here = FolderFiles(Path.cwd())
            if not here.exists(str(self.prompty.sample).removeprefix("file:")):
                raise
            return sample_inputs(self.prompty, here)

    def _resolved(self, given: Mapping[str, Any]) -> dict[str, Any]:
        inputs = given or self.sample()
        fields = self.input_fields()
        missing = [name for name, item in fields.items() if name not in inputs and "default" not in item]
        if missing:
            raise MissingRequiredInputError(missing, file=self.prompty.file, line=self.prompty.lines.get("inputs"))
        values = {name: inputs.get(name, item.get("default")) for name, item in fields.items()}
        return {name: self._with_images(value) for name, value in values.items()}

    def _with_images(self, value: Any) -> Any:
        if isinstance(value, str):
            found = _IMAGE.match(value)
            if found is None:
                return value
            value = {f"data:{found[1]};{found[2]}": found[3]}
        elif not isinstance(value, (dict, list)):
            return value
        from pfstudio.tools.image_inputs import load_media

        try:
            return load_media(value, "basic", self._folder)
        except OSError as error:
            raise LLMError(type(error).__name__, str(error)) from error


def _prompt_tokens(prompt: str | list[dict[str, Any]]) -> int:
    if isinstance(prompt, str):
        return estimate_tokens(prompt)
    texts = [value for message in prompt for value in message.values()]
    return _PER_MESSAGE + _PER_MESSAGE * len(prompt) + sum(_tokens_of(text) for text in texts)


def _tokens_of(value: Any) -> int:
    if isinstance(value, str):
        return estimate_tokens(value)
    parts = value if isinstance(value, list) else []
    return sum(estimate_tokens(str(part.get("text", ""))) for part in parts if isinstance(part, Mapping))
