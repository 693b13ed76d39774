"""Zips and folders as Azure Machine Learning and the VS Code extension leave them become flows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest

from studios import People

HOME = "Users/bob/promptflow"
LLM = """nodes:
- {name: a, type: llm, source: {type: code, path: a.jinja2}, inputs: {deployment_name: x}, connection: azure, api: chat}
"""
META = """$schema: https://azuremlschemas.azureedge.net/promptflow/latest/Flow.schema.json
name: q_and_a
type: chat
path: azureml://datastores/workspaceworkingdirectory/paths/Users/ada/promptflow/q_and_a/flow.dag.yaml
"""
AZURE = {
    "flow.dag.yaml": LLM,
    "flow.meta.yaml": META,
    "a.jinja2": "system:\nhi\n",
    "samples.json": "[]",
    "requirements.txt": "promptflow\n",
    ".promptflow/flow.tools.json": '{"package": {}, "code": {}}',
    ".promptflow/flow.layout.json": "{}",
    ".promptflow/flow.detail.json": "{}",
    "__pycache__/a.cpython-39.pyc": "x",
}
VS_CODE = {
    "workspace/.vscode/settings.json": "{}",
    "workspace/.env": "",
    "workspace/chat/flow.dag.yaml": "nodes: []\n",
    "workspace/chat/.promptflow/flow.tools.json": "{}",
    "workspace/chat/.promptflow/chat.detail.json": "{}",
    "workspace/.runs/chat_default_20240101/snapshot/flow.dag.yaml": "nodes: []\n",
    "workspace/.runs/chat_default_20240101/flow_outputs/output.jsonl": "",
    "workspace/evaluation/metrics/flow.flex.yaml": "entry: a:b\n",
    "workspace/chat/inner/flow.dag.yaml": "nodes: []\n",
    "workspace/basic.prompty": "---\nname: x\n---\nsystem:\nhi\n",
    "workspace/chat/part.prompty": "---\nname: x\n---\nsystem:\nhi\n",
}


def zipped(files: Mapping[str, str], prefix: str = "") -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path, text in files.items():
            target.writestr(prefix + path, text)
    return archive.getvalue()


def bring_in(people: People, name: str, content: bytes) -> dict[str, object]:
    answer = people.browser("bob").post("/api/import", files=[("files", (name, content))])
    assert answer.status_code == 201, answer.text
    body: dict[str, object] = answer.json()
    return body


@pytest.mark.parametrize("prefix", ["", "q_and_a/", "Users/ada/promptflow/q_and_a/", "q_and_a\\"])
def test_a_flow_downloaded_from_azure_comes_in_with_all_its_files(people: People, prefix: str) -> None:
    body = bring_in(people, "q_and_a.zip", zipped(AZURE, prefix))

    folder = people.share / str(body["path"])
    assert folder.name == "q_and_a"
    assert body["flows"] == [body["path"]]
    assert body["connections"] == ["azure"]
    assert [problem for problem in body["problems"] if problem["severity"] == "error"] == []  # type: ignore[attr-defined]
    assert {path: (folder / path).read_text() for path in AZURE} == AZURE


def test_a_workspace_of_the_extension_shows_every_flow_and_none_that_runs_left_behind(people: People) -> None:
    body = bring_in(people, "download.zip", zipped(VS_CODE))

    top = f"{HOME}/workspace"
    assert body["path"] == f"{top}/chat"
    assert body["flows"] == [
        f"{top}/chat",
        f"{top}/chat/inner",
        f"{top}/evaluation/metrics",
        f"{top}/basic.prompty",
    ]
    assert (people.share / top / ".runs/chat_default_20240101/snapshot/flow.dag.yaml").exists()
    listed = people.browser("bob").get("/api/flows").json()["flows"]
    assert sorted(flow["path"] for flow in listed) == sorted(body["flows"])  # type: ignore[call-overload]


def test_a_local_folder_with_one_prompty_is_a_flow(people: People) -> None:
    answer = people.browser("bob").post(
        "/api/import", files=[("files", ("mine/basic.prompty", VS_CODE["workspace/basic.prompty"].encode()))]
    )

    assert (answer.status_code, answer.json()["path"]) == (201, f"{HOME}/mine/basic.prompty")
    assert people.browser("bob").get(f"/api/flows/{HOME}/mine/basic.prompty").status_code == 200


def test_a_taken_name_gets_a_proposal_that_then_works(people: People) -> None:
    people.make_flow("bob", "q_and_a")
    client, content = people.browser("bob"), zipped(AZURE)
    files = [("files", ("q_and_a.zip", content))]

    refused = client.post("/api/import", data={"name": "q_and_a"}, files=files)
    proposal = refused.json()["proposal"]
    taken = client.post("/api/import", data={"name": proposal}, files=files)

    assert (refused.status_code, proposal) == (409, "q_and_a-2")
    assert (taken.status_code, taken.json()["path"]) == (201, f"{HOME}/q_and_a-2")


def test_a_flow_that_cannot_even_be_read_comes_in(people: People) -> None:
    body = bring_in(people, "broken.zip", zipped({"flow.dag.yaml": "nodes: [\n", "a.py": "import os; os._exit(1)\n"}))

    assert body["path"] == f"{HOME}/broken"
    assert body["problems"]


def test_only_what_runs_left_behind_is_no_flow(people: People) -> None:
    content = zipped({".runs/a/flow.dag.yaml": "nodes: []", "README.md": ""})

    answer = people.browser("bob").post("/api/import", files=[("files", ("x.zip", content))])

    assert (answer.status_code, answer.json()["code"]) == (400, "no_flow_file")
    assert not (people.share / HOME / "x").exists()
