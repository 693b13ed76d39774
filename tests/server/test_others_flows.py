"""Somebody else's folder: everyone reads it, nobody writes it, and its flows run without anybody's own secrets."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from live_studio import Live, live

__all__ = ["live"]

pytestmark = pytest.mark.timeout(120)

FLOW = "Users/bob/promptflow/flow"
YAML = """\
inputs:
  text: {type: string, default: x}
outputs:
  result: {type: object, reference: "${probe.output}"}
nodes:
- name: probe
  type: python
  source: {type: code, path: probe.py}
  inputs: {text: "${inputs.text}"}
"""
PROBE = """\
import os, pathlib
from promptflow import tool

FOLDER = pathlib.Path(__file__).parent
USERS = FOLDER.parent.parent.parent


def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"


@tool
def probe(text: str) -> dict:
    return {
        "write": attempt(lambda: (FOLDER / "new.txt").write_text("x")),
        "append": attempt(lambda: (FOLDER / "flow.dag.yaml").open("a").write("#")),
        "delete": attempt(lambda: (FOLDER / "flow.dag.yaml").unlink()),
        "rename": attempt(lambda: (FOLDER / "flow.dag.yaml").rename(FOLDER / "other.yaml")),
        "chmod": attempt(lambda: (FOLDER / "flow.dag.yaml").chmod(0o777)),
        "link": attempt(lambda: os.link(FOLDER / "flow.dag.yaml", FOLDER / "linked")),
        "folder": attempt(lambda: (FOLDER / "folder").mkdir()),
        "runners own": attempt(lambda: (USERS / "bob2" / "planted.txt").write_text("x")),
        "database": attempt(lambda: (USERS.parent.parent / "pfstudio.db").read_bytes()),
        "key": attempt(lambda: (USERS.parent.parent / "secret.key").read_bytes()),
        "environment": sorted(name for name in os.environ if name.startswith("PFSTUDIO_")),
    }
"""
NAMES_A_CONNECTION = """\
from promptflow import tool
from promptflow.connections import CustomConnection

@tool
def probe(text: str, conn: CustomConnection) -> dict:
    return {"key": conn.secrets["key"][::-1]}
