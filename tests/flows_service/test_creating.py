"""Flows made from a type or the gallery."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pfstudio.accounts.actor import Actor, Role
from pfstudio.flows.errors import FlowNameTakenError
from pfstudio.flows.service import create_flow
from pfstudio.share.paths import Share

BOB = Actor("bob", Role.AUTHOR)


@pytest.fixture
def share(tmp_path: Path) -> Share:
    (tmp_path / "share/Users/bob/promptflow").mkdir(parents=True)
    return Share(tmp_path / "share")


def test_a_flow_made_from_the_gallery_was_changed_now(share: Share) -> None:
    before = time.time() - 1

    create_flow(share, "pages", template="web-classification", actor=BOB)

    flow_file = share.users / "bob/promptflow/pages/flow.dag.yaml"
    assert flow_file.stat().st_mtime >= before


def test_a_name_that_is_taken_leaves_the_flow_as_it_was(share: Share) -> None:
    create_flow(share, "mine", kind="standard", actor=BOB)
    file = share.users / "bob/promptflow/mine/flow.dag.yaml"
    file.write_text("# my own\n", encoding="utf-8")

    with pytest.raises(FlowNameTakenError):
        create_flow(share, "mine", kind="chat", actor=BOB)

    assert file.read_text(encoding="utf-8") == "# my own\n"
