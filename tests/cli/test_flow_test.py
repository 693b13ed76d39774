"""`pf flow test`, as a process: what goes to standard output, what to standard error, and which files are left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import PF, Ended, write_flow

Pf = Callable[..., Ended]


def test_the_output_is_json_and_nothing_else(pf: Pf, flow: Path) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=hé")

    assert (ended.code, ended.out) == (0, '{\n    "r": 6,\n    "t": "HÉ6"\n}\n')
    assert "stdout> doubling 3" in ended.err
    assert "\x1b" not in ended.err


def test_values_are_converted_and_quotes_taken_off(pf: Pf, flow: Path) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "a=1", "'s=x=y'", "--inputs", "a='5'")

    assert json.loads(ended.out) == {"r": 10, "t": "X=Y10"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one.json", '{"a": 4, "s": "é"}'),
        ("one.jsonl", '\ufeff\n{"a": 4, "s": "é"}\n{"a": 5, "s": "no"}\n'),
    ],
)
def test_inputs_come_from_a_file(pf: Pf, flow: Path, name: str, text: str) -> None:
    (flow / name).write_text(text, encoding="utf-8")

    ended = pf("flow", "test", "--flow", str(flow), "--inputs", str(flow / name))

    assert json.loads(ended.out) == {"r": 8, "t": "É8"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nothing.json", "UserErrorException: Cannot find inputs file nothing.json."),
        ("word", "InputsFileError: Only support jsonl or json file as input."),
        ("broken.json", "InputsFileError: 'broken.json' is not valid JSON"),
        ("list.json", "InputsFileError: 'list.json' holds no JSON object with inputs."),
    ],
)
def test_an_inputs_file_that_will_not_do_is_one_line(pf: Pf, flow: Path, given: str, message: str) -> None:
    (flow / "broken.json").write_text('{\n"a": }')
    (flow / "list.json").write_text("[1]")

    ended = pf("flow", "test", "--flow", ".", "--inputs", given, cwd=flow)

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.count("\n") == 1
    assert ended.err.startswith(f"pf.flow.test failed with {message}")


def test_a_list_without_an_equals_sign_is_a_usage_error(pf: Pf, flow: Path) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=x", "word")

    assert ended.code == 1
    assert "Usage error: --inputs KEY=VALUE [KEY=VALUE ...]" in ended.err


def test_a_failing_tool_is_told_with_its_line(pf: Pf, flow: Path) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "a=13", "s=x")

    assert (ended.code, ended.out) == (1, "")
    assert ended.last_error_line == (
        "pf.flow.test failed with UserErrorException: ValueError: Execution failure in 'dbl': (ValueError) unlucky "
        "(dbl.py:6)"
    )
    assert 'raise ValueError("unlucky")' in ended.err
    assert not (flow / ".promptflow" / "flow.output.json").exists()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([], "UserErrorException: Required input(s) ['s'] are missing for \"flow\"."),
        (
            ["a=zz", "s=x"],
            "UserErrorException: Exception: The input for flow is incorrect. The value for flow input 'a' in line 0 of "
            "input data does not match the expected type 'int'. Please change flow input type or adjust the input "
            "value in your input data.",
        ),
    ],
)
def test_inputs_that_will_not_do_are_told(pf: Pf, flow: Path, inputs: list[str], message: str) -> None:
    more = ["--inputs", *inputs] if inputs else []

    ended = pf("flow", "test", "--flow", str(flow), *more)

    assert ended.code == 1
    assert ended.last_error_line.startswith(f"pf.flow.test failed with {message}")


def test_a_tool_that_does_not_load_is_told_before_inputs_that_are_missing(pf: Pf, tmp_path: Path) -> None:
    yaml = """\
