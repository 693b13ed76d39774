"""Trying flows: the result, the events as nodes run, and stopping; in real workers."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from live_studio import Live, live, until
from model_server import model_server

__all__ = ["live"]

pytestmark = pytest.mark.timeout(120)

PATH = "/api/test/Users/bob/promptflow/flow"
YAML = """\
inputs:
  text: {type: string}
outputs:
  result: {type: string, reference: "${second.output}"}
nodes:
- name: first
  type: python
  source: {type: code, path: first.py}
  inputs: {text: "${inputs.text}"}
- name: second
  type: python
  source: {type: code, path: second.py}
  inputs: {text: "${first.output}"}
"""
FIRST = """\
from promptflow import tool

@tool
def first(text: str) -> str:
    print("hello from first")
    return text.upper()
"""
SECOND = """\
from promptflow import tool

@tool
def second(text: str) -> str:
    return text + "!"
"""
CONNECTION = """\
from promptflow import tool
from promptflow.connections import CustomConnection

@tool
def first(text: str, conn: CustomConnection) -> str:
    return conn.secrets["key"][::-1]
"""


def make_flow(live: Live, first: str = FIRST, yaml: str = YAML, owner: str = "bob") -> Path:
    folder = live.people.make_flow(owner)
    (folder / "flow.dag.yaml").write_text(yaml)
    (folder / "first.py").write_text(first)
    (folder / "second.py").write_text(SECOND)
    return folder


def run(live: Live, username: str, body: dict[str, Any], path: str = PATH) -> dict[str, Any]:
    status, answer, _ = live.call(username, "POST", path, body)
    assert status == 200, answer
    result: dict[str, Any] = json.loads(answer)
    return result


def test_a_flow_gives_its_output_and_a_record_of_each_node(live: Live) -> None:
    make_flow(live)

    result = run(live, "bob", {"inputs": {"text": "grüezi 🙂"}})

    assert (result["status"], result["output"]) == ("Completed", {"result": "GRÜEZI 🙂!"}), result
    first, second = result["node_runs"]
    assert (first["node"], first["status"], first["output"]) == ("first", "Completed", "GRÜEZI 🙂")
    assert "hello from first" in first["logs"]["stdout"]
    assert second["inputs"] == {"text": "GRÜEZI 🙂"}


def test_one_node_runs_alone_on_its_own_inputs(live: Live) -> None:
    make_flow(live)

    result = run(live, "bob", {"inputs": {"text": "x"}, "node": "second"})

    assert result["status"] == "Completed", result
    assert [(item["node"], item["output"]) for item in result["node_runs"]] == [("second", "x!")]


def test_events_come_while_nodes_run(live: Live) -> None:
    make_flow(live, FIRST.replace("return text", "import time; time.sleep(1)\n    return text"))
    began = time.monotonic()
    seen: list[tuple[str, float]] = []
    bodies: dict[str, Any] = {}

    for name, body in live.stream("bob", "POST", PATH, {"inputs": {"text": "x"}}):
        seen.append((name, time.monotonic() - began))
        bodies[name] = body

    names = [name for name, _ in seen]
    assert names[0] == "started"
    assert names[-1] == "finished"
    assert names.count("node_started") == names.count("node_finished") == 2
    assert bodies["finished"]["result"]["output"] == {"result": "X!"}
    first_node = next(at for name, at in seen if name == "node_started")
    assert seen[-1][1] - first_node > 0.8


def test_a_flow_that_fails_is_an_answer_with_file_and_line(live: Live) -> None:
    make_flow(live, FIRST.replace("return text.upper()", "return text.nothing()"))

    result = run(live, "bob", {"inputs": {"text": "x"}})

    assert (result["status"], result["output"]) == ("Failed", None)
    assert "nothing" in result["error"]["message"]
    assert (result["error"]["file"], result["error"]["line"]) == ("first.py", 6)


@pytest.mark.parametrize(
    "yaml", ["nodes: [\n", "nodes: 5\n", YAML.replace("first.output", "none.output"), "a: 1\na: 2\n"]
)
def test_a_broken_flow_is_an_answer_too(live: Live, yaml: str) -> None:
    make_flow(live, yaml=yaml)

    result = run(live, "bob", {"inputs": {"text": "x"}})

    assert result["status"] == "Failed"
    assert result["error"]["message"]


LOOP = FIRST.replace("print(", "open('started', 'w').write('x')\n    while True: pass\n    print(")


def test_stopping_ends_an_endless_loop_within_two_seconds(live: Live) -> None:
    folder = make_flow(live, LOOP)
    results: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: results.append(run(live, "bob", {"inputs": {"text": "x"}})), daemon=True)
    thread.start()
    until((folder / "started").exists, 30)

    assert live.call("bob2", "DELETE", PATH)[0] == 204  # Somebody else's stop stops nothing of mine.
    time.sleep(0.3)
    assert thread.is_alive()
    began = time.monotonic()
    assert live.call("bob", "DELETE", PATH)[0] == 204
    thread.join(10)

    assert time.monotonic() - began < 2.5
    assert results[0]["status"] in ("Canceled", "Failed")
    assert live.call("bob", "DELETE", PATH)[0] == 204


@pytest.mark.parametrize("as_events", [True, False])
def test_closing_the_request_stops_the_test(live: Live, as_events: bool) -> None:
    folder = make_flow(live, LOOP)
    tests = live.people.studio.tests
    if as_events:
        events = live.stream("bob", "POST", PATH, {"inputs": {"text": "x"}})
    else:
        connection = live.connect()
        headers = {"Authorization": f"Bearer {live.token('bob')}", "Content-Type": "application/json"}
        connection.request("POST", PATH, b'{"inputs": {"text": "x"}}', headers)
    until((folder / "started").exists, 30)
    assert len(tests.running("bob", folder)) == 1

    if as_events:
        events.hang_up()
    else:
        connection.close()

    until(lambda: not tests.running("bob", folder), 4)


def test_tests_that_hang_keep_nobody_waiting_and_have_a_limit(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfstudio.flows.testing.MOST_TESTS", 4)
    make_flow(live, FIRST.replace("print(", "import time; time.sleep(60)\n    print("))
    streams = [live.stream("bob", "POST", PATH, {"inputs": {"text": "x"}}) for _ in range(4)]

    status, body, headers = live.call("bob", "POST", PATH, {"inputs": {"text": "x"}})
    began = time.monotonic()
    listed = live.call("bob2", "GET", "/api/files/Users/bob/promptflow/flow")[0]

    assert (status, headers["retry-after"]) == (429, "2")
    assert b"4 tests of yours are running already" in body
    assert listed == 200
    assert time.monotonic() - began < 2
    live.call("bob", "DELETE", PATH)
    for stream in streams:
        assert [name for name, _ in stream][-1] == "finished"


def add_connection(live: Live, username: str, scope: str, key: str, name: str = "mine") -> None:
    body = {"name": name, "type": "custom", "configs": {}, "secrets": {"key": key}, "scope": scope}
    assert live.call(username, "POST", "/api/connections", body)[0] == 201


def test_a_flow_gets_the_connections_it_names_and_its_runner_may_use(live: Live) -> None:
    yaml = YAML.replace('{text: "${inputs.text}"}', '{text: "${inputs.text}", conn: mine}')
    make_flow(live, CONNECTION, yaml)
    body = {"inputs": {"text": "x"}}
    add_connection(live, "bob", "user", "bob's own")
    add_connection(live, "bob2", "user", "bob2's own")

    assert run(live, "bob", body)["output"] == {"result": "bob's own"[::-1] + "!"}
    # Neither their own, unless they agree, nor the owner's: the flow could send it anywhere.
    for stranger, code in (("bob2", "consent_required"), ("root", "connection_not_shared")):
        status, answer, _ = live.call(stranger, "POST", PATH, body)
        assert (status, json.loads(answer)["code"]) == (403, code)
    add_connection(live, "root", "workspace", "everyone's")
    assert run(live, "bob2", body)["output"] == {"result": "everyone's"[::-1] + "!"}
    assert run(live, "bob", body)["output"] == {"result": "bob's own"[::-1] + "!"}


ASKING = """inputs: {text: {type: string}}
outputs: {result: {type: string, reference: "${ask.output}"}}
nodes:
- name: ask
  type: llm
  source: {type: code, path: ask.jinja2}
  inputs: {model: m, text: "${inputs.text}"}
  connection: local
  api: chat
