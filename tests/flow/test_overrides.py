"""Connections of nodes that are given from outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.flow.errors import InvalidFlowError
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.loader import load_flow
from pfstudio.flow.overrides import check_node_overrides

YAML = """\
inputs: {t: {type: string}}
nodes:
- name: n
  type: python
  source: {type: code, path: n.py}
  inputs: {t: "${inputs.t}", c: one}
"""
TOOL = """\
from promptflow.core import tool
from promptflow.connections import AzureOpenAIConnection, CustomConnection

@tool
def n(t: str, c: AzureOpenAIConnection, d: CustomConnection = None, e=None):
    return t
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.dag.yaml").write_text(YAML)
    (tmp_path / "n.py").write_text(TOOL)
    return tmp_path


@pytest.mark.parametrize("key", ["c", "d", "e", "deployment_name"])
def test_a_connection_may_be_given_to_what_can_take_one(folder: Path, key: str) -> None:
    check_node_overrides(load_flow(folder / "flow.dag.yaml"), FolderFiles(folder), {"n": {key: "two"}})


@pytest.mark.parametrize("key", ["t", "nope"])
def test_a_connection_for_another_input_is_refused_with_those_that_take_one(folder: Path, key: str) -> None:
    with pytest.raises(InvalidFlowError, match=rf"keys of node 'n': \['{key}'\], only \[.*'c', 'd', 'e'\]") as raised:
        check_node_overrides(load_flow(folder / "flow.dag.yaml"), FolderFiles(folder), {"n": {key: "two"}})

    assert (raised.value.file, raised.value.line) == ("flow.dag.yaml", 3)


def test_a_tool_that_takes_no_connection_gets_none(folder: Path) -> None:
    (folder / "n.py").write_text("from promptflow.core import tool\n@tool\ndef n(t: str, c: str):\n    return t\n")

    with pytest.raises(InvalidFlowError, match=r"node 'n' takes no connection, so \['connection'\] cannot be"):
        check_node_overrides(load_flow(folder / "flow.dag.yaml"), FolderFiles(folder), {"n": {"connection": "two"}})
