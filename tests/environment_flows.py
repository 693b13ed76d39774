"""Flows with packages of their own, and asking the studio for their environments."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from studios import People

NODE = """
from promptflow.core import tool


@tool
def run() -> str:
    import {module}
    return str({module}.VERSION)
"""
TRIES_TO_WRITE = """
from promptflow.core import tool


@tool
def run():
    import aaa, sys
    tried = []
    for place in (aaa.__file__, sys.prefix + '/x'):
        try:
            open(place, 'a')
            tried.append('open')
        except OSError as error:
            tried.append(type(error).__name__)
    return tried
"""
FLOW = """
inputs: {}
outputs:
  out:
    type: string
    reference: ${node.output}
nodes:
- name: node
  type: python
  source: {type: code, path: node.py}
  inputs: {}
"""


def flow(
    people: People, requirements: str | bytes, *, owner: str = "bob", name: str = "flow", module: str = "aaa"
) -> str:
    folder = people.make_flow(owner, name)
    (folder / "flow.dag.yaml").write_text(FLOW)
    (folder / "node.py").write_text(NODE.format(module=module))
    content = requirements if isinstance(requirements, bytes) else requirements.encode()
    (folder / "requirements.txt").write_bytes(content)
    return f"Users/{owner}/promptflow/{name}"


def build(client: TestClient, path: str, *, fresh: bool = False) -> dict[str, Any]:
    """Have it built, and wait for the end by its log."""
    answer = client.post(f"/api/environments/{path}", json={"fresh": fresh})
    assert answer.status_code == 202, answer.text
    client.get(f"/api/environment-log/{path}")
    return read(client, path)


def read(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(f"/api/environments/{path}")
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def run(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.post(f"/api/test/{path}", json={"inputs": {}})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def output(result: dict[str, Any]) -> Any:
    assert result["error"] is None, result["error"]
    return result["output"]["out"]
