"""Calls that users' code makes with OpenAI's own library, in the trace of their node, with their tokens.

Outside of nodes the changed methods do nothing of their own; what they return is the library's in any case.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import wraps
from time import time
from typing import Any, Final

from pfstudio.models.call_records import priced, unpaid
from pfstudio.tracing.tracer import NodeTrace, current_node_trace

_HIDDEN: Final = ("api_key", "headers", "extra_headers", "extra_query", "extra_body", "timeout")
_CLASSES: Final = {
    "openai.resources.chat.completions.completions": ("chat", "openai_chat", "LLM", "Completions"),
    "openai.resources.chat.completions": ("chat", "openai_chat", "LLM", "Completions"),  # Before its version 1.60.
    "openai.resources.completions": ("text_completion", "openai_completion", "LLM", "Completions"),
    "openai.resources.embeddings": ("embeddings", "openai_embeddings", "Embedding", "Embeddings"),
    "openai.resources.responses.responses": ("chat", "openai_responses", "LLM", "Responses"),
}


def patch(module: Any) -> None:
    """Change the classes of one of the library's modules, right after its import."""
    operation, name, kind, class_name = _CLASSES[module.__name__]
    for prefix, suffix in (("", ""), ("Async", "_async")):
        found = getattr(module, f"{prefix}{class_name}", None)
        create = getattr(found, "create", None)
        if create is not None and not hasattr(create, "_original"):
            found.create = _recorded(create, f"{name}{suffix}", kind, operation)  # type: ignore[union-attr]  # It is there.


def _recorded(create: Callable[..., Any], name: str, kind: str, operation: str) -> Any:
    if name.endswith("_async"):

        @wraps(create)
        async def create_async(self: Any, *args: Any, **given: Any) -> Any:
            call = _Call.begun(self, name, kind, operation, given)
            if call is None:
                return await create(self, *args, **given)
            try:
                result = create(self, *args, **given)
                result = await result if inspect.isawaitable(result) else result
            except BaseException as error:
                call.ended(None, error)
                raise
            return call.result(result)

        wrapper: Any = create_async
    else:

        @wraps(create)
        def create_sync(self: Any, *args: Any, **given: Any) -> Any:
            call = _Call.begun(self, name, kind, operation, given)
            if call is None:
                return create(self, *args, **given)
            try:
                result = create(self, *args, **given)
            except BaseException as error:
                call.ended(None, error)
                raise
            return call.result(result)

        wrapper = create_sync
    wrapper._original = create
    return wrapper


class _Call:
    """One call in a node, from its beginning to its last piece."""

    def __init__(
        self, trace: NodeTrace, name: str, kind: str, inputs: dict[str, Any], attributes: dict[str, Any]
    ) -> None:
        self._trace = trace
        self._name = name
        self._kind = kind
        self._inputs = inputs
        self._attributes = attributes
        self._start = time()
        self._reused_before = trace.usage.get("reused_calls", 0)
        self._is_recorded = False

    @classmethod
    def begun(cls, resource: Any, name: str, kind: str, operation: str, given: Mapping[str, Any]) -> _Call | None:
        trace = current_node_trace()
        if trace is None:
            return None
        client = getattr(resource, "_client", None)
        provider = "azure.ai.openai" if "Azure" in type(client).__name__ else "openai"
        attributes = {"gen_ai.operation.name": operation, "gen_ai.provider.name": provider}
        inputs = {
            key: value for key, value in given.items() if key not in _HIDDEN and "Given" not in type(value).__name__
        }
        return cls(trace, name, kind, inputs, attributes)

    def result(self, result: Any) -> Any:
        """What the library returned, recorded now, or once its pieces are read."""
        pieces = getattr(result, "_iterator", None)
        if isinstance(pieces, Iterator):
            result._iterator = self._read(pieces)
        elif isinstance(pieces, AsyncIterator):
            result._iterator = self._read_async(pieces)
        else:
            self.ended(result)
        return result

    def _read(self, pieces: Iterator[Any]) -> Iterator[Any]:
        taken: list[Any] = []
        try:
            for piece in pieces:
                taken.append(piece)
                yield piece
        except Exception as error:
            self.ended(taken, error)
            raise
        finally:
            self.ended(taken)

    async def _read_async(self, pieces: AsyncIterator[Any]) -> AsyncIterator[Any]:
        taken: list[Any] = []
        try:
            async for piece in pieces:
                taken.append(piece)
                yield piece
        except Exception as error:
            self.ended(taken, error)
            raise
        finally:
            self.ended(taken)

    def ended(self, result: Any, error: BaseException | None = None) -> None:
        """Record it, once."""
        if self._is_recorded:
            return
        self._is_recorded = True
        answer = _plain(result)
        last = answer[-1] if isinstance(answer, list) and answer else answer
        usage = _usage(last) if error is None else {}
        reused = self._trace.usage.get("reused_calls", 0) > self._reused_before
        if isinstance(last, Mapping) and last.get("model"):
            self._attributes["gen_ai.response.model"] = str(last["model"])
        counted: Mapping[str, float | int] = usage
        if usage:
            model = str(self._attributes.get("gen_ai.response.model") or "")
            counted = unpaid(usage) if reused else {**usage, **priced(model, usage, self._inputs)}
        self._trace.add_call(
            self._name,
            self._kind,
            self._inputs,
            answer,
            self._start,
            time(),
            counted or None,
            error,
            self._attributes,
            reused=reused,
        )


def _plain(result: Any) -> Any:
    """The library's objects as JSON values; a raw answer is not read for it."""
    if isinstance(result, list):
        return [_plain(item) for item in result]
    dump = getattr(result, "model_dump", None)
    try:
        if dump is not None:
            return dump(mode="json", exclude_unset=True)
        parsed = result.parse() if type(result).__name__ == "LegacyAPIResponse" else None  # It keeps what it parsed.
        return None if parsed is None else parsed.model_dump(mode="json", exclude_unset=True)
    except Exception:  # A version of the library that does this differently: the call is recorded without its answer.
        return None


def _usage(answer: Any) -> dict[str, int]:
    said = answer.get("usage") if isinstance(answer, Mapping) else None
    if not isinstance(said, Mapping):
        return {}
    asked = said.get("prompt_tokens", said.get("input_tokens"))
    given = said.get("completion_tokens", said.get("output_tokens"))
    counts = {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": said.get("total_tokens")}
    return {key: count for key, count in counts.items() if isinstance(count, int)}
