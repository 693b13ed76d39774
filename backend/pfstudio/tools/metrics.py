"""`log_metric`: numbers that an aggregation node reports about a whole run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

Metrics = dict[str, Any]
MetricLogger = Callable[..., None]
_loggers: list[MetricLogger] = []
_current: ContextVar[Metrics | None] = ContextVar("pfstudio_metrics", default=None)


def log_metric(key: str, value: Any, variant_id: str | None = None) -> None:
    """Record a metric of the run; the last value of a name counts. Only an aggregation node can do that.

    `variant_id` is accepted for tools written for older releases.
    """
    for logger in list(_loggers):
        logger(key, value)
    metrics = _current.get()
    if metrics is None and _loggers:
        return
    if metrics is None:
        warnings.warn(
            f"The metric '{key}' was logged outside an aggregation node, so it is not recorded.",
            RuntimeWarning,
            stacklevel=2,
        )
        return
    metrics[key] = value


def add_metric_logger(logger_func: MetricLogger) -> None:
    """Tell a function of users' code of every metric of this process, by name and value."""
    if logger_func not in _loggers:
        _loggers.append(logger_func)


def remove_metric_logger(logger_func: MetricLogger) -> None:
    """Tell it no more."""
    if logger_func in _loggers:
        _loggers.remove(logger_func)


def collect_metrics(metrics: Metrics) -> Callable[[], None]:
    """Make `log_metric` write into `metrics`; the answer ends that."""
    token: Token[Metrics | None] = _current.set(metrics)
    return lambda: _current.reset(token)
