"""Flows over HTTP: list, create, read. Nothing of a flow runs meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from studios import People

YAML = """\
$schema: x
inputs:
  question:
    type: string
    default: hi
    is_chat_input: true
  history:
    type: list
    is_chat_history: true
outputs:
  answer:
    type: string
    reference: ${shout.output}
    is_chat_output: true
environment_variables:
  KEY: ${from_environment.api_key}
nodes:
- name: ask
  type: llm
  source:
    type: code
    path: ask.jinja2
  inputs:
    deployment_name: demo
    question: ${inputs.question}
  connection: my_openai
  api: chat
- name: shout
  type: python
  source:
    type: code
    path: shout.py
  inputs:
    text: ${ask.output}
    conn: my_custom
    times: 2
  activate:
    when: ${inputs.question}
    is: hi
"""
PYTHON = """\
from enum import Enum
from promptflow import tool
from promptflow.connections import CustomConnection
open("{mark}", "w").write("ran")

class Mood(str, Enum):
    LOUD = "loud"
    QUIET = "quiet"

@tool
def shout(text: str, conn: CustomConnection, times: int = 3, mood: Mood = Mood.LOUD) -> str:
    return text * times
"""


@pytest.fixture
def flow(people: People, tmp_path: Path) -> Path:
    folder = people.make_flow("bob")
    (folder / "flow.dag.yaml").write_text(YAML)
    (folder / "ask.jinja2").write_text("# system:\n{{question}} {{unknown}}\n")
    (folder / "shout.py").write_text(PYTHON.replace("{mark}", str(tmp_path / "mark")))
    return folder


def test_a_flow_is_read_with_everything_the_page_shows(people: People, flow: Path, tmp_path: Path) -> None:
    body = people.browser("bob2").get("/api/flows/Users/bob/promptflow/flow").json()

    assert (body["name"], body["owner"], body["type"], body["writable"]) == ("flow", "bob", "chat", False)
    assert (body["file"], body["display_name"]) == ("flow.dag.yaml", "flow")
    question, history = body["inputs"]
    assert (question["name"], question["default"], question["is_chat_input"], question["line"]) == (
        "question",
        "hi",
        True,
        3,
    )
    assert (history["has_default"], history["is_chat_history"]) == (False, True)
    output = body["outputs"][0]
    assert (output["name"], output["reference"], output["is_chat_output"]) == ("answer", "${shout.output}", True)
    ask, shout = body["nodes"]
    assert (ask["connection"], ask["api"], ask["source"]["path"]) == ("my_openai", "chat", "ask.jinja2")
    assert ask["inputs"] == {"deployment_name": "demo", "question": "${inputs.question}"}
    assert [item["name"] for item in ask["signature"]["inputs"]] == ["question", "unknown"]
    assert shout["activate"] == {"when": "${inputs.question}", "is": "hi"}
    assert shout["signature"]["function"] == "shout"
    assert [(item["name"], item["type"], item["required"]) for item in shout["signature"]["inputs"]] == [
        ("text", ["string"], True),
        ("conn", ["CustomConnection"], True),
        ("times", ["int"], False),
        ("mood", ["string"], False),
    ]
    assert shout["signature"]["inputs"][3]["enum"] == ["loud", "quiet"]
    assert body["connections"] == ["from_environment", "my_custom", "my_openai"]
    assert [problem["code"] for problem in body["problems"] if problem["severity"] == "error"] == []
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nodes: [\n", None),
        ("a: 1\na: 2\n", 2),
        ("nodes:\n- name: x\n  type: python\n  source: {type: code, path: none.py}\n", 4),
        ("- 1\n", 1),
        ("nodes: 5\n", 1),
        ("\t- x", 1),
        ("nodes:\n- name: a\n  type: python\n  inputs: {x: '${a.output}'}\n", None),
    ],
)
def test_a_broken_flow_is_told_with_its_line_and_never_an_error(
    people: People, flow: Path, text: str, line: int | None
) -> None:
    (flow / "flow.dag.yaml").write_text(text)

    answer = people.browser("bob").get("/api/flows/Users/bob/promptflow/flow")

    assert answer.status_code == 200
    errors = [problem for problem in answer.json()["problems"] if problem["severity"] == "error"]
    assert errors
    assert all(problem["line"] >= 1 and problem["message"] for problem in errors)
    assert line in {None, *(problem["line"] for problem in errors)}
    assert people.browser("bob").get("/api/flows").json()["flows"][0]["path"] == "Users/bob/promptflow/flow"


def test_what_is_no_flow_is_not_found_in_a_sentence(people: People, flow: Path) -> None:
    (people.share / "Users/bob/promptflow/empty").mkdir()
    bob = people.browser("bob")

    for path in (
        "Users/bob/promptflow/empty",
        "Users/bob/promptflow/none",
        "Users/bob",
        "Users",
        "",
        "Users/bob/promptflow/flow/shout.py",
    ):
        answer = bob.get(f"/api/flows/{path}")
        assert answer.status_code == 404, path
        assert answer.json()["detail"].endswith(".")


def test_nested_flows_of_everyone_are_listed_and_links_are_not_followed(people: People, flow: Path) -> None:
    nested = people.make_flow("bob2", "repo/flows/deep")
    (nested / "flow.dag.yaml").write_text("type: evaluation\ndisplay_name: Deep one\nnodes: []\n")
    (people.share / "Users/bob2/promptflow/link").symlink_to(flow)
    (people.share / "Users/bob2/promptflow/repo/node_modules/x").mkdir(parents=True)
    (people.share / "Users/bob2/promptflow/repo/node_modules/x/flow.dag.yaml").write_text("nodes: []")
    bob = people.browser("bob")

    listed = {item["path"]: item for item in bob.get("/api/flows").json()["flows"]}

    assert sorted(listed) == ["Users/bob/promptflow/flow", "Users/bob2/promptflow/repo/flows/deep"]
    deep = listed["Users/bob2/promptflow/repo/flows/deep"]
    assert (deep["display_name"], deep["type"], deep["owner"], deep["writable"]) == (
        "Deep one",
        "evaluation",
        "bob2",
        False,
    )
    (nested / "flow.dag.yaml").write_text("display_name: Renamed\nnodes: []\n")
    assert "Renamed" in bob.get("/api/flows").text


@pytest.mark.parametrize("kind", ["standard", "chat", "evaluation"])
def test_a_new_flow_of_each_type_is_on_disk_at_once_and_has_no_errors(people: People, kind: str) -> None:
    bob = people.browser("bob")

    answer = bob.post("/api/flows", json={"name": "Mein Flöw 🙂", "type": kind})

    assert (answer.status_code, answer.json()) == (201, {"path": "Users/bob/promptflow/Mein Flöw 🙂"})
    folder = people.share / "Users/bob/promptflow/Mein Flöw 🙂"
    assert (folder / "flow.dag.yaml").is_file()
    assert len(list(folder.iterdir())) >= 3
    body = bob.get("/api/flows/Users/bob/promptflow/Mein Flöw 🙂").json()
    assert (body["type"], [item for item in body["problems"] if item["severity"] == "error"]) == (kind, [])


def test_every_gallery_flow_is_described_and_can_be_created(people: People) -> None:
    bob = people.browser("bob")
    entries = bob.get("/api/gallery").json()["entries"]

    assert {"web-classification", "standard", "chat", "evaluation"} <= {entry["name"] for entry in entries}
    for entry in entries:
        assert entry["node_count"] == len(entry["graph"]["nodes"]) == sum(entry["kinds"].values()) > 0
        assert entry["readme"]
        assert "flow.dag.yaml" not in entry["data_files"]
        answer = bob.post("/api/flows", json={"name": entry["name"], "template": entry["name"]})
        body = bob.get(f"/api/flows/{answer.json()['path']}").json()
        assert [item for item in body["problems"] if item["severity"] == "error"] == [], entry["name"]
        assert body["type"] == entry["type"]


def test_a_copy_of_anyones_flow_is_ones_own_and_changes_nothing_of_theirs(people: People, flow: Path) -> None:
    (flow / "data").mkdir()
    (flow / "data" / "x.bin").write_bytes(b"\0\1")
    (flow / "link").symlink_to("data/x.bin")
    (flow / ".git").mkdir()
    bob2 = people.browser("bob2")

    answer = bob2.post("/api/flows", json={"name": "mine", "copy_of": "Users/bob/promptflow/flow"})

    assert answer.json() == {"path": "Users/bob2/promptflow/mine"}
    copy = people.share / "Users/bob2/promptflow/mine"
    assert sorted(item.name for item in copy.iterdir()) == ["ask.jinja2", "data", "flow.dag.yaml", "link", "shout.py"]
    assert (copy / "link").readlink() == Path("data/x.bin")
    assert (copy / "flow.dag.yaml").read_text() == YAML


NAMES = [
    "",
    " ",
    "..",
    ".",
    "a/b",
    "a\\b",
    "../x",
    ".hidden",
    "x" * 101,
    "a\nb",
    "a\0b",
    "ends.",
    " x",
    "x ",
    ".git",
    "C:",
]


def test_names_that_no_folder_should_have_are_refused_in_a_sentence(people: People) -> None:
    bob = people.browser("bob")

    for name in NAMES:
        answer = bob.post("/api/flows", json={"name": name, "type": "standard"})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_flow_name"), name
    assert bob.get("/api/flows").json() == {"flows": []}


def test_each_other_refusal_leaves_everything_as_it_was(people: People, flow: Path) -> None:
    bob = people.browser("bob")
    before = (flow / "flow.dag.yaml").read_text()

    for body, status in (
        ({"name": "flow", "type": "standard"}, 409),
        ({"name": "new", "template": "none"}, 404),
        ({"name": "new", "copy_of": "Users/bob/promptflow/none"}, 404),
        ({"name": "new", "copy_of": "Users/bob"}, 404),
        ({"name": "new", "copy_of": "Users/bob/promptflow/flow", "template": "chat"}, 400),
        ({"name": "new", "type": "other"}, 400),
        ({"name": "new", "type": "standard", "owner": "root"}, 400),
        ({"name": "new", "type": "standard", "path": "Users/bob2/promptflow/new"}, 400),
    ):
        answer = bob.post("/api/flows", json=body)
        assert answer.status_code == status, body
    assert people.browser("vic").post("/api/flows", json={"name": "new", "type": "standard"}).status_code == 403
    assert [item.name for item in flow.parent.iterdir()] == ["flow"]
    assert (flow / "flow.dag.yaml").read_text() == before
    assert not any((people.share / ".incoming").iterdir())