"""


def test_a_model_on_the_studios_machine_answers_through_a_connection_that_an_admin_made(live: Live) -> None:
    with model_server(lambda _body: "here") as server:
        for username in ("root", "bob"):
            folder = make_flow(live, yaml=ASKING, owner=username)
            (folder / "ask.jinja2").write_text("user:\n{{text}}")
            body = {"name": "local", "type": "open_ai", "api_key": "sk-1", "base_url": server.url}
            assert live.call(username, "POST", "/api/connections", body)[0] == 201
        asked = {"inputs": {"text": "x"}}

        by_admin = run(live, "root", asked, PATH.replace("bob", "root"))
        by_author = run(live, "bob", asked)
        assert by_admin["output"] == {"result": "here"}, by_admin
        assert by_author["status"] == "Failed"

        assert live.call("bob", "DELETE", "/api/connections/local")[0] == 204
        body |= {"scope": "workspace"}
        assert live.call("root", "POST", "/api/connections", body)[0] == 201
        assert run(live, "bob", asked)["output"] == {"result": "here"}


def test_somebody_elses_folder_is_not_written_and_ones_own_is(live: Live) -> None:
    folder = make_flow(live, FIRST.replace("print(", "open('trace.txt', 'w').write(text)\n    print("))
    body = {"inputs": {"text": "x"}}

    theirs = run(live, "bob2", body)
    assert not (folder / "trace.txt").exists()
    own = run(live, "bob", body)

    assert own["status"] == "Completed", own
    assert (folder / "trace.txt").read_text() == "x"
    assert theirs["status"] == "Failed"


def test_every_gallery_flow_runs_on_the_demo_model(live: Live) -> None:
    entries = json.loads(live.call("bob", "GET", "/api/gallery")[1])["entries"]
    assert len(entries) >= 8

    for entry in entries:
        made = live.call("bob", "POST", "/api/flows", {"name": entry["name"], "template": entry["name"]})
        path = json.loads(made[1])["path"]
        first = json.loads((live.people.share / path / "data.jsonl").read_text(encoding="utf-8").splitlines()[0])
        inputs = {item["name"]: first.get(item["name"], item["default"]) for item in entry["inputs"]}
        result = run(live, "bob", {"inputs": inputs}, f"/api/test/{path}")
        assert result["status"] == "Completed", (entry["name"], result["error"])
        assert result["output"]


def test_viewers_strangers_and_bodies_with_too_much_run_nothing(live: Live) -> None:
    folder = make_flow(live, FIRST.replace("print(", "open('ran', 'w')\n    print("))
    body: dict[str, Any] = {"inputs": {"text": "x"}}

    assert live.call("vic", "POST", PATH, body)[0] == 403
    for extra in (
        {"flow": {"nodes": []}},
        {"owner": "root"},
        {"environment_variables": {"LD_PRELOAD": "x"}},
        {"writable": True},
    ):
        assert live.call("bob", "POST", PATH, {**body, **extra})[0] == 400
    for path in ("/api/test/Users/bob/promptflow/none", "/api/test/Users/bob", "/api/test/..", "/api/test/"):
        assert live.call("bob", "POST", path, body)[0] in (404, 405), path
    assert not (folder / "ran").exists()
