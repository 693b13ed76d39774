"""The table `make bench` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing. `unit` is `s`, `ms`, `MB` or `kB`; `goal` is the design's."""

    what: str
    unit: str
    ours: float
    goal: float
    original: float | None = None


def print_table(rows: list[Row], *, measured_original: bool) -> None:
    head = "the original" if measured_original else "the original (design's figure)"
    print(f"{'what':52} {'ours':>10} {'goal':>10} {head:>14}")
    for row in rows:
        original = "–" if row.original is None else f"{row.original:.2f} {row.unit}"
        mark = "" if row.ours <= row.goal else "  over goal"
        print(f"{row.what:52} {row.ours:7.2f} {row.unit:2} {row.goal:7.2f} {row.unit:2} {original:>14}{mark}")
