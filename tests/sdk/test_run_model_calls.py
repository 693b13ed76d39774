"""Model calls of runs: recorded, replayed without a model, reused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.sdk.client import PFClient
from sdk.run_flows import make_data, make_flow, read_lines

YAML = (
    "inputs:\n  q: {type: int}\noutputs:\n  a: {type: string, reference: '${n.output}'}\n"
    "nodes:\n- name: n\n  type: llm\n  source: {type: code, path: n.jinja2}\n  connection: demo\n"
    "  api: chat\n  inputs: {q: '${inputs.q}', model: demo, max_tokens: 20}\n"
)


@pytest.fixture
def pf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PFClient:
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    make_flow(tmp_path / "llm", **{"flow.dag.yaml": YAML, "n.jinja2": "user:\nsay {{q}}\n"})
    make_data(tmp_path / "data.jsonl", [{"q": number} for number in range(5)])
    return PFClient()


def test_a_recorded_run_is_replayed_and_an_unknown_call_fails_its_line(pf: PFClient, tmp_path: Path) -> None:
    made = pf.run(flow="llm", data="data.jsonl", record="calls.jsonl")
    replayed = pf.run(flow="llm", data="data.jsonl", replay="calls.jsonl")

    assert read_lines(replayed._output_path / "outputs.jsonl") == read_lines(made._output_path / "outputs.jsonl")
    calls = (tmp_path / "calls.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "few.jsonl").write_text("".join(calls[:2]))
    partly = pf.run(flow="llm", data="data.jsonl", replay="few.jsonl")
    assert len(read_lines(partly._output_path / "outputs.jsonl")) == 2


def test_reused_answers_are_marked_on_their_lines(pf: PFClient) -> None:
    first = pf.run(flow="llm", data="data.jsonl", reuse=True)
    second = pf.run(flow="llm", data="data.jsonl", reuse=True)

    assert not any(record.get("reused") for record in read_lines(first._output_path / "lines.jsonl"))
    assert all(record["reused"] for record in read_lines(second._output_path / "lines.jsonl"))
    assert read_lines(second._output_path / "outputs.jsonl") == read_lines(first._output_path / "outputs.jsonl")
    assert second.properties["system_metrics"]["total_tokens"] == 0
