"""What of a model's answer a prompty returns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pfstudio.flow.entry_errors import InvalidOutputKeyError
from pfstudio.models.client import ModelClient
from pfstudio.models.errors import LLMError
from pfstudio.tools.model_call import ModelCall


class ModelResponse(dict[str, Any]):
    """A server's whole answer. Its fields are attributes, too, at any depth; absent ones are None."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__({name: _with_attributes(value) for name, value in fields.items()})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """The answer as plain values."""
        plain: dict[str, Any] = json.loads(json.dumps(self))
        return plain

    to_dict = model_dump

    def model_dump_json(self, *, indent: int | None = None, **_: Any) -> str:
        return json.dumps(self, indent=indent)


def _with_attributes(value: Any) -> Any:
    if isinstance(value, Mapping):
        return ModelResponse(value)
    return [_with_attributes(item) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class PromptyModelCall(ModelCall):
    """A prompty's request. `outputs` are the keys to pick from an answer in JSON; with `whole_response` all is kept."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    whole_response: bool = False

    def result(self, client: ModelClient) -> Any:
        """The answer by the rules of a prompty: text, a message that calls tools, JSON, pieces, or all of it."""
        if not self.body.get("stream"):
            return self.whole(client)
        if self.whole_response:
            return (
                ModelResponse(piece) for piece in client.stream(self.api, self.body, node=self.node, tries=self.tries)
            )
        pieces = self.stream(client)
        return self._from_json("".join(pieces)) if self._is_json() else pieces

    def _result(self, answer: Mapping[str, Any], client: ModelClient) -> Any:
        if self.whole_response:
            return ModelResponse(answer)
        content = ModelCall._result(self, answer, client)
        choice = answer["choices"][0]
        if choice.get("finish_reason") in ("tool_calls", "function_calls"):
            return content if isinstance(content, dict) else dict(choice["message"])
        if isinstance(content, dict):
            content = content.get("content")
        return self._from_json(content) if self._is_json() else content

    def _is_json(self) -> bool:
        wanted = self.body.get("response_format")
        return isinstance(wanted, Mapping) and wanted.get("type") == "json_object"

    def _from_json(self, content: Any) -> Any:
        try:
            value = json.loads(content)
        except (TypeError, ValueError) as error:
            raise LLMError(type(error).__name__, str(error)) from error
        if not self.outputs:
            return value
        if not isinstance(value, Mapping):
            raise LLMError("TypeError", f"The answer is JSON, but no object with the outputs {list(self.outputs)}.")
        for key in self.outputs:
            if key not in value:
                raise InvalidOutputKeyError(key, value)
        return {key: value[key] for key in self.outputs}
