"""Short and long forms of the same tests: `make test` and `make soak`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

# Started in the background by a shell, this process and so every one it starts would ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

SOAK = os.environ.get("PFSTUDIO_SOAK") == "1"

settings.register_profile("short", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", deadline=None, max_examples=5_000, suppress_health_check=list(HealthCheck))
settings.load_profile("soak" if SOAK else "short")


@pytest.fixture(scope="session")
def rounds() -> int:
    """How often a test of kills, races or floods repeats itself."""
    return 200 if SOAK else 3


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Takes figures that `make soak` prints at its end."""
    return lambda figures: record_property("figures", figures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured, since workers cannot print."""
    every = [report for reports in terminalreporter.stats.values() for report in reports]
    reports = [report for report in every if getattr(report, "when", "") == "call"]
    told = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == "figures"]
    if SOAK and told:
        terminalreporter.section("figures")
        for figures in told:
            terminalreporter.write_line(str(figures))
