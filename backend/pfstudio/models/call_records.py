"""A model call in the trace of the node that made it: its tokens, what they cost, and what spans tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from time import time
from typing import Any, Final

from pfstudio.models.endpoint import Endpoint
from pfstudio.models.prices import cost_of
from pfstudio.tracing.tracer import NodeTrace

_OPERATIONS: Final = {"chat": "chat", "completion": "text_completion", "embedding": "embeddings"}
_PROVIDERS: Final = {"OpenAI": "openai", "AzureOpenAI": "azure.ai.openai"}


def record_model_call(
    trace: NodeTrace,
    endpoint: Endpoint,
    api: str,
    body: Mapping[str, Any],
    *,
    start: float,
    output: Any,
    answer: Mapping[str, Any],
    usage: Mapping[str, int] | None,
    error: BaseException | None = None,
    reused: bool = False,
) -> None:
    """Add a call that has ended. One that was reused counts no tokens; its trace has counted what it saved."""
    answered_by = str(answer.get("model") or "")
    counted: Mapping[str, float | int] | None = usage
    if usage is not None:
        counted = unpaid(usage) if reused else {**usage, **priced(answered_by, usage, body)}
    attributes = {
        "gen_ai.operation.name": _OPERATIONS.get(api, api),
        "gen_ai.provider.name": _PROVIDERS.get(endpoint.provider, endpoint.provider),
        "server.address": endpoint.shown_address,
    }
    if answered_by:
        attributes["gen_ai.response.model"] = answered_by
    kind = "Embedding" if api == "embedding" else "LLM"
    name = f"{endpoint.provider}.{api}"
    trace.add_call(name, kind, body, output, start, time(), counted, error, attributes, reused=reused)


def unpaid(usage: Mapping[str, int]) -> dict[str, int]:
    """The counts of a call that an earlier run has paid for."""
    keys = ("prompt_tokens", "completion_tokens", "total_tokens")
    return {key: 0 for key in keys if key in usage}


def priced(model: str, usage: Mapping[str, int], body: Mapping[str, Any]) -> dict[str, float]:
    """What the tokens cost, by the model that answered or that was asked for; empty where no price is known."""
    cost = cost_of(model, usage)
    if cost is None:
        cost = cost_of(str(body.get("model", "")), usage)
    return {} if cost is None else {"estimated_cost": cost}
