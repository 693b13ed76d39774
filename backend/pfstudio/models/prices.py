"""What models cost, where it is known. Prices change: the table says when it was right and is a starting point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

AS_OF: Final = date(2025, 10, 1)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    prompt: float
    completion: float = 0.0


PRICES: Final[Mapping[str, Price]] = {
    "demo": Price(0.0, 0.0),
    "gpt-5": Price(1.25, 10.0),
    "gpt-5-mini": Price(0.25, 2.0),
    "gpt-5-nano": Price(0.05, 0.4),
    "gpt-4.1": Price(2.0, 8.0),
    "gpt-4.1-mini": Price(0.4, 1.6),
    "gpt-4.1-nano": Price(0.1, 0.4),
    "gpt-4o": Price(2.5, 10.0),
    "gpt-4o-mini": Price(0.15, 0.6),
    "gpt-3.5-turbo": Price(0.5, 1.5),
    "text-embedding-3-small": Price(0.02),
    "text-embedding-3-large": Price(0.13),
    "text-embedding-ada-002": Price(0.1),
}


def cost_of(model: str, usage: Mapping[str, int], prices: Mapping[str, Price] = PRICES) -> float | None:
    """US dollars of a call; None where the model's price is unknown, which is not the same as nothing.

    A dated name (`gpt-4o-2024-08-06`) has the price of its family unless it has one of its own.
    """
    price = prices.get(model) or prices.get(_family(model))
    if price is None:
        return None
    asked, given = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    return (asked * price.prompt + given * price.completion) / 1_000_000


def _family(model: str) -> str:
    parts = model.split("-")
    while parts and parts[-1].isdigit():
        parts.pop()
    return "-".join(parts)
