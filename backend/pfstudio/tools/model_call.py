"""One call of a model: what of the answer a tool returns, and the call's record in the node's trace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import time
from typing import Any, Final, TypeAlias

from pfstudio.models.call_records import record_model_call
from pfstudio.models.client import MOST_TRIES, ModelClient, ModelPieces, unusable_answer
from pfstudio.models.refusals import CallPlace
from pfstudio.models.tokens import usage_of
from pfstudio.tracing.tracer import NodeTrace

Answer: TypeAlias = str | dict[str, Any] | Iterator[str] | None

# A message is returned with all of these, as users' code has come to expect from promptflow.
_MESSAGE_FIELDS: Final = ("content", "refusal", "role", "annotations", "audio", "function_call", "tool_calls")


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A request that is ready to be sent. `trace` is where its record goes, also when a stream ends much later."""

    api: str
    body: dict[str, Any]
    node: str | None
    trace: NodeTrace | None
    tries: int = MOST_TRIES

    def whole(self, client: ModelClient) -> Answer:
        """Send it and wait for the whole answer."""
        start = time()
        try:
            answer = client.call(self.api, self.body, node=self.node, tries=self.tries)
            result = self._result(answer, client)
        except Exception as error:
            self._record(client, start, None, {}, error)
            raise
        self._record(client, start, result, answer, reused=answer.reused)
        return result

    def stream(self, client: ModelClient) -> Iterator[str]:
        """Send it at once; the pieces of text come as one reads them."""
        start = time()
        try:
            pieces = client.stream(self.api, self.body, node=self.node, tries=self.tries)
        except Exception as error:
            self._record(client, start, None, {}, error)
            raise
        return self._texts(client, pieces, start)

    def _texts(self, client: ModelClient, pieces: ModelPieces, start: float) -> Iterator[str]:
        texts: list[str] = []
        last: Mapping[str, Any] = {}
        failure: Exception | None = None
        try:
            for piece in pieces:
                last = piece if piece.get("usage") else last
                if text := _piece_text(piece):
                    texts.append(text)
                    yield text
        except Exception as error:
            failure = error
            raise
        finally:
            self._record(client, start, "".join(texts), last, failure, reused=pieces.reused)

    def _result(self, answer: Mapping[str, Any], client: ModelClient) -> str | dict[str, Any] | None:
        place = CallPlace(client.endpoint, self.body["model"], self.node)
        choices = answer.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            raise unusable_answer("IndexError" if choices == [] else "TypeError", json.dumps(answer), place)
        if self.api == "completion":
            return _text_or_none(choices[0].get("text"))
        message = choices[0].get("message")
        if not isinstance(message, dict):
            raise unusable_answer("TypeError", json.dumps(answer), place)
        if "tools" in self.body or "functions" in self.body:
            return {**dict.fromkeys(_MESSAGE_FIELDS), **message}
        return _text_or_none(message.get("content"))

    def _record(
        self,
        client: ModelClient,
        start: float,
        output: Any,
        answer: Mapping[str, Any],
        error: Exception | None = None,
        *,
        reused: bool = False,
    ) -> None:
        if self.trace is None:
            return
        asked = self.body.get("messages") or self.body.get("prompt")
        record_model_call(
            self.trace,
            client.endpoint,
            self.api,
            self.body,
            start=start,
            output=output,
            answer=answer,
            usage=None if error else usage_of(answer, prompt=_as_text(asked), output=_as_text(output)),
            error=error,
            reused=reused,
        )


def _text_or_none(value: Any) -> str | None:
    return value if value is None else str(value)


def _piece_text(piece: Mapping[str, Any]) -> str:
    choices = piece.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    text = choice.get("text")
    if text is None:
        part = choice.get("delta") or choice.get("message")
        text = part.get("content") if isinstance(part, dict) else None
    return str(text or "")


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