inputs: {s: {type: string}}
nodes:
- {name: t, type: python, source: {type: code, path: t.py}, inputs: {s: "${inputs.s}"}}
"""
    write_flow(tmp_path / "f", {"flow.dag.yaml": yaml, "t.py": "import not_there\n"})

    ended = pf("flow", "test", "--flow", "f")

    assert ended.code == 1
    assert "No module named 'not_there'" in ended.err.splitlines()[-1]


def test_an_unknown_input_is_passed_with_a_warning(pf: Pf, flow: Path) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=x", "q=1")

    assert ended.code == 0
    assert "Unknown input(s) of flow: {'q': '1'}" in ended.err


@pytest.mark.parametrize(
    ("given", "output"),
    [("x=5", "10"), ("inputs.a=5", "10"), ("${inputs.a}=5", "10"), ("a=5", "10")],
)
def test_a_node_runs_alone_on_any_spelling_of_its_input(pf: Pf, flow: Path, given: str, output: str) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--node", "dbl", "--inputs", given)

    assert (ended.code, ended.out) == (0, f"{output}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "UserErrorException: Cannot find nope in the flow."),
        (["up"], "UserErrorException: Required input(s) ['s', 'n'] are missing for \"up\"."),
        (["dbl", "--inputs", "x=zz"], "InputTypeError: The input for node is incorrect. Value for input 'x' of node "),
    ],
)
def test_a_node_that_cannot_run_is_told(pf: Pf, flow: Path, arguments: list[str], message: str) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--node", *arguments)

    assert ended.code == 1
    assert ended.last_error_line.startswith(f"pf.flow.node_test failed with {message}")


def test_a_node_runs_alone_though_another_cannot_be_loaded(pf: Pf, flow: Path) -> None:
    (flow / "up.py").write_text("import nothing_of_that_name\n")

    assert pf("flow", "test", "--flow", str(flow), "--node", "dbl").out == "6\n"


def test_a_nodes_values_have_the_types_of_what_they_stand_for(pf: Pf, flow: Path) -> None:
    text = (flow / "flow.dag.yaml").read_text().replace('n: "${dbl.output}"}', 'n: "${dbl.output}", k: 5, u: 6}')
    write_flow(
        flow,
        {
            "flow.dag.yaml": text.replace("s: {type: string}", "s: {type: list}"),
            "up.py": "from promptflow.core import tool\n@tool\n"
            "def up(s, n: int, k: int, u):\n    return repr((s, n, k, u))\n",
        },
    )

    ended = pf("flow", "test", "--flow", str(flow), "--node", "up", "--inputs", "s=[1]", "n=2", "k=3", "u=4")

    assert ended.out == "([1], '2', 3, '4')\n"


@pytest.mark.parametrize(("body", "ending"), [("yield 'a'\n    yield 'b'", "ab"), ("yield 'a'\n    1 / 0", "")])
def test_a_node_that_yields_gives_its_text(pf: Pf, flow: Path, body: str, ending: str) -> None:
    write_flow(flow, {"dbl.py": f"from promptflow.core import tool\n@tool\ndef dbl(x: int):\n    {body}\n"})

    ended = pf("flow", "test", "--flow", str(flow), "--node", "dbl")

    assert ended.out.strip() == ending
    assert ended.code == 0 or "failed with UserErrorException: ZeroDivisionError: Exec" in ended.last_error_line


def test_records_are_left_beside_the_flow(pf: Pf, flow: Path) -> None:
    pf("flow", "test", "--flow", str(flow), "--inputs", "s=x")

    records = flow / ".promptflow"
    assert sorted(path.name for path in records.iterdir()) == ["flow.detail.json", "flow.log", "flow.output.json"]
    assert json.loads((records / "flow.output.json").read_text()) == {"r": 6, "t": "X6"}
    detail = json.loads((records / "flow.detail.json").read_text())
    assert [run["node"] for run in detail["node_runs"]] == ["dbl", "up"]
    assert detail["flow_runs"][0]["status"] == "Completed"
    assert "Node dbl completes." in (records / "flow.log").read_text()


def test_records_of_a_node_bear_its_name(pf: Pf, flow: Path) -> None:
    pf("flow", "test", "--flow", str(flow), "--node", "dbl")

    names = sorted(path.name for path in (flow / ".promptflow").iterdir())
    assert names == ["dbl.node.log", "flow-dbl.node.detail.json", "flow-dbl.node.output.json"]


def test_records_go_where_they_are_wanted(pf: Pf, flow: Path, tmp_path: Path) -> None:
    pf("flow", "test", "--flow", str(flow), "--inputs", "s=x", "--detail", str(tmp_path / "there"))

    assert (tmp_path / "there" / "flow.detail.json").exists()
    assert not (flow / ".promptflow").exists()


def test_a_folder_that_cannot_take_records_is_no_failure(pf: Pf, flow: Path) -> None:
    (flow / ".promptflow").write_text("a file is in the way")

    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=x")

    assert (ended.code, json.loads(ended.out)) == (0, {"r": 6, "t": "X6"})


def test_images_go_elsewhere_where_the_flow_cannot_take_them(pf: Pf, flow: Path) -> None:
    write_flow(
        flow,
        {
            "flow.dag.yaml": "outputs: {p: {type: image, reference: '${k.output}'}}\n"
            "nodes:\n- {name: k, type: python, source: {type: code, path: k.py}}\n",
            "k.py": "from promptflow.core import tool\nfrom promptflow.contracts.multimedia import Image\n@tool\n"
            "def k(): return Image(b'\\x89PNG\\r\\n\\x1a\\n1234', 'image/png')\n",
            ".promptflow": "a file is in the way",
        },
    )

    ended = pf("flow", "test", "--flow", str(flow))

    path = Path(json.loads(ended.out)["p"]["data:image/png;path"])
    assert path.read_bytes().endswith(b"1234")
    shutil.rmtree(path.parent)


def test_a_variant_is_chosen_and_named_in_the_records(pf: Pf, flow: Path) -> None:
    write_flow(
        flow,
        {
            "flow.dag.yaml": "outputs:\n  o: {type: string, reference: '${say.output}'}\n"
            "nodes:\n- {name: say, use_variants: true}\n"
            "node_variants:\n  say:\n    default_variant_id: a\n    variants:\n"
            "      a: {node: {type: prompt, source: {type: code, path: a.jinja2}}}\n"
            "      b: {node: {type: prompt, source: {type: code, path: b.jinja2}}}\n",
            "a.jinja2": "first",
            "b.jinja2": "second",
        },
    )

    assert json.loads(pf("flow", "test", "--flow", str(flow)).out) == {"o": "first"}
    assert json.loads(pf("flow", "test", "--flow", str(flow), "--variant", "${say.b}").out) == {"o": "second"}
    assert (flow / ".promptflow" / "flow-say-b.detail.json").exists()
    missing = pf("flow", "test", "--flow", str(flow), "--variant", "${say.c}")
    assert missing.last_error_line.startswith(
        "pf.flow.test failed with InvalidFlowError: Variant c not found for node say"
    )


def test_aggregation_nodes_run_and_their_metrics_are_kept(pf: Pf, flow: Path) -> None:
    with (flow / "flow.dag.yaml").open("a") as file:
        file.write("- name: agg\n  type: python\n  aggregation: true\n  source: {type: code, path: agg.py}\n")
        file.write("  inputs: {all: '${dbl.output}'}\n")
    write_flow(
        flow,
        {
            "agg.py": "from promptflow.core import tool, log_metric\n@tool\n"
            "def agg(all: list):\n    log_metric('sum', sum(all))\n"
        },
    )

    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=x")

    assert json.loads(ended.out) == {"r": 6, "t": "X6"}
    assert json.loads((flow / ".promptflow" / "flow.metrics.json").read_text()) == {"sum": 6}


def test_a_failing_aggregation_node_is_a_warning(pf: Pf, flow: Path) -> None:
    with (flow / "flow.dag.yaml").open("a") as file:
        file.write("- name: agg\n  type: python\n  aggregation: true\n  source: {type: code, path: agg.py}\n")
    write_flow(flow, {"agg.py": "from promptflow.core import tool\n@tool\ndef agg():\n    1 / 0\n"})

    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=x")

    assert (ended.code, json.loads(ended.out)) == (0, {"r": 6, "t": "X6"})
    assert "WARNING  The aggregation node 'agg' failed: Execution failure in 'agg'" in ended.err


def test_environment_variables_reach_the_tool(pf: Pf, flow: Path) -> None:
    write_flow(
        flow,
        {
            "up.py": "import os\nfrom promptflow.core import tool\n@tool\n"
            "def up(s: str, n: int):\n    return [os.environ.get('COLOR'), os.environ.get('TASTE')]\n",
            ".env": "# colors\nexport COLOR='deep red'\nTASTE=sweet # like sugar\n",
        },
    )
    base = ["flow", "test", "--flow", str(flow), "--inputs", "s=x", "--environment-variables"]

    assert json.loads(pf(*base, "COLOR=red", "TASTE=sour").out)["t"] == ["red", "sour"]
    assert json.loads(pf(*base, str(flow / ".env")).out)["t"] == ["deep red", "sweet"]
    assert json.loads(pf(*base, cwd=flow).out)["t"] == ["deep red", "sweet"]


def test_relative_files_are_read_from_the_flow_and_the_callers_folder_stays(pf: Pf, flow: Path, tmp_path: Path) -> None:
    write_flow(
        flow,
        {
            "up.py": "from promptflow.core import tool\n@tool\n"
            "def up(s: str, n: int):\n    return open('data.txt').read()\n",
            "data.txt": "beside the flow",
        },
    )

    ended = pf("flow", "test", "--flow", "my-flow/flow.dag.yaml", "--inputs", "s=x", cwd=tmp_path)

    assert json.loads(ended.out)["t"] == "beside the flow"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (shutil.rmtree, "UserErrorException"),
        (lambda flow: (flow / "flow.dag.yaml").unlink(), "Have found neither flow.dag.yaml nor flow.flex.yaml in"),
        (lambda flow: (flow / "up.py").unlink(), "InvalidSource: Load tool failed for node 'up'. Tool file 'up.py'"),
        (lambda flow: (flow / "flow.dag.yaml").write_text("nodes: [a: b: c"), "(flow.dag.yaml:1)"),
    ],
)
def test_a_flow_that_cannot_be_loaded_is_one_line(
    pf: Pf, flow: Path, change: Callable[[Path], object], message: str
) -> None:
    change(flow)

    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=x")

    assert (ended.code, ended.out) == (1, "")
    assert message in ended.last_error_line
    assert "Traceback" not in ended.err


def test_a_structured_error_is_written_where_it_was_asked_for(pf: Pf, flow: Path) -> None:
    ended = pf("flow", "test", "--flow", str(flow), PROMPTFLOW_STRUCTURE_EXCEPTION_OUTPUT="true")

    record = json.loads(ended.last_error_line)
    assert (record["code"], record["command"]) == ("UserError", "pf.flow.test")
    assert record["message"] == "Required input(s) ['s'] are missing for \"flow\"."


def test_a_console_that_cannot_show_a_letter_is_no_failure(pf: Pf, flow: Path) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=é", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert (ended.code, json.loads(ended.out)["t"]) == (0, "?6")


def test_a_reader_that_leaves_early_gets_no_complaint(flow: Path) -> None:
    write_flow(flow, {"up.py": "from promptflow.core import tool\n@tool\ndef up(s, n):\n    return 'x' * 1_000_000\n"})
    command = [str(PF), "flow", "test", "--flow", str(flow), "--inputs", "s=x"]

    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PF_LOGGING_LEVEL": "ERROR"}
    )
    assert process.stdout is not None
    process.stdout.close()

    assert process.communicate(timeout=30)[1] == b""


def test_the_logging_level_is_taken_from_the_environment(pf: Pf, flow: Path) -> None:
    ended = pf("flow", "test", "--flow", str(flow), "--inputs", "s=x", PF_LOGGING_LEVEL="WARNING")

    assert (ended.code, ended.err) == (0, "")


def test_the_flow_runs_with_the_interpreter_that_runs_pf(pf: Pf, flow: Path) -> None:
    write_flow(
        flow,
        {"up.py": "import sys\nfrom promptflow.core import tool\n@tool\ndef up(s, n):\n    return sys.prefix\n"},
    )
    assert json.loads(pf("flow", "test", "--flow", str(flow), "--inputs", "s=x").out)["t"] == sys.prefix
