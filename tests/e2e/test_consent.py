"""Running somebody else's flow with one's own connection: asked once, remembered, asked again once it has changed."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from e2e.axe import violations
from e2e.process import Studio

FLOW = "Users/bea/promptflow/hers"
YAML = """\
inputs: {}
outputs:
  result: {type: string, reference: "${probe.output}"}
nodes:
- name: probe
  type: python
  source: {type: code, path: probe.py}
  inputs: {conn: mine}
"""
PROBE = """\
from promptflow import tool
from promptflow.connections import CustomConnection

@tool
def probe(conn: CustomConnection) -> str:
    return "lent " + conn.configs["from"]
"""


def call(page: Page, studio: Studio, path: str, body: dict[str, Any]) -> None:
    """As the page itself would: with its cookie and its token."""
    token = page.request.get(f"{studio.address}/api/auth/session").json()["csrf_token"]
    headers = {"X-CSRF-Token": token, "Origin": studio.address}
    answer = page.request.post(f"{studio.address}{path}", data=body, headers=headers)
    assert answer.ok, answer.text()


def test_a_person_is_asked_before_their_connection_goes_to_somebody_elses_flow(page: Page, studio: Studio) -> None:
    call(page, studio, "/api/users", {"username": "bea", "password": "correct horse battery", "role": "author"})
    body = {"name": "mine", "type": "custom", "configs": {"from": "ada"}, "secrets": {"key": "k"}}
    call(page, studio, "/api/connections", body)
    folder = studio.data / "share" / FLOW
    folder.mkdir(parents=True)
    (folder / "flow.dag.yaml").write_text(YAML)
    (folder / "probe.py").write_text(PROBE)
    page.goto(f"{studio.address}/flows/{FLOW}")

    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog", name="Lend your connection to this flow?")
    expect(dialog.get_by_text("bea")).to_be_visible()
    expect(dialog.get_by_role("listitem")).to_have_text("mine")
    assert violations(page) == []
    dialog.get_by_role("button", name="Lend and run").click()
    expect(page.get_by_text("lent ada").first).to_be_visible()

    (folder / "probe.py").write_text(PROBE.replace("lent", "sent"))
    page.get_by_role("button", name="Run", exact=True).click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("sent ada")).to_have_count(0)
