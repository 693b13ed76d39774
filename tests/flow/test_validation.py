from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flow_folders import SAMPLES
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.validation import CheckedFlow, check_flow

TOOL = "from promptflow.core import tool\n\n\n@tool\n"


def check(folder: Path, yaml: str, **files: str) -> CheckedFlow:
    for name, content in {"flow.dag.yaml": yaml, **files}.items():
        (folder / name.replace("_py", ".py").replace("_jinja2", ".jinja2")).write_text(content, encoding="utf-8")
    return check_flow(FolderFiles(folder), "flow.dag.yaml")


def told(checked: CheckedFlow) -> list[tuple[str, int, str, str]]:
    return [(problem.file, problem.line, problem.severity, problem.code) for problem in checked.problems]


@pytest.mark.parametrize("folder", sorted(file.parent.name for file in SAMPLES.glob("*/flow.dag.yaml")))
def test_sample_flows_have_no_errors(folder: str) -> None:
    assert check_flow(FolderFiles(SAMPLES / folder), "flow.dag.yaml").errors == []


def test_everything_is_reported_at_once(tmp_path: Path) -> None:
    yaml = """
inputs:
  text: {type: string}
outputs:
  out: {type: string, reference: "${tow.output}"}
nodes:
- {name: one, type: python, source: {path: one.py}, inputs: {a: "${two.output}"}}
- {name: two, type: python, source: {path: gone.py}, inputs: {a: "${one.output}", b: "${inputs.txt}"}}
- {name: five, type: prompt, source: {path: bad.jinja2}}
- {name: four, type: strange, source: {path: one.py}}
- {name: five, type: python, source: {path: none.py}}
"""
    checked = check(tmp_path, yaml, one_py="def (\n", bad_jinja2="a\n{% if %}\n", none_py="x = 1\n")

    assert told(checked) == [
        ("flow.dag.yaml", 5, "error", "output_reference_not_found"),
        ("flow.dag.yaml", 7, "error", "node_circular_dependency"),
        ("flow.dag.yaml", 8, "error", "input_reference_not_found"),
        ("flow.dag.yaml", 8, "error", "invalid_source"),
        ("flow.dag.yaml", 10, "error", "unknown_node_type"),
        ("flow.dag.yaml", 11, "error", "duplicate_node_name"),
        ("bad.jinja2", 2, "error", "jinja_parsing"),
        ("none.py", 1, "error", "no_tool_defined"),
        ("one.py", 1, "error", "python_load"),
    ]
    messages = "\n".join(problem.message for problem in checked.problems)
    assert "Did you mean 'two'?" in messages
    assert "Did you mean 'text'?" in messages


@pytest.mark.parametrize(
    ("yaml", "line", "code"),
    [
        ("a: 1\nb: [\n", 3, "flow_yaml"),
        ("a: 1\na: 2\n", 2, "flow_yaml"),
        ("entry: a:b\n", 1, "unsupported_flow_kind"),
    ],
)
def test_file_that_cannot_be_read_is_one_problem(tmp_path: Path, yaml: str, line: int, code: str) -> None:
    checked = check(tmp_path, yaml)

    assert checked.flow is None
    assert told(checked) == [("flow.dag.yaml", line, "error", code)]


def test_missing_flow_file_is_a_problem(tmp_path: Path) -> None:
    assert told(check_flow(FolderFiles(tmp_path), "flow.dag.yaml")) == [("flow.dag.yaml", 1, "error", "flow_path")]


def test_suspicious_parts_are_warnings(tmp_path: Path) -> None:
    yaml = """
outputs:
  out: {type: string, reference: "${sum.output}"}
nodes:
- {name: one, type: python, source: {path: one.py}, inputs: {nmae: x, text: "Hi ${sum.output}"}}
- {name: sum, type: python, aggregation: true, source: {path: one.py}, inputs: {name: x, text: [{a: "${one}"}]}}
- {name: say, type: prompt, source: {path: say.jinja2}}
"""
    checked = check(tmp_path, yaml, one_py=TOOL + "def f(name, text):\n    pass\n", say_jinja2="{{word}}")

    assert checked.errors == []
    assert told(checked) == [
        ("flow.dag.yaml", 3, "warning", "output_of_aggregation"),
        ("flow.dag.yaml", 5, "warning", "unknown_tool_input"),
        ("flow.dag.yaml", 5, "warning", "missing_tool_input"),
        ("flow.dag.yaml", 5, "warning", "buried_reference"),
        ("flow.dag.yaml", 6, "warning", "buried_reference"),
        ("flow.dag.yaml", 7, "warning", "missing_template_variable"),
    ]


def test_literal_that_does_not_fit_its_parameter_is_an_error(tmp_path: Path) -> None:
    yaml = "nodes:\n- name: n\n  type: python\n  source: {path: n.py}\n  inputs:\n    number: twelve\n"

    (problem,) = check(tmp_path, yaml, n_py=TOOL + "def n(number: int):\n    pass\n").problems

    assert (problem.line, problem.severity) == (6, "error")
    assert problem.message == "Input 'number' for node 'n' of value 'twelve' is not type int."


def test_nothing_of_the_users_runs(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    evil = f"open({str(proof)!r}, 'w')\n"
    yaml = (
        "nodes:\n- {name: n, type: python, source: {path: n.py}}\n- {name: p, type: prompt, source: {path: p.jinja2}}\n"
    )

    check(tmp_path, yaml, n_py=evil + TOOL + f"def n(a={evil.strip()}):\n    pass\n", p_jinja2="{{ [].append(1) }}")

    assert not proof.exists()


keys = st.sampled_from(
    [
        "inputs",
        "outputs",
        "nodes",
        "node_variants",
        "name",
        "type",
        "source",
        "path",
        "tool",
        "a",
        "default",
        "reference",
        "when",
        "is",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["python", "prompt", "string", "${a.output}", "n.py"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)


@given(st.dictionaries(keys, values, max_size=6))
def test_any_content_is_checked_without_failing(tmp_path_factory: pytest.TempPathFactory, content: object) -> None:
    import json

    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "flow.dag.yaml").write_text(json.dumps(content), encoding="utf-8")

    assert check_flow(FolderFiles(folder), "flow.dag.yaml") is not None
