"""`log_metric`: numbers that an aggregation node reports about a whole run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

Metrics = dict[str, Any]
_current: ContextVar[Metrics | None] = ContextVar("pfstudio_metrics", default=None)


def log_metric(key: str, value: Any, variant_id: str | None = None) -> None:
    """Record a metric of the run; the last value of a name counts. Only an aggregation node can do that.

    `variant_id` is accepted for tools written for older releases.
    """
    metrics = _current.get()
    if metrics is None:
        warnings.warn(
            f"The metric '{key}' was logged outside an aggregation node, so it is not recorded.",
            RuntimeWarning,
            stacklevel=2,
        )
        return
    metrics[key] = value


def collect_metrics(metrics: Metrics) -> Callable[[], None]:
    """Make `log_metric` write into `metrics`; the answer ends that."""
    token: Token[Metrics | None] = _current.set(metrics)
    return lambda: _current.reset(token)
