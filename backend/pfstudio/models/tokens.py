"""Token counts of calls: what the server says, or an estimate marked as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CHARACTERS_PER_TOKEN = 4


def estimate_tokens(text: str) -> int:
    """About how many tokens a text is; exact counts need a table per model, which servers know best."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def usage_of(answer: Mapping[str, Any], *, prompt: str, output: str) -> dict[str, int]:
    """The tokens a call used. Where the server does not say, an estimate with `approximate` set."""
    said = answer.get("usage")
    if isinstance(said, Mapping) and isinstance(said.get("total_tokens"), int):
        keys = ("prompt_tokens", "completion_tokens", "total_tokens")
        return {key: said[key] for key in keys if isinstance(said.get(key), int)}
    asked, given = estimate_tokens(prompt), estimate_tokens(output)
    return {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given, "approximate": True}
