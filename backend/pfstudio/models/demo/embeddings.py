"""Embeddings of the demo model: words hashed into a fixed number of dimensions."""

from __future__ import annotations

from hashlib import blake2b
from itertools import pairwise
from math import sqrt
from typing import Final

from pfstudio.models.demo.texts import terms, words

DIMENSIONS: Final = 256


def embed(text: str) -> list[float]:
    """A unit vector that is always the same for a text; texts with common words lie closer together."""
    found = terms(text) or words(text) or [text]
    vector = [0.0] * DIMENSIONS
    for weight, features in ((1.0, found), (0.5, [" ".join(pair) for pair in pairwise(found)])):
        for feature in features:
            digest = blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest()
            sign = 1.0 if digest[0] & 1 else -1.0
            vector[int.from_bytes(digest[1:], "big") % DIMENSIONS] += sign * weight
    length = sqrt(sum(number * number for number in vector)) or 1.0
    return [round(number / length, 6) for number in vector]
