"""Which connections flex flows, prompties and the prompties beside a flow's code name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pfstudio.accounts.actor import Actor, Role
from pfstudio.flows.locating import locate_flow
from pfstudio.flows.reading import read_entry_of, read_flow
from pfstudio.flows.share_files import ShareFiles
from pfstudio.share.paths import Share, SharePath

BOB = Actor("bob", Role.AUTHOR)
CODE = """\
from promptflow.connections import AzureOpenAIConnection
from promptflow.core import AzureOpenAIModelConfiguration

class Ask:
    def __init__(self, config: AzureOpenAIModelConfiguration, other: AzureOpenAIConnection = "its_default", n: int = 1):
        pass

    def __call__(self, q: str):
        return q
"""
PROMPTY = "---\nmodel:\n  configuration: {type: azure_openai, connection: %s}\n---\nuser:\nhi\n"


@pytest.fixture
def share(tmp_path: Path) -> Share:
    made = Share(tmp_path / "share")
    folder = made.users / "bob/promptflow/ask"
    (folder / "prompts/deep").mkdir(parents=True)
    sample = "{init: {config: {connection: of_sample, azure_deployment: d}}}"
    (folder / "flow.flex.yaml").write_text(f"entry: ask:Ask\nsample: {sample}\n")
    (folder / "ask.py").write_text(CODE)
    (folder / "beside.prompty").write_text(PROMPTY % "of_prompty")
    (folder / "prompts/below.prompty").write_text(PROMPTY % "of_another")
    (folder / "prompts/broken.prompty").write_text("---\nmodel: [\n---\n")
    (folder / "prompts/deep/far.prompty").write_text(PROMPTY % "too_deep")
    return made


@pytest.mark.parametrize(
    ("init", "needed"),
    [
        ({}, {"of_sample", "its_default"}),
        ({"config": {"connection": "given"}}, {"given", "its_default"}),
        ({"config": '{"connection": "as_text"}', "other": "mine"}, {"as_text", "mine"}),
        ({"config": {"azure_endpoint": "https://a"}, "other": ""}, set()),
    ],
)
def test_a_class_needs_the_connections_it_is_made_with(share: Share, init: dict[str, Any], needed: set[str]) -> None:
    place = locate_flow(share, SharePath.parse("Users/bob/promptflow/ask"))

    assert read_entry_of(ShareFiles(share, place.folder), place, init).needs == needed


def test_prompties_near_the_code_count_as_named(share: Share) -> None:
    flow = read_flow(share, SharePath.parse("Users/bob/promptflow/ask"), actor=BOB)

    assert flow["connections"] == ["its_default", "of_another", "of_prompty", "of_sample"]


def test_a_dag_flow_names_those_of_the_prompties_its_tools_may_load(share: Share) -> None:
    folder = share.users / "bob/promptflow/ask"
    (folder / "flow.flex.yaml").unlink()
    (folder / "flow.dag.yaml").write_text("nodes: []\n")

    flow = read_flow(share, SharePath.parse("Users/bob/promptflow/ask"), actor=BOB)

    assert (flow["kind"], flow["connections"]) == ("dag", ["of_another", "of_prompty"])


def test_a_broken_flow_is_still_of_the_kind_its_name_says(share: Share) -> None:
    (share.users / "bob/promptflow/ask/flow.flex.yaml").write_text("entry: [\n")

    flow = read_flow(share, SharePath.parse("Users/bob/promptflow/ask"), actor=BOB)

    assert (flow["kind"], flow["inputs"], flow["init"], flow["entry"]) == ("flex", [], [], None)
    assert [problem["severity"] for problem in flow["problems"]] == ["error"]
