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
        maker.add(call, None, attributes or {})
    return spans


class _Maker:
    def __init__(self, trace_id: str, first: int, spans: list[Span]) -> None:
        self._trace_id = trace_id
        self._next = first
        self._spans = spans

    def add(self, call: Mapping[str, Any], parent: Span | None, attributes: Mapping[str, Any]) -> None:
        span_id = f"{self._next & 0xFFFFFFFFFFFFFFFF:016x}"
        self._next += 1
        name, found = _described(call)
        span: Span = {
            "trace_id": self._trace_id,
            "span_id": span_id,
            "parent_id": "" if parent is None else parent["span_id"],
            "name": name,
            "kind": "client" if _is_model_call(call) else "internal",
            "start": int(call["start_time"] * 1_000_000_000),
            "end": int(max(call["end_time"], call["start_time"]) * 1_000_000_000),
            "attributes": {**attributes, **found},
        }
        error = call.get("error")
        if error:
            span["error"] = str(error.get("message", ""))
            span["attributes"]["error.type"] = str(error.get("type") or error.get("code") or "error")
        self._spans.append(span)
        for child in call.get("children") or ():
            self.add(child, span, {})


def _is_model_call(call: Mapping[str, Any]) -> bool:
    """A call of a model itself, not the node around it, which has the same type."""
    return call["type"] in _MODEL_TYPES and not call.get("children") and "attributes" in call


def _described(call: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    kind, name = str(call["type"]), str(call["name"])
    found: dict[str, Any] = {"pfstudio.span_type": kind, **(call.get("attributes") or {})}
    for key, value in (call.get("system_metrics") or {}).items():
        if key in _USAGE:
            found[_USAGE[key]] = value
    if call.get("reused"):
        found["pfstudio.reused"] = True
    if _is_model_call(call):
        inputs = call.get("inputs") or {}
        model = str(inputs.get("model") or "")
        found["gen_ai.request.model"] = model
        for parameter, word in _PARAMETERS.items():
            value = inputs.get(parameter)
            if isinstance(value, (int, float)):
                found[f"gen_ai.request.{word}"] = value
        return f"{found.get('gen_ai.operation.name', 'chat')} {model}".rstrip(), found
    node = call.get("node_name")
    if node and call.get("is_node"):
        found["pfstudio.node"] = node
        if kind == "Tool":
            found |= {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name}
        return str(node), found
    return name, found
