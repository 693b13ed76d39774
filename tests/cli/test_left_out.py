"""Commands of promptflow that are not here say what to use instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Ended

Pf = Callable[..., Ended]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["service", "start", "-p", "1"], "pfstudio serve"),
        (["service"], "pf flow test --flow FLOW --ui"),
        (["trace", "delete", "--run", "x"], "pf run delete"),
        (["upgrade", "--yes"], "pip install --upgrade pfstudio"),
        (["experiment", "start"], "pf run create"),
        (["flow", "serve", "--source", "x"], "load_flow"),
        (["flow", "build", "--source", "x", "--output", "y"], "pip install pfstudio"),
    ],
)
def test_a_command_that_was_left_out_is_one_sentence(pf: Pf, typed: list[str], names: str) -> None:
    ended = pf(*typed)

    assert (ended.code, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert ended.err.startswith(f"pf.{'.'.join(typed[:2])} failed with CommandLeftOutError: ")
    assert names in ended.err
