"""How many workers a batch should have: few where lines compute, many where they wait for something else."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from pfstudio.sandbox.batch_load import available_memory

MOST_WORKERS = 64
FIRST_WORKERS = 4
_FIRST_WITH_MODELS = 24
_MOST_BLIND = 16
_GUESSED_SECONDS = 0.5
_GUESSED_MEMORY = 60 * 2**20
_LEAST_WAITING = 0.5
_SHARE_OF_MEMORY = 0.5


@dataclass(slots=True)
class Growth:
    """What is known of the lines and of the cost of a worker. `fixed` is a number that was asked for."""

    fixed: int | None = None
    load_cpu: float = 0.02
    load_memory: int = 0
    lines: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    waiting: int = 0
    limit: int = MOST_WORKERS

    def first(self, lines: int, *, asks_models: bool = False) -> int:
        """How many workers to begin with; a few more where lines will probably wait for a model."""
        few = _FIRST_WITH_MODELS if asks_models else min(FIRST_WORKERS, max(2, _cores()))
        return min(lines, self.fixed or few)

    def loaded(self, cpu: float, memory: int) -> None:
        """A worker has loaded the flow."""
        self.load_cpu = max(cpu, 0.005)
        self.load_memory = max(memory, self.load_memory)

    def finished(self, seconds: float, cpu: float) -> None:
        """A line has ended. Old lines count less and less."""
        if self.lines >= 50:
            self.lines, self.seconds, self.cpu = 25, self.seconds / 2, self.cpu / 2
        self.lines += 1
        self.seconds += seconds
        self.cpu += min(cpu, seconds)

    def no_more_than(self, workers: int) -> None:
        """A model server cannot take more than it gets now."""
        self.limit = min(self.limit, max(workers, FIRST_WORKERS))

    def stop_at(self, workers: int) -> None:
        """The machine, or the flow, does not let more than these start."""
        self.limit = max(workers, 1)

    @property
    def mean_seconds(self) -> float:
        return self.seconds / self.lines if self.lines else 0.0

    def wanted(self, unfinished: int, busy: int) -> int:
        """How many workers there should be for this many unfinished lines; `busy` have one now."""
        return min(self._wanted(unfinished, busy), self.limit)

    def _wanted(self, unfinished: int, busy: int) -> int:
        if self.fixed is not None:
            return min(self.fixed, unfinished)
        seconds = max(self.mean_seconds, _GUESSED_SECONDS if self.waiting else 0.0)
        if not self.waiting and self._waiting_share() < _LEAST_WAITING:
            # The processor is what they want; more than there are only pay where loading is cheap.
            enough = min(FIRST_WORKERS, _cores())
            pays = self.lines == 0 or seconds * unfinished > 2 * self.load_cpu * enough
            return min(enough if pays else 1, unfinished)
        if self.waiting and self.waiting < busy / 2 and self._waiting_share() < _LEAST_WAITING:
            return min(FIRST_WORKERS, unfinished)
        best = math.sqrt(unfinished * seconds * _cores() / self.load_cpu)
        if self.lines and self.cpu > 0:
            best = min(best, _cores() * 1.5 * self.seconds / self.cpu)
        return max(1, min(int(best), unfinished, self._most()))

    def _waiting_share(self) -> float:
        return 1 - self.cpu / self.seconds if self.seconds > 0.001 * self.lines and self.lines else 0.0

    def _most(self) -> int:
        memory = available_memory()
        if memory is None:
            return _MOST_BLIND
        fitting = int(memory * _SHARE_OF_MEMORY / (self.load_memory or _GUESSED_MEMORY))
        return max(FIRST_WORKERS, min(MOST_WORKERS, fitting))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # Not Linux.
        return os.cpu_count() or 1
