"""Flex flows and prompties in the studio: listed, read without running, tried, with connections that are theirs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from live_studio import Live, live

__all__ = ["live"]

pytestmark = pytest.mark.timeout(120)

CLASS = """\
from dataclasses import dataclass
from promptflow.core import OpenAIModelConfiguration

raise SystemExit("a flow is read without being run")


@dataclass
class Reply:
    text: str


class Chat:
    def __init__(self, model_config: OpenAIModelConfiguration, style: str = "plain"):
        self.model_config, self.style = model_config, style

    def __call__(self, question: str, chat_history: list = None) -> Reply:
        return Reply(self.style)
"""
YAML = """\
entry: chat:Chat
display_name: A chat
environment_variables: {KEY: "${my_custom.secret}"}
sample:
  init: {model_config: {connection: my_open_ai, model: m}}
  inputs: {question: hi}
inputs:
  question: {type: string, is_chat_input: true}
  chat_history: {type: list, default: []}
outputs:
  text: {type: string, is_chat_output: true}
"""
PROMPTY = """\
---
name: Shout
description: In capitals.
model:
  configuration: {type: openai, model: m, connection: my_open_ai}
  parameters: {max_tokens: 20}
inputs:
  word: {type: string, default: hey}
sample: ${file:sample.json}
---
user:
{{word}}
"""
CONNECTION = {"name": "my_open_ai", "type": "open_ai", "api_key": "sk-1"}


def write(live: Live, folder: str, **files: str) -> Path:
    target: Path = live.people.share / "Users" / folder
    target.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (target / name.replace("__", ".")).write_text(text)
    return target


def get(live: Live, path: str, username: str = "bob") -> dict[str, Any]:
    status, answer, _ = live.call(username, "GET", path)
    assert status == 200, answer
    found: dict[str, Any] = json.loads(answer)
    return found


def run(live: Live, username: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    status, answer, _ = live.call(username, "POST", f"/api/test/{path}", body)
    return status, json.loads(answer)


def test_flex_flows_and_prompties_are_listed_but_no_parts_of_another_flow(live: Live) -> None:
    write(live, "bob/promptflow/chat", flow__flex__yaml=YAML, chat__py=CLASS, part__prompty=PROMPTY)
    write(live, "bob/promptflow/chat/prompts", deep__prompty=PROMPTY)
    write(live, "bob/promptflow/prompts", shout__prompty=PROMPTY, broken__prompty="no front matter")

    flows = {flow["path"]: flow for flow in get(live, "/api/flows")["flows"]}

    told = {path.removeprefix("Users/bob/promptflow/"): (flow["kind"], flow["type"]) for path, flow in flows.items()}
    assert told == {
        "chat": ("flex", "chat"),
        "prompts/shout.prompty": ("prompty", "standard"),
        "prompts/broken.prompty": ("prompty", "standard"),
    }
    shout = flows["Users/bob/promptflow/prompts/shout.prompty"]
    assert (shout["name"], shout["display_name"], shout["description"]) == ("shout", "Shout", "In capitals.")
    assert flows["Users/bob/promptflow/chat"]["display_name"] == "A chat"


def test_a_class_is_read_by_its_source_and_not_run(live: Live) -> None:
    write(live, "bob/promptflow/chat", flow__flex__yaml=YAML, chat__py=CLASS, part__prompty=PROMPTY)

    flow = get(live, "/api/flows/Users/bob/promptflow/chat")

    assert (flow["kind"], flow["file"], flow["folder"]) == ("flex", "flow.flex.yaml", "Users/bob/promptflow/chat")
    assert flow["entry"] == {"name": "chat:Chat", "file": "chat.py", "line": 12}
    assert [
        (item["name"], item["type"], item["is_chat_input"], item["is_chat_history"]) for item in flow["inputs"]
    ] == [
        ("question", "string", True, False),
        ("chat_history", "list", False, True),
    ]
    assert [(item["name"], item["type"], item["default"]) for item in flow["init"]] == [
        ("model_config", "OpenAIModelConfiguration", None),
        ("style", "string", "plain"),
    ]
    assert [(item["name"], item["is_chat_output"]) for item in flow["outputs"]] == [("text", True)]
    assert flow["sample"]["inputs"] == {"question": "hi"}
    assert flow["connections"] == ["my_custom", "my_open_ai"]
    assert flow["problems"] == []


def test_problems_of_a_flex_flow_have_their_places(live: Live) -> None:
    write(live, "bob/promptflow/chat", flow__flex__yaml=YAML.replace("chat:Chat", "chat:Chatt"), chat__py=CLASS)

    (problem,) = get(live, "/api/flows/Users/bob/promptflow/chat")["problems"]

    assert (problem["file"], problem["severity"]) == ("chat.py", "error")
    assert "Chatt" in problem["message"]


def test_a_prompty_is_read_with_its_model_and_sample(live: Live) -> None:
    folder = write(live, "bob/promptflow/prompts", shout__prompty=PROMPTY)
    (folder / "sample.json").write_text('{"word": "hello"}')

    flow = get(live, "/api/flows/Users/bob/promptflow/prompts/shout.prompty")

    assert (flow["kind"], flow["file"], flow["folder"]) == ("prompty", "shout.prompty", "Users/bob/promptflow/prompts")
    assert flow["sample"] == {"inputs": {"word": "hello"}}
    assert (flow["model"]["connection"], flow["model"]["name"]) == ("my_open_ai", "m")
    assert flow["connections"] == ["my_open_ai"]
    assert [(item["name"], item["default"]) for item in flow["inputs"]] == [("word", "hey")]


def test_reading_a_flow_shows_nothing_of_the_studios_own_environment(live: Live) -> None:
    os.environ["STUDIO_SECRET"] = "hush-hush"
    try:
        leaking = PROMPTY.replace("default: hey", 'default: "${env:STUDIO_SECRET}"').replace(
            "sample: ${file:sample.json}", 'sample: {word: "${env:STUDIO_SECRET}"}'
        )
        write(live, "bob/promptflow/prompts", leak__prompty=leaking)
        flex = YAML.replace("question: hi", 'question: "${env:STUDIO_SECRET}"')
        write(live, "bob/promptflow/chat", flow__flex__yaml=flex, chat__py=CLASS)

        told = [
            json.dumps(get(live, f"/api/flows/Users/bob/promptflow/{path}"))
            for path in ("prompts/leak.prompty", "chat")
        ]
    finally:
        del os.environ["STUDIO_SECRET"]

    assert all("hush" not in text and "${env:STUDIO_SECRET}" in text for text in told)


def test_a_prompty_in_place_of_the_flow_is_not_there_once_it_is_gone(live: Live) -> None:
    for path in ("prompts/gone.prompty", "prompts"):
        assert live.call("bob", "GET", f"/api/flows/Users/bob/promptflow/{path}")[0] == 404
        assert run(live, "bob", f"Users/bob/promptflow/{path}", {"inputs": {}})[0] == 404


def test_a_flow_with_init_streams_its_answer_and_gives_its_outputs(live: Live) -> None:
    code = (
        "class Say:\n    def __init__(self, end: str = '.'):\n        self.end = end\n\n"
        "    def __call__(self, text: str):\n        yield from text\n        yield self.end\n"
    )
    write(live, "bob/promptflow/say", flow__flex__yaml="entry: say:Say\n", say__py=code)

    body = {"inputs": {"text": "ab"}, "init": {"end": "!"}}
    events = list(live.stream("bob", "POST", "/api/test/Users/bob/promptflow/say", body))

    assert [data["text"] for name, data in events if name == "chunk"] == ["a", "b", "!"]
    name, data = events[-1]
    assert (name, data["result"]["status"], data["result"]["output"]) == ("finished", "Completed", {"output": "ab!"})


def test_a_prompty_asks_the_demo_model(live: Live) -> None:
    write(live, "bob/promptflow/prompts", demo__prompty=PROMPTY.replace("my_open_ai", "demo").replace("sample: ", "#"))

    status, result = run(live, "bob", "Users/bob/promptflow/prompts/demo.prompty", {"inputs": {"word": "hi"}})

    assert (status, result["status"]) == (200, "Completed"), result
    assert result["system_metrics"]["total_tokens"] > 0


def test_somebody_elses_entry_flow_asks_before_it_gets_ones_own_connection(live: Live) -> None:
    write(live, "bob/promptflow/chat", flow__flex__yaml=YAML.replace("environment_", "#"), chat__py=CLASS)
    write(live, "bob/promptflow/prompts", shout__prompty=PROMPTY.replace("sample: ", "#"))
    for username in ("bob", "bob2"):
        assert live.call(username, "POST", "/api/connections", CONNECTION)[0] == 201

    for path in ("chat", "prompts/shout.prompty"):
        status, problem = run(live, "bob2", f"Users/bob/promptflow/{path}", {"inputs": {}})
        assert (status, problem["code"]) == (403, "consent_required"), problem
        assert "'my_open_ai'" in problem["detail"]


def test_the_runners_own_choice_of_connection_counts_in_somebody_elses_flow(live: Live) -> None:
    write(live, "bob/promptflow/prompts", shout__prompty=PROMPTY.replace("sample: ", "#"))
    init = {"model": {"configuration": {"connection": "demo"}}}

    status, result = run(live, "bob2", "Users/bob/promptflow/prompts/shout.prompty", {"inputs": {}, "init": init})
    assert (status, result["status"]) == (200, "Completed"), result

    init = {"model": {"configuration": {"connection": "of_bob2"}}}
    status, problem = run(live, "bob2", "Users/bob/promptflow/prompts/shout.prompty", {"inputs": {}, "init": init})
    assert (status, problem["code"]) == (403, "connection_not_shared")


def test_a_copied_prompty_takes_along_the_files_it_names(live: Live) -> None:
    folder = write(live, "bob/promptflow/prompts", shout__prompty=PROMPTY, other__prompty=PROMPTY)
    (folder / "sample.json").write_text('{"word": "hello"}')

    status, answer, _ = live.call(
        "bob2", "POST", "/api/flows", {"name": "mine", "copy_of": "Users/bob/promptflow/prompts/shout.prompty"}
    )

    assert (status, json.loads(answer)) == (201, {"path": "Users/bob2/promptflow/mine/shout.prompty"})
    copied = live.people.share / "Users/bob2/promptflow/mine"
    assert sorted(path.name for path in copied.iterdir()) == ["sample.json", "shout.prompty"]


def test_stopping_one_prompty_leaves_another_beside_it_alone(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    write(live, "bob/promptflow/prompts", a__prompty=PROMPTY, b__prompty=PROMPTY)
    stopped: list[str | None] = []

    def remember(_runner: str, _folder: Path, file: str | None = None) -> int:
        stopped.append(file)
        return 0

    monkeypatch.setattr(live.people.studio.tests, "cancel", remember)

    assert live.call("bob", "DELETE", "/api/test/Users/bob/promptflow/prompts/a.prompty")[0] == 204
    assert live.call("bob", "DELETE", "/api/test/Users/bob/promptflow/prompts")[0] == 204
    assert stopped == ["a.prompty", None]
