"""Whether spans leave this process: asked with every traced call, so that it imports and costs next to nothing."""

from __future__ import annotations

import os
from typing import Final

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_destination = ""


def address() -> str:
    """The address that is configured, as it was given; empty where spans stay here."""
    return os.environ.get(ENDPOINTS[0]) or os.environ.get(ENDPOINTS[1]) or _destination


def destination() -> str:
    """The address that was set for this process, for where the environment names none."""
    return _destination


def set_destination(given: str) -> None:
    """Send spans to this address where the environment names none."""
    global _destination  # noqa: PLW0603 - the process's own, as its environment is.
    _destination = given
