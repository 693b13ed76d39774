"""What calls cost: from the table, from one's own prices, and not at all where nobody knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.model_servers import ModelServer, chat_answer
from tests.sandbox.batches import run
from tests.sandbox.test_batch_models import ask_flow

from pfstudio.models.prices import cost_of

USAGE = {"prompt_tokens": 1_000_000, "completion_tokens": 100_000}


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ("gpt-4o-mini", 0.15 + 0.06),
        ("gpt-4o-mini-2024-07-18", 0.15 + 0.06),
        ("gpt-4", 30 + 6),
        ("text-embedding-3-small", 0.02),
        ("demo", 0.0),
        ("my-deployment", None),
        ("", None),
    ],
)
def test_models_cost_what_the_table_says(model: str, cost: float | None) -> None:
    assert cost_of(model, USAGE) == (None if cost is None else pytest.approx(cost))


def test_own_prices_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "prices.json"
    file.write_text('{"my-deployment": {"prompt": 1, "completion": 10}, "gpt-4": {"prompt": 2}}')
    monkeypatch.setenv("PF_MODEL_PRICES", str(file))

    assert cost_of("my-deployment", USAGE) == pytest.approx(2)
    assert cost_of("gpt-4", USAGE) == pytest.approx(2)
    assert cost_of("gpt-4o-mini", USAGE) == pytest.approx(0.21)


@pytest.mark.parametrize("content", ["[", "[]", '{"m": 3}', '{"m": {"completion": 1}}', '{"m": {"prompt": "x"}}'])
def test_prices_that_are_none_cost_a_warning(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "prices.json"
    file.write_text(content)
    monkeypatch.setenv("PF_MODEL_PRICES", str(file))

    assert cost_of("gpt-4o-mini", USAGE) == pytest.approx(0.21)
    assert "cannot be used" in caplog.text


def test_lines_and_runs_have_their_cost_where_the_model_has_a_price(tmp_path: Path) -> None:
    body = dict(chat_answer().body, model="gpt-4o-2024-08-06")
    answer = chat_answer()
    object.__setattr__(answer, "body", body)
    server = ModelServer(answer)
    outcome, sink = run(ask_flow(tmp_path / "flow"), 2, server.openai())
    server.close()

    each = (3 * 2.5 + 2 * 10) / 1e6
    assert [sink.records[n]["system_metrics"]["estimated_cost"] for n in (0, 1)] == [pytest.approx(each)] * 2
    assert outcome.system_metrics["estimated_cost"] == pytest.approx(2 * each)


def test_model_without_a_price_has_no_cost_at_all(tmp_path: Path) -> None:
    server = ModelServer(chat_answer())
    outcome, sink = run(ask_flow(tmp_path / "flow"), 1, server.openai())
    server.close()

    assert "estimated_cost" not in json.dumps(sink.records[0])
    assert "estimated_cost" not in outcome.system_metrics
