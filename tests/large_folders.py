"""Folders of gigabytes whose making costs little: text, noise, small files and holes, in turn."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

_BLOCK = 4 << 20
_SMALL = 100


def fill_folder(folder: Path, size: int) -> int:
    """Fill `folder` with about `size` bytes, the same for the same size; how many there are."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randrange(2, 10))) for _ in range(5_000)]
    lines = [
        json.dumps({"text": " ".join(chance.choices(words, k=30)), "score": chance.random()}) for _ in range(20_000)
    ]
    text, noise = "\n".join(lines).encode()[:_BLOCK], chance.randbytes(_BLOCK)
    left, number = size, 0
    while (turn := min(left, size // 10, 400_000_000)) > 0:
        place = folder / f"part-{number % 10}"
        place.mkdir(parents=True, exist_ok=True)
        if number % 4 == 0:
            left -= _repeat(place / f"{number}.jsonl", text, turn, chance)
        elif number % 4 == 1:
            left -= _repeat(place / f"{number}.bin", noise, turn, chance)
        elif number % 4 == 2:
            left -= _small(place / f"{number}", text, min(turn, 20_000_000), chance)
        else:
            left -= _hole(place / f"{number}.dat", turn // 2 + 1)
        number += 1
    return size - left


def _repeat(file: Path, block: bytes, size: int, chance: random.Random) -> int:
    """A file of the block again and again, each time begun elsewhere."""
    written = 0
    with file.open("wb") as target:
        while written < size:
            start = chance.randrange(len(block) // 2)
            written += target.write(block[start : start + min(size - written, len(block) // 2)])
    return written


def _small(folder: Path, text: bytes, size: int, chance: random.Random) -> int:
    folder.mkdir()
    for number in range(_SMALL):
        start = chance.randrange(len(text) - size // _SMALL)
        (folder / f"{number}.txt").write_bytes(text[start : start + max(size // _SMALL, 1)])
    return max(size // _SMALL, 1) * _SMALL


def _hole(file: Path, size: int) -> int:
    with file.open("wb") as target:
        os.truncate(target.fileno(), size)
    return size