"""
WITH_CONNECTION = YAML.replace('{text: "${inputs.text}"}', '{text: "${inputs.text}", conn: mine}')


def make_flow(live: Live, yaml: str = YAML, probe: str = PROBE) -> Path:
    folder = live.people.make_flow("bob")
    (folder / "flow.dag.yaml").write_text(yaml)
    (folder / "probe.py").write_text(probe)
    return folder


def content_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes() if path.is_file() else b"", path.lstat().st_mode)
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    }


def add_connection(live: Live, username: str, scope: str = "user") -> None:
    body = {"name": "mine", "type": "custom", "configs": {}, "secrets": {"key": f"{username}'s key"}, "scope": scope}
    assert live.call(username, "POST", "/api/connections", body)[0] == 201


def test_another_author_reads_everything_of_a_flow(live: Live) -> None:
    make_flow(live)

    assert live.call("bob2", "GET", f"/api/content/{FLOW}/probe.py")[1].decode() == PROBE
    listed = json.loads(live.call("bob2", "GET", f"/api/files/{FLOW}")[1])
    assert [(entry["name"], entry["writable"]) for entry in listed["entries"]] == [
        ("flow.dag.yaml", False),
        ("probe.py", False),
    ]
    flow = json.loads(live.call("bob2", "GET", f"/api/flows/{FLOW}")[1])
    assert (flow["writable"], [node["name"] for node in flow["nodes"]]) == (False, ["probe"])
    assert live.call("bob2", "GET", f"/api/export/{FLOW}")[0] == 200
    copied = live.call("bob2", "POST", "/api/flows", {"name": "copied", "copy_of": FLOW})
    assert json.loads(copied[1])["path"] == "Users/bob2/promptflow/copied"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"/api/content/{FLOW}/flow.dag.yaml", b"changed"),
        ("PUT", f"/api/content/{FLOW}/new.txt", b"new"),
        ("PUT", "/api/content/Users/bob/promptflow/flow/a/b/new.txt", b"new"),
        ("POST", f"/api/files/{FLOW}/folder", {"kind": "folder"}),
        ("PATCH", f"/api/files/{FLOW}/probe.py", {"path": f"{FLOW}/renamed.py"}),
        ("PATCH", f"/api/files/{FLOW}", {"path": "Users/bob2/promptflow/stolen"}),
        ("PATCH", "/api/files/Users/bob2/promptflow/own", {"path": f"{FLOW}/planted"}),
        ("DELETE", f"/api/files/{FLOW}/probe.py", None),
        ("DELETE", f"/api/files/{FLOW}", None),
        ("DELETE", "/api/files/Users/bob/promptflow", None),
    ],
)
def test_another_author_changes_nothing(live: Live, method: str, path: str, body: Any) -> None:
    folder = make_flow(live)
    live.people.make_flow("bob2", "own")
    before = content_of(folder)

    status, answer, _ = live.call("bob2", method, path, body)

    assert (status, json.loads(answer)["code"]) == (403, "not_your_folder")
    assert content_of(folder) == before


def test_a_link_of_ones_own_is_no_way_into_somebody_elses_folder(live: Live) -> None:
    folder = make_flow(live)
    before = content_of(folder)
    (live.people.make_flow("bob2", "own") / "door").symlink_to(folder)
    door = "Users/bob2/promptflow/own/door"

    assert live.call("bob2", "PUT", f"/api/content/{door}/new.txt", b"x")[0] == 404
    assert live.call("bob2", "DELETE", f"/api/files/{door}/probe.py")[0] == 404
    assert live.call("bob2", "PATCH", f"/api/files/{door}/probe.py", {"path": "Users/bob2/probe.py"})[0] == 404
    assert content_of(folder) == before


@pytest.mark.parametrize("name", ["flow", "../../bob/promptflow/flow", "Users/bob/promptflow/flow"])
def test_an_import_never_goes_over_somebody_elses_flow(live: Live, name: str) -> None:
    folder = make_flow(live)
    before = content_of(folder)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("flow/flow.dag.yaml", "nodes: []\n")
        archive.writestr("flow/new.txt", "x")
    script = live.people.script("bob2")

    answer = script.post("/api/import", data={"name": name}, files={"files": ("flow.zip", packed.getvalue())})

    assert content_of(folder) == before
    if answer.status_code == 201:
        assert answer.json()["path"].startswith("Users/bob2/promptflow/")
    else:
        assert answer.status_code == 400


def test_what_somebody_else_deleted_is_not_there_for_another_author(live: Live) -> None:
    folder = make_flow(live)
    trash_id = live.call("bob", "DELETE", f"/api/files/{FLOW}/probe.py")[2]["Trash-Entry"]

    assert live.call("bob2", "POST", f"/api/trash/{trash_id}/restore")[0] == 404
    assert live.call("bob2", "DELETE", f"/api/trash/{trash_id}")[0] == 404
    assert not (folder / "probe.py").exists()
    assert live.call("bob", "POST", f"/api/trash/{trash_id}/restore")[0] == 200


@pytest.mark.parametrize("runner", ["bob2", "root"])
def test_a_flow_of_somebody_else_runs_without_writing_anything(live: Live, runner: str) -> None:
    folder = make_flow(live)
    live.people.make_flow("bob2", "own")
    before = content_of(folder)

    status, answer, _ = live.call(runner, "POST", f"/api/test/{FLOW}", {"inputs": {}})

    result = json.loads(answer)
    assert (status, result["status"]) == (200, "Completed"), result
    tried = result["output"]["result"]
    assert tried.pop("environment") == []
    assert tried.pop("database") == tried.pop("key") == "FileNotFoundError"
    assert set(tried.values()) == {"OSError"}, tried  # A read-only file system.
    assert content_of(folder) == before
    assert not (live.people.share / "Users/bob2/planted.txt").exists()


def test_neither_the_owners_connection_nor_ones_own_reaches_somebody_elses_flow(live: Live) -> None:
    make_flow(live, WITH_CONNECTION, NAMES_A_CONNECTION)
    add_connection(live, "bob")

    status, answer, _ = live.call("bob2", "POST", f"/api/test/{FLOW}", {"inputs": {}})

    problem = json.loads(answer)
    assert (status, problem["code"]) == (403, "connection_not_shared")
    assert "'mine'" in problem["detail"]
    assert "copy the flow" in problem["detail"]
    assert live.call("bob2", "GET", "/api/connections/mine")[0] == 404
    assert b"bob's key" not in live.call("bob2", "GET", "/api/connections")[1]


def test_the_workspaces_connection_and_a_copy_of_ones_own_are_the_ways_out(live: Live) -> None:
    make_flow(live, WITH_CONNECTION, NAMES_A_CONNECTION)
    add_connection(live, "bob")
    add_connection(live, "bob2")
    live.call("bob2", "POST", "/api/flows", {"name": "copied", "copy_of": FLOW})
    add_connection(live, "root", "workspace")

    shared = json.loads(live.call("bob2", "POST", f"/api/test/{FLOW}", {"inputs": {}})[1])
    copied = json.loads(live.call("bob2", "POST", "/api/test/Users/bob2/promptflow/copied", {"inputs": {}})[1])

    assert shared["output"]["result"] == {"key": "root's key"[::-1]}
    assert copied["output"]["result"] == {"key": "bob2's key"[::-1]}
    told = json.loads(live.call("root", "GET", "/api/audit?act=secret.used")[1])["entries"]
    assert [(entry["actor"], entry["subject"], entry["details"]) for entry in told] == [
        ("bob2", "Users/bob2/promptflow/copied", {"connections": ["mine"], "owner": "bob2"}),
        ("bob2", FLOW, {"connections": ["mine"], "owner": "bob"}),
    ]


def test_a_node_that_needs_no_connection_runs_alone(live: Live) -> None:
    node = YAML.partition("nodes:\n")[2].replace("name: probe", "name: plain").replace("probe.py", "plain.py")
    folder = make_flow(live, WITH_CONNECTION + node, NAMES_A_CONNECTION)
    (folder / "plain.py").write_text("from promptflow import tool\n\n@tool\ndef plain(text: str):\n    return text\n")

    body = {"inputs": {"text": "hello"}, "node": "plain"}
    result = json.loads(live.call("bob2", "POST", f"/api/test/{FLOW}", body)[1])

    assert [item["output"] for item in result["node_runs"]] == ["hello"], result
