"""What models cost, where it is known. Prices change: the table says when it was right and is a starting point.

`PF_MODEL_PRICES` names a JSON file of one's own prices, which come before it:
`{"my-deployment": {"prompt": 2.5, "completion": 10}}`, in US dollars per million tokens.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

AS_OF: Final = date(2025, 10, 1)
OWN_PRICES: Final = "PF_MODEL_PRICES"


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
    "gpt-4-turbo": Price(10.0, 30.0),
    "gpt-4": Price(30.0, 60.0),
    "gpt-4-32k": Price(60.0, 120.0),
    "gpt-3.5-turbo": Price(0.5, 1.5),
    "gpt-35-turbo": Price(0.5, 1.5),
    "o1": Price(15.0, 60.0),
    "o3": Price(2.0, 8.0),
    "o3-mini": Price(1.1, 4.4),
    "o4-mini": Price(1.1, 4.4),
    "text-embedding-3-small": Price(0.02),
    "text-embedding-3-large": Price(0.13),
    "text-embedding-ada-002": Price(0.1),
}


def cost_of(model: str, usage: Mapping[str, int], prices: Mapping[str, Price] | None = None) -> float | None:
    """US dollars of a call; None where the model's price is unknown, which is not the same as nothing.

    A dated name (`gpt-4o-2024-08-06`) has the price of its family unless it has one of its own.
    """
    if prices is None:
        own = os.environ.get(OWN_PRICES)
        prices = {**PRICES, **_own_prices(own)} if own else PRICES
    price = prices.get(model) or prices.get(_family(model))
    if price is None:
        return None
    asked, given = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    return (asked * price.prompt + given * price.completion) / 1_000_000


@cache
def _own_prices(file: str) -> Mapping[str, Price]:
    try:
        content = json.loads(Path(file).read_bytes())
        return {
            str(model): Price(float(price["prompt"]), float(price.get("completion", 0)))
            for model, price in content.items()
        }
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        logging.getLogger("pfstudio.models").warning("The prices in '%s' cannot be used: %s.", file, error)
        return {}


def _family(model: str) -> str:
    parts = model.split("-")
    while parts and parts[-1].isdigit():
        parts.pop()
    return "-".join(parts)
