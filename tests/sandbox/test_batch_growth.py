"""How many workers a batch has: few where lines compute, many where they wait."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pfstudio.sandbox import batch_growth
from pfstudio.sandbox.batch_growth import Growth
from pfstudio.sandbox.batch_load import cpu_seconds, wants_processor


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processors and memory for everything."""
    monkeypatch.setattr(batch_growth, "_cores", lambda: 2)
    monkeypatch.setattr(batch_growth, "available_memory", lambda: 2**40)


def grown(seconds: float, cpu: float, *, load: float = 0.02, lines: int = 10, memory: int = 10**7) -> Growth:
    growth = Growth()
    growth.loaded(load, memory)
    for _ in range(lines):
        growth.finished(seconds, cpu)
    return growth


def test_it_begins_with_a_few_and_never_more_than_lines() -> None:
    assert [Growth().first(lines) for lines in (0, 1, 2, 1000)] == [0, 1, 2, 2]
    assert [Growth().first(lines, asks_models=True) for lines in (0, 1, 1000)] == [0, 1, 24]


def test_a_number_that_was_asked_for_is_kept() -> None:
    growth = grown(1.0, 0.0)
    growth.fixed = 3

    assert (growth.first(100), growth.wanted(100, 3), growth.wanted(2, 2)) == (3, 3, 2)


def test_lines_that_compute_get_as_many_as_there_are_processors() -> None:
    assert grown(0.5, 0.5).wanted(1000, 2) == 2


def test_lines_that_wait_get_many_up_to_a_limit() -> None:
    assert grown(1.0, 0.005).wanted(1000, 4) == batch_growth.MOST_WORKERS
    assert grown(1.0, 0.005).wanted(30, 4) == 30


def test_more_workers_do_not_help_lines_that_compute_half_of_their_time() -> None:
    assert grown(1.0, 0.4).wanted(1000, 2) == 7


def test_a_flow_that_takes_long_to_load_gets_fewer() -> None:
    heavy = grown(1.0, 0.005, load=3.0).wanted(120, 4)

    assert 6 <= heavy <= 12


def test_lines_that_only_just_began_to_wait_are_reason_enough() -> None:
    growth = Growth()
    growth.loaded(0.02, 10**7)
    growth.waiting = 2

    assert growth.wanted(120, 2) > 50


def test_memory_sets_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_growth, "available_memory", lambda: 20 * 2**30)
    assert grown(1.0, 0.0, memory=2**30).wanted(1000, 4) == 10
    monkeypatch.setattr(batch_growth, "available_memory", lambda: None)
    assert grown(1.0, 0.0).wanted(1000, 4) == 16


def test_a_server_that_says_429_ends_the_growth() -> None:
    growth = grown(1.0, 0.0)
    growth.no_more_than(9)

    assert growth.wanted(1000, 9) == 9


def test_what_lines_took_long_ago_counts_less() -> None:
    growth = grown(1.0, 0.01, lines=50)
    for _ in range(500):
        growth.finished(0.001, 0.001)

    assert growth.mean_seconds < 0.1
    assert growth.wanted(1000, 64) == 2


def test_what_children_compute_counts_for_the_line_that_waits_for_them() -> None:
    before = cpu_seconds()
    subprocess.run([sys.executable, "-S", "-c", "sum(range(10_000_000))"], check=True)

    assert cpu_seconds() - before > 0.05


def test_a_process_whose_child_runs_does_not_only_wait() -> None:
    child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(30)"])
    try:
        assert wants_processor()
    finally:
        child.kill()
        child.wait()
