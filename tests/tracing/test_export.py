"""Spans sent to a real collector: from traced functions, flow functions, tests of flows and runs."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.model_servers import ModelServer, chat_answer
from tests.sandbox.batches import run, write_flow
from tests.sandbox.test_batch_models import ask_flow
from tests.tracing.collector import Collector, collector

from pfstudio.sdk.client import PFClient
from pfstudio.sdk.flow_function import load_flow
from pfstudio.sdk.tracing import start_trace
from pfstudio.tracing import switch
from pfstudio.tracing.decorator import trace
from pfstudio.tracing.export import Exporter, ExportSettings, flush, settings_of

PF = Path(sys.executable).with_name("pf")


@pytest.fixture(autouse=True)
def _nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PF_HOME_DIRECTORY", str(tmp_path / "home"))
    yield
    switch.set_destination("")


@pytest.fixture
def receiving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collector() as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        yield running


def test_flow_function_sends_a_span_for_flow_and_nodes(receiving: Collector, tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "my_flow", "return given + 1")

    assert load_flow(flow)(given=1) == {"out": 2}
    flush()

    root, node = receiving.spans
    assert receiving.requests[0][0] == "/v1/traces"
    assert root["parentSpanId"] == ""
    assert (node["traceId"], node["parentSpanId"], node["name"]) == (root["traceId"], root["spanId"], "node")
    assert root["attributes"]["pfstudio.flow"] == root["name"]
    assert node["attributes"]["gen_ai.operation.name"] == "execute_tool"
    assert int(root["startTimeUnixNano"]) <= int(node["startTimeUnixNano"]) <= int(node["endTimeUnixNano"])
    assert receiving.resource["service.name"] == "pfstudio"


def test_model_call_bears_the_names_of_the_genai_conventions(receiving: Collector, tmp_path: Path) -> None:
    server = ModelServer(chat_answer())
    flow = ask_flow(tmp_path / "flow")
    text = flow.read_text().replace("model: m,", "model: gpt-4o-mini, temperature: 0.25, max_tokens: 9,")
    flow.write_text(text)

    outcome, sink = run(flow, 1, server.openai())
    server.close()
    flush()

    assert outcome.completed == 1
    span = receiving.named("chat gpt-4o-mini")
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.request.temperature": 0.25,
        "gen_ai.request.max_tokens": 9,
        "gen_ai.response.model": "m",
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 2,
    }
    assert expected.items() <= span["attributes"].items()
    assert span["kind"] == 3
    assert span["parentSpanId"] == receiving.named("ask")["spanId"]
    kept = sink.records[0]["spans"]
    assert [item["span_id"] for item in kept] == [item["spanId"] for item in receiving.spans]


def test_run_sends_the_spans_of_all_lines_and_of_the_aggregation(receiving: Collector, tmp_path: Path) -> None:
    flow = write_flow(
        tmp_path / "flow",
        "if given == 2:\n    raise ValueError('unlucky')\nreturn given",
        aggregation="return sum(values)",
    )
    run(flow, 4)
    flush()

    flows = [span for span in receiving.spans if span["attributes"]["pfstudio.span_type"] == "Flow"]
    assert sorted(span["attributes"]["pfstudio.line_number"] for span in flows) == [0, 1, 2, 3]
    assert len({span["traceId"] for span in flows}) == 4
    assert {span["attributes"]["pfstudio.run"] for span in flows} == {"run"}
    [failed] = [span for span in flows if span["status"]["code"] == 2]
    assert "unlucky" in failed["status"]["message"]
    assert receiving.named("sum")["status"]["code"] == 1


def test_spans_are_kept_with_the_run_and_nowhere_else_without_a_collector(tmp_path: Path) -> None:
    _, sink = run(write_flow(tmp_path / "flow", "return given"), 1)

    assert [span["name"] for span in sink.records[0]["spans"]][1:] == ["node"]


def test_traced_functions_outside_of_flows_are_sent(receiving: Collector) -> None:
    @trace
    def inner(x: int) -> int:
        return x + 1

    @trace
    def pieces(n: int) -> Iterator[int]:
        yield from range(n)

    @trace(name="whole thing")
    def outer(x: int) -> int:
        return inner(x) + sum(pieces(2))

    start_trace(resource_attributes={"team": "blue"}, collection="mine")
    assert outer(1) == 3
    flush()

    root = receiving.named("whole thing")
    assert {span["parentSpanId"] for span in receiving.spans if span is not root and span["name"] != "whole thing"} == {
        root["spanId"]
    }
    assert len(receiving.spans) == 3
    assert (receiving.resource["team"], receiving.resource["collection"]) == ("blue", "mine")


def test_function_that_fails_is_a_span_with_its_error(receiving: Collector) -> None:
    @trace
    def fails() -> None:
        raise KeyError("gone")

    with pytest.raises(KeyError):
        fails()
    flush()

    [span] = receiving.spans
    assert (span["status"]["code"], span["attributes"]["error.type"]) == (2, "KeyError")


def test_client_sends_to_the_destination_of_its_settings(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given")
    with collector() as running:
        PFClient(config={"trace.destination": f"{running.url}/in/traces"}).test(str(flow), inputs={"given": 1})
        flush()

        assert [path for path, _, _ in running.requests] == ["/in/traces"]


def test_command_sends_its_spans_before_it_ends(tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given")
    with collector() as running:
        surroundings = {**os.environ, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{running.url}/here"}
        command = [PF, "flow", "test", "--flow", flow.parent, "--inputs", "given=1"]
        subprocess.run(command, env=surroundings, check=True, capture_output=True, timeout=60)

        assert [path for path, _, _ in running.requests] == ["/here"]
        assert len(running.spans) == 2


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://nowhere.invalid:4318", "no address"])
def test_collector_that_is_not_there_fails_nothing(address: str, tmp_path: Path) -> None:
    flow = write_flow(tmp_path / "flow", "return given")
    surroundings = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": address}
    command = [PF, "flow", "test", "--flow", flow.parent, "--inputs", "given=1"]
    begun = time.monotonic()
    done = subprocess.run(command, env=surroundings, check=True, capture_output=True, text=True, timeout=60)

    assert '"out": 1' in done.stdout
    assert time.monotonic() - begun < 15


def test_collector_that_hangs_holds_up_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    flow = load_flow(write_flow(tmp_path / "flow", "return given"))
    flow(given=1)
    with collector(hang=3) as running:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
        begun = time.monotonic()
        for number in range(50):
            flow(given=number)
        took = time.monotonic() - begun
        flush(0.2)

        assert time.monotonic() - begun - took < 1
        assert took < 1.5


def span(number: int = 0) -> dict[str, Any]:
    times = {"start": 1, "end": 2, "kind": "internal", "attributes": {}}
    return {"trace_id": "a" * 32, "span_id": f"{number:016x}", "parent_id": "", "name": "s", **times}


def test_queue_is_bounded_and_drops_what_finds_it_full() -> None:
    with collector(hang=2) as running:
        exporter = Exporter(ExportSettings(running.url))
        exporter.add([span(number) for number in range(30_000)])

        assert exporter.dropped >= 9_000
        assert len(exporter._waiting) <= 20_000


def test_collector_that_is_busy_is_asked_again() -> None:
    with collector(503, 200) as running:
        exporter = Exporter(ExportSettings(running.url))
        exporter.add([span()])

        assert exporter.flush(10)
        assert (len(running.requests), exporter.dropped) == (2, 0)


def test_collector_that_refuses_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    with collector(400) as running, caplog.at_level(logging.WARNING, "pfstudio.tracing"):
        exporter = Exporter(ExportSettings(running.url.replace("//", "//me:secret@")))
        for _ in range(3):
            exporter.add([span()])
            exporter.flush(10)

        assert exporter.dropped == 3
    [record] = caplog.records
    assert "did not take spans" in record.getMessage()
    assert "secret" not in record.getMessage()


def test_headers_resource_and_compression_come_from_the_environment() -> None:
    with collector() as running:
        settings = settings_of(
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"{running.url}/",
                "OTEL_EXPORTER_OTLP_HEADERS": "api-key=all",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "api-key=a%20b,x=1",
                "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
                "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,team=blue",
                "OTEL_SERVICE_NAME": "mine",
            }
        )
        assert settings is not None
        exporter = Exporter(settings)
        exporter.add([span()])
        exporter.flush(10)

        [(path, headers, _)] = running.requests
        assert (path, headers["api-key"], headers["x"], headers["content-encoding"]) == (
            "/v1/traces",
            "a b",
            "1",
            "gzip",
        )
        assert running.resource == {"service.name": "mine", "team": "blue"}
    assert "a b" not in repr(settings)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:1", "OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "file:///etc/passwd"},
    ],
)
def test_spans_stay_here_unless_an_address_is_configured(environment: dict[str, str]) -> None:
    assert settings_of(environment) is None
