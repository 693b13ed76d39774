"""`PFClient().test`, as users' own code calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pfstudio.errors import UserErrorException
from pfstudio.flow.errors import InvalidFlowError
from pfstudio.sdk.client import PFClient
from pfstudio.sdk.env_files import EnvFileNotFoundError, read_env_file
from pfstudio.sdk.flow_function import MissingRequiredFlowInput, load_flow
from pfstudio.sdk.test_inputs import InputsFileError, InputsFileNotFoundError


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    folder = tmp_path / "flow"
    folder.mkdir()
    (folder / "flow.dag.yaml").write_text(
        "inputs:\n  a: {type: int}\n  chat_history: {type: list}\n"
        "outputs:\n  r: {type: int, reference: '${dbl.output}'}\n"
        "  h: {type: list, reference: '${inputs.chat_history}'}\n"
        "environment_variables: {COLOR: red}\n"
        "nodes:\n- name: dbl\n  type: python\n  source: {type: code, path: dbl.py}\n  inputs: {x: '${inputs.a}'}\n"
    )
    (folder / "dbl.py").write_text(
        "import os\nfrom promptflow.core import tool\n@tool\ndef dbl(x: int):\n"
        "    print(os.environ.get('COLOR'))\n    return 100 // (x - 13)\n"
    )
    return folder


def test_a_test_returns_the_outputs(flow: Path) -> None:
    assert PFClient().test(str(flow), inputs={"a": 14}) == {"r": 100, "h": []}
    assert PFClient().flows.test(flow, inputs={"a": "14"}) == {"r": 100, "h": []}


def test_a_node_returns_its_output(flow: Path) -> None:
    assert PFClient().test(flow, node="dbl", inputs={"x": 14}) == 100


def test_inputs_may_be_a_file(flow: Path) -> None:
    (flow / "in.jsonl").write_text('{"a": 15}\n{"a": 14}\n')

    assert PFClient().test(flow, inputs=flow / "in.jsonl")["r"] == 50


def test_files_that_hold_no_inputs_are_refused(flow: Path) -> None:
    with pytest.raises(InputsFileNotFoundError, match="Cannot find inputs file"):
        PFClient().test(flow, inputs=str(flow / "none.json"))
    with pytest.raises(InputsFileError, match=r"Only support jsonl or json file as input."):
        PFClient().test(flow, inputs=str(flow / "dbl.py"))


def test_a_failure_is_a_user_error_that_begins_with_its_type(flow: Path) -> None:
    with pytest.raises(UserErrorException) as caught:
        PFClient().test(flow, inputs={"a": 13})

    assert type(caught.value) is UserErrorException
    assert caught.value.message.startswith("ZeroDivisionError: Execution failure in 'dbl': (ZeroDivisionError) ")
    assert (caught.value.file, caught.value.line) == ("dbl.py", 6)


def test_nothing_is_written_and_the_process_is_left_as_it_was(flow: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = (dict(os.environ), list(sys.path), Path.cwd(), sorted(path.name for path in flow.iterdir()))

    PFClient().test(flow, inputs={"a": 14}, environment_variables={"TASTE": "sour"})

    after = (dict(os.environ), list(sys.path), Path.cwd(), sorted(p.name for p in flow.iterdir() if p.suffix != ""))
    assert after == before
    assert capfd.readouterr() == ("", "")


def test_records_are_written_when_they_are_wanted(flow: Path, tmp_path: Path) -> None:
    PFClient().flows.test(flow, inputs={"a": 14}, output_path=tmp_path / "records")

    assert (tmp_path / "records" / "flow.detail.json").exists()


def test_an_unknown_variant_is_told(flow: Path) -> None:
    with pytest.raises(InvalidFlowError, match="Variant v not found for node dbl"):
        PFClient().test(flow, variant="${dbl.v}")


def test_the_constructor_takes_what_promptflows_took() -> None:
    PFClient(connection_provider="local", config={"trace.destination": "none"}, credential=None, user_agent="x/1")


def test_a_flow_is_a_function(flow: Path) -> None:
    function = load_flow(flow)

    assert function(a=14, chat_history=[]) == {"r": 100, "h": []}
    assert function.invoke({"a": 15, "chat_history": []}).output["r"] == 50
    assert (function.name, function.inputs["a"], function.outputs["r"]) == ("flow", "int", "int")


def test_a_flow_function_wants_keywords_and_all_inputs(flow: Path) -> None:
    with pytest.raises(UserErrorException, match=r"Flow can only be called with keyword arguments."):
        load_flow(flow)(14)
    with pytest.raises(MissingRequiredFlowInput) as caught:
        load_flow(flow)(chat_history=[])

    assert str(caught.value) == "Required input fields ['a'] are missing in request data {'chat_history': []}"


def test_a_flow_function_raises_where_the_flow_fails(flow: Path) -> None:
    with pytest.raises(UserErrorException, match=r"Execution failure in 'dbl': \(ZeroDivisionError\)"):
        load_flow(flow)(a=13, chat_history=[])


def test_a_flow_function_sees_an_edit(flow: Path) -> None:
    function = load_flow(flow)
    function(a=14, chat_history=[])
    (flow / "dbl.py").write_text("from promptflow.core import tool\n@tool\ndef dbl(x: int):\n    return 'edited'\n")

    assert function(a=14, chat_history=[])["r"] == "edited"


def test_env_files(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "\ufeff# note\n\nA=1\nexport B=\"x\\ny # no note\"\nC='$x' # note\nD=a=b\n E = e \n", encoding="utf-8"
    )

    assert read_env_file(file) == {"A": "1", "B": "x\ny # no note", "C": "$x", "D": "a=b", "E": "e"}
    with pytest.raises(EnvFileNotFoundError):
        read_env_file(tmp_path / "none.env")
    file.write_text("A=1\nrubbish\n")
    with pytest.raises(UserErrorException) as caught:
        read_env_file(file)
    assert caught.value.line == 2


def test_an_unguarded_script_may_use_the_client(flow: Path) -> None:
    script = flow.parent / "script.py"
    script.write_text(
        f"from promptflow import PFClient\nprint(PFClient().test({str(flow)!r}, inputs={{'a': 14}})['r'])\n"
    )

    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)

    assert (ended.returncode, ended.stdout) == (0, "100\n"), ended.stderr
