"""Loggers that write to standard output, as promptflow's did."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final, TextIO

LOG_FORMAT: Final = "%(asctime)s %(process)7d %(name)-18s %(levelname)-8s %(message)s"
DATETIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S %z"


class _StandardOutput(logging.StreamHandler[TextIO]):
    """Writes to what is standard output at that moment, so that a node's lines land in the node's log."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)


def get_logger(name: str) -> logging.Logger:
    """A logger that writes to standard output."""
    logger = logging.getLogger(name)
    if not logger.handlers:
        handler = _StandardOutput()
        handler.setFormatter(logging.Formatter(LOG_FORMAT, DATETIME_FORMAT))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False  # `execution` would say again what `execution.flow` has said.
    return logger


class LoggerFactory:
    """`LoggerFactory.get_logger(name)`: a logger that writes to standard output."""

    @staticmethod
    def get_logger(name: str, verbosity: int = logging.INFO, **_: Any) -> logging.Logger:
        logger = get_logger(name)
        logger.setLevel(verbosity)
        return logger


def get_cli_sdk_logger() -> logging.Logger:
    """The logger of commands and of the SDK."""
    return logging.getLogger("promptflow")


logger: Final = get_logger("execution")
flow_logger: Final = get_logger("execution.flow")
bulk_logger: Final = get_logger("execution.bulk")
service_logger: Final = get_logger("execution.service")
