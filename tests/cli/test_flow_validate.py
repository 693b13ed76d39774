"""`pf flow validate`: every fault at once, each with its place; the folder stays as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pfstudio.flow.errors import ValidationException
from pfstudio.sdk.client import PFClient

from .conftest import Ended, write_flow

Pf = Callable[..., Ended]

FAULTY = """\
inputs:
  s: {type: strin}
outputs:
  o: {type: string}
nodes:
- name: up
  type: python
  source: {type: code, path: nope.py}
  inputs: {s: "${inputs.zz}"}
- name: up
  type: zork
  source: {type: code, path: p.jinja2}
- type: python
- name: broken
  type: python
  source:
    type: code
    path: broken.py
- name: first
  type: prompt
  source: {type: code, path: p.jinja2}
  inputs: {a: "${second.output}"}
- name: second
  type: prompt
  source: {type: code, path: p.jinja2}
  inputs: {a: "${first.output}"}
"""


def test_a_good_flow_succeeds_and_nothing_is_written(pf: Pf, flow: Path) -> None:
    before = sorted(flow.rglob("*"))

    ended = pf("flow", "validate", "--source", str(flow))

    assert (ended.code, ended.out, ended.err) == (0, '{\n  "result": "Succeeded"\n}\n', "")
    assert sorted(flow.rglob("*")) == before


def test_every_fault_is_told_with_its_place(pf: Pf, tmp_path: Path) -> None:
    write_flow(tmp_path / "f", {"flow.dag.yaml": FAULTY, "broken.py": "x = (\n", "p.jinja2": "{{a}}"})

    ended = pf("flow", "validate", "--source", "f")

    body = json.loads(ended.out)
    assert (ended.code, body["result"]) == (1, "Failed")
    found = {(entry["yaml_path"], entry["location"].rpartition("/")[2]) for entry in body["errors"]}
    assert found >= {
        ("inputs.s.type", "flow.dag.yaml#line 2"),
        ("outputs.o", "flow.dag.yaml#line 4"),
        ("nodes.0.source.path", "flow.dag.yaml#line 8"),
        ("nodes.0.inputs", "flow.dag.yaml#line 9"),
        ("nodes.1.name", "flow.dag.yaml#line 10"),
        ("nodes.1.type", "flow.dag.yaml#line 11"),
        ("nodes.2", "flow.dag.yaml#line 13"),
        ("nodes.3.source.path", "broken.py#line 1"),
    }
    assert any("circular dependency" in entry["message"] for entry in body["errors"])
    missing = next(entry for entry in body["errors"] if entry["value"] == "nope.py")
    assert missing["path"] == missing["yaml_path"] == "nodes.0.source.path"


def test_warnings_do_not_fail(pf: Pf, flow: Path) -> None:
    text = (flow / "flow.dag.yaml").read_text()
    more = "- name: hint\n  type: prompt\n  source: {type: code, path: hint.jinja2}\n"
    write_flow(flow, {"flow.dag.yaml": text + more, "hint.jinja2": "{{word}}"})

    ended = pf("flow", "validate", "--source", str(flow))

    body = json.loads(ended.out)
    assert (ended.code, body["result"]) == (0, "Succeeded")
    assert "uses 'word', which the node 'hint' does not give" in body["warnings"][0]["message"]
    assert body["warnings"][0]["location"].endswith("flow.dag.yaml#line 16")


def test_what_is_no_flow_is_one_line(pf: Pf, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_flow(tmp_path / "torn", {"flow.dag.yaml": "nodes: [a: b: c"})

    nowhere = pf("flow", "validate", "--source", "nowhere")
    empty = pf("flow", "validate", "--source", "empty")
    torn = json.loads(pf("flow", "validate", "--source", "torn").out)

    assert nowhere.err == (
        f"pf.flow.validate failed with UserErrorException: Flow path {tmp_path / 'nowhere'} does not exist.\n"
    )
    assert (empty.code, empty.err.count("\n")) == (1, 1)
    assert torn["errors"][0]["location"].endswith("flow.dag.yaml#line 1")


def test_a_flex_flow_is_checked_without_running_it(pf: Pf, tmp_path: Path) -> None:
    write_flow(
        tmp_path,
        {
            "good/flow.flex.yaml": "entry: app:answer\n",
            "good/app.py": "raise SystemExit('ran')\ndef answer(): pass\n",
            "gone/flow.flex.yaml": "entry: app:answer\n",
            "torn/flow.flex.yaml": "entry: app:answer\n",
            "torn/app.py": "def answer(:\n",
        },
    )

    assert pf("flow", "validate", "--source", "good").code == 0
    gone, torn = (json.loads(pf("flow", "validate", "--source", name).out)["errors"] for name in ("gone", "torn"))
    assert "The entry's module 'app' is neither beside the flow" in gone[0]["message"]
    assert torn[0]["location"].endswith("app.py#line 1")


def test_the_client_gives_the_same_as_an_object(tmp_path: Path, flow: Path) -> None:
    write_flow(tmp_path / "f", {"flow.dag.yaml": FAULTY})

    good, bad = PFClient().flows.validate(flow), PFClient().flows.validate(tmp_path / "f")

    assert (good.passed, good.error_messages) == (True, {})
    assert not bad.passed
    assert bad.error_messages["nodes.1.type"].startswith("Node 'up' has the unknown type 'zork'.")
    assert json.loads(repr(bad))["result"] == "Failed"


def test_the_client_raises_when_asked(tmp_path: Path) -> None:
    write_flow(tmp_path / "f", {"flow.dag.yaml": FAULTY})
    raised: Any = None
    try:
        PFClient().flows.validate(tmp_path / "f", raise_error=True)
    except ValidationException as error:
        raised = error

    assert (raised.file, raised.line) == ("flow.dag.yaml", 2)
    assert raised.message.startswith("Schema validation failed: {'inputs.s.type': ")
    assert "has the unknown type 'zork'" in raised.message


def test_a_module_that_a_tool_imports_and_that_is_not_installed_is_told(pf: Pf, tmp_path: Path) -> None:
    tool = "from promptflow.core import tool\nimport helper, os.path\n@tool\ndef t():\n    import never_seen\n"
    helper = (
        "try:\n    import perhaps_there\nexcept ImportError:\n    pass\nimport package.part\nimport not_there.at_all\n"
    )
    yaml = "nodes:\n- name: t\n  type: python\n  source: {type: code, path: t.py}\n"
    write_flow(tmp_path / "f", {"flow.dag.yaml": yaml, "t.py": tool, "helper.py": helper})
    (tmp_path / "f" / "package").mkdir()
    (tmp_path / "f" / "package" / "part.py").write_text("import helper\n")

    ended = pf("flow", "validate", "--source", "f")

    (error,) = json.loads(ended.out)["errors"]
    assert ended.code == 1
    assert error["message"] == (
        "Failed to load python module from file 't.py': (ModuleNotFoundError) No module named 'not_there'"
    )
    assert (error["path"], error["location"].rpartition("/")[2]) == ("nodes.0.source.path", "t.py#line 2")
