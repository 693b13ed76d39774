"""Spans of recorded calls, with the names of OpenTelemetry's conventions for generative AI.

A span is a plain JSON object: `trace_id`, `span_id`, `parent_id`, `name`, `kind`, `start` and `end` (nanoseconds since
the epoch), `attributes`, and `error` where it failed. What was asked and answered is not in it: that is in the record
of the call.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

Span: TypeAlias = dict[str, Any]

_MODEL_TYPES: Final = ("LLM", "Embedding")
_PARAMETERS: Final = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "seed": "seed",
    "n": "choice.count",
}
_USAGE: Final = {
    "prompt_tokens": "gen_ai.usage.input_tokens",
    "completion_tokens": "gen_ai.usage.output_tokens",
    "estimated_cost": "pfstudio.usage.estimated_cost",
    "reused_calls": "pfstudio.usage.reused_calls",
    "saved_tokens": "pfstudio.usage.saved_tokens",
}


def root_call(
    name: str,
    kind: str,
    *,
    start: float,
    end: float,
    children: Iterable[Mapping[str, Any]],
    error: Mapping[str, Any] | None = None,
    usage: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A call that holds others, in the form of a recorded one."""
    return {
        "name": name,
        "type": kind,
        "start_time": start,
        "end_time": end,
        "children": list(children),
        "error": error,
        "system_metrics": usage or {},
    }


def spans_of(calls: Iterable[Mapping[str, Any]], attributes: Mapping[str, Any] | None = None) -> list[Span]:
    """The spans of calls and all calls below them, parents first; all are one trace. `attributes` are the roots'."""
    seed = os.urandom(24)
    spans: list[Span] = []
    maker = _Maker(seed[:16].hex(), int.from_bytes(seed[16:], "big") | 1, spans)
    for call in calls:
        maker.add(call, "", dict(attributes or {}))
    return spans


class _Maker:
    def __init__(self, trace_id: str, first: int, spans: list[Span]) -> None:
        self._trace_id = trace_id
        self._next = first
        self._spans = spans

    def add(self, call: Mapping[str, Any], parent_id: str, attributes: dict[str, Any]) -> None:
        span_id = f"{self._next & 0xFFFFFFFFFFFFFFFF:016x}"
        self._next += 1
        children = call.get("children")
        is_model = "attributes" in call and not children and call["type"] in _MODEL_TYPES
        start, end = call["start_time"], call["end_time"]
        span: Span = {
            "trace_id": self._trace_id,
            "span_id": span_id,
            "parent_id": parent_id,
            "name": _describe(call, attributes, is_model=is_model),
            "kind": "client" if is_model else "internal",
            "start": int(start * 1_000_000_000),
            "end": int(max(end, start) * 1_000_000_000),
            "attributes": attributes,
        }
        error = call.get("error")
        if error:
            span["error"] = str(error.get("message", ""))
            attributes["error.type"] = str(error.get("type") or error.get("code") or "error")
        self._spans.append(span)
        if children:
            for child in children:
                self.add(child, span_id, {})


def _describe(call: Mapping[str, Any], found: dict[str, Any], *, is_model: bool) -> str:
    """Fill in the attributes; the answer is the span's name."""
    kind = found["pfstudio.span_type"] = call["type"]
    metrics = call.get("system_metrics")
    if metrics:
        for key, word in _USAGE.items():
            if metrics.get(key):
                found[word] = metrics[key]
    if call.get("reused"):
        found["pfstudio.reused"] = True
    if is_model:
        return _describe_model_call(call, found)
    name = str(call["name"])
    if not call.get("is_node"):
        return name
    node = found["pfstudio.node"] = str(call["node_name"])
    if kind == "Tool":
        found["gen_ai.operation.name"] = "execute_tool"
        found["gen_ai.tool.name"] = name
    return node


def _describe_model_call(call: Mapping[str, Any], found: dict[str, Any]) -> str:
    found |= call["attributes"]
    inputs = call.get("inputs") or {}
    model = found["gen_ai.request.model"] = str(inputs.get("model") or "")
    for parameter, word in _PARAMETERS.items():
        value = inputs.get(parameter)
        if isinstance(value, (int, float)):
            found[f"gen_ai.request.{word}"] = value
    return f"{found.get('gen_ai.operation.name', 'chat')} {model}".rstrip()
