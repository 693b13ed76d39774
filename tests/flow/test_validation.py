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
- {name: one, type: python, source: {path: one.py}, inputs: {name: x, text: "Hi ${sum.output}"}}
- {name: sum, type: python, aggregation: true, source: {path: one.py}, inputs: {name: x, text: [{a: "${one}"}]}}
- {name: say, type: prompt, source: {path: say.jinja2}}
"""
    checked = check(tmp_path, yaml, one_py=TOOL + "def f(name, text):\n    pass\n", say_jinja2="{{word}}")

    assert checked.errors == []
    assert told(checked) == [
        ("flow.dag.yaml", 3, "warning", "output_of_aggregation"),
        ("flow.dag.yaml", 5, "warning", "buried_reference"),
        ("flow.dag.yaml", 6, "warning", "buried_reference"),
        ("flow.dag.yaml", 7, "warning", "missing_template_variable"),
    ]


def test_literal_that_does_not_fit_its_parameter_is_an_error(tmp_path: Path) -> None:
    yaml = "nodes:\n- name: n\n  type: python\n  source: {path: n.py}\n  inputs:\n    number: twelve\n"

    (problem,) = check(tmp_path, yaml, n_py=TOOL + "def n(number: int):\n    pass\n").problems

    assert (problem.line, problem.severity) == (6, "error")
    assert problem.message == "Input 'number' for node 'n' of value 'twelve' is not type int."


def test_tool_is_given_what_it_takes_and_nothing_else(tmp_path: Path) -> None:
    yaml = "nodes:\n- name: n\n  type: python\n  source: {path: n.py}\n  inputs:\n    nmae: x\n    text: ''\n"

    checked = check(tmp_path, yaml, n_py=TOOL + "def n(name, text):\n    pass\n")

    assert [(problem.line, problem.severity, problem.message) for problem in checked.problems] == [
        (2, "error", "The node 'n' gives its tool no value for 'name'."),
        (6, "error", "The tool of the node 'n' has no parameter 'nmae'. Did you mean 'name'?"),
        (7, "error", "The node 'n' gives its tool no value for 'text'."),
    ]


@pytest.mark.parametrize(
    "source",
    [
        TOOL.replace("@tool", "@tool\n@other") + "def n(name):\n    pass\n",
        "from promptflow.core import tool\nfrom base import Base\n"
        "class N(Base):\n    @tool\n    def n(self, name): pass\n",
    ],
)
def test_tool_whose_parameters_are_not_certain_is_only_warned_of(tmp_path: Path, source: str) -> None:
    yaml = "nodes:\n- {name: n, type: python, source: {path: n.py}, inputs: {other: 1}}\n"

    checked = check(tmp_path, yaml, n_py=source)

    assert checked.errors == []
    assert {problem.code for problem in checked.problems} == {"unknown_tool_input", "missing_tool_input"}


def test_keys_without_meaning_are_told_with_what_was_meant(tmp_path: Path) -> None:
    yaml = """
x-anything: {}
inptus: {}
inputs:
  a: {type: string, defualt: x}
outputs:
  o: {type: string, reference: "${inputs.a}", refrence: y}
nodes:
- {name: n, type: prompt, source: {path: n.jinja2, pth: z}, input: {}, activate: {when: 1, is: 1, whne: 2}}
node_variants:
  n: {default_variant: v, variants: {v: {node: {type: prompt, source: {path: n.jinja2}, api_: chat}, descr: d}}}
"""
    checked = check(tmp_path, yaml, n_jinja2="hi")

    assert checked.errors == []
    assert [(problem.line, problem.message) for problem in checked.problems] == [
        (3, "The flow file has the key 'inptus', which means nothing there. Did you mean 'inputs'?"),
        (5, "The flow input 'a' has the key 'defualt', which means nothing there. Did you mean 'default'?"),
        (7, "The flow output 'o' has the key 'refrence', which means nothing there. Did you mean 'reference'?"),
        (9, "The node 'n' has the key 'input', which means nothing there. Did you mean 'inputs'?"),
        (9, "The node 'n', its source, has the key 'pth', which means nothing there. Did you mean 'path'?"),
        (
            9,
            "The node 'n', its activate condition, has the key 'whne', which means nothing there. Did you mean 'when'?",
        ),
        (
            11,
            "The variants of the node 'n' has the key 'default_variant', which means nothing there. "
            "Did you mean 'default_variant_id'?",
        ),
        (
            11,
            "The variant 'v' of the node 'n' has the key 'descr', which means nothing there. "
            "Did you mean 'description'?",
        ),
        (11, "The variant 'v' of the node 'n' has the key 'api_', which means nothing there. Did you mean 'api'?"),
    ]


def test_default_that_is_not_of_its_type_is_a_warning_because_the_input_may_be_given(tmp_path: Path) -> None:
    yaml = (
        "inputs:\n  n: {type: int, default: many}\n"
        "  l: {type: list, default: '[1]'}\n  m: {type: list, default: '[1'}\n"
    )

    checked = check(tmp_path, yaml)

    so = "the flow only runs where the input is given."
    assert [(problem.line, problem.severity, problem.message) for problem in checked.problems] == [
        (2, "warning", f"The default of the flow input 'n' is 'many', which is no int: {so}"),
        (4, "warning", f"The default of the flow input 'm' is '[1', which is no list: {so}"),
    ]


def test_every_variant_is_checked_not_only_the_chosen_one(tmp_path: Path) -> None:
    yaml = """
nodes:
- {name: n, use_variants: true}
node_variants:
  n:
    default_variant_id: good
    variants:
      good: {node: {type: prompt, source: {path: n.jinja2}}}
      bad: {node: {type: prompt, source: {path: gone.jinja2}, inputs: {x: "${nobody.output}"}}}
"""
    checked = check(tmp_path, yaml, n_jinja2="hi")

    assert told(checked) == [
        ("flow.dag.yaml", 9, "error", "node_reference_not_found"),
        ("flow.dag.yaml", 9, "error", "invalid_source"),
    ]


def test_models_need_an_api_that_is_known(tmp_path: Path) -> None:
    yaml = (
        "nodes:\n- {name: a, type: llm, source: {path: n.jinja2}, connection: c, api: chta}\n"
        "- {name: b, type: llm, source: {path: n.jinja2}}\n"
    )
    checked = check(tmp_path, yaml, n_jinja2="user:\nhi")

    assert [(problem.severity, problem.message) for problem in checked.problems] == [
        ("error", "The llm node 'a' has the unknown api 'chta'. Known are chat and completion. Did you mean 'chat'?"),
        ("warning", "The llm node 'b' names no connection."),
        ("error", "The llm node 'b' has no api. Known are chat and completion."),
    ]


def test_missing_includes_and_requirements_are_told(tmp_path: Path) -> None:
    flow = tmp_path / "flow"
    flow.mkdir()
    (tmp_path / "there").mkdir()
    yaml = (
        "environment: {python_requirements_txt: needs.txt}\n"
        "additional_includes:\n- ../there\n- ../there.zip\n- ../gone\n"
        "nodes:\n- {name: n, type: python, source: {path: there/n.py}}\n"
    )
    checked = check(flow, yaml)

    assert [(problem.line, problem.severity, problem.message) for problem in checked.problems] == [
        (1, "warning", "The flow's environment names the file 'needs.txt', which is not there."),
        (2, "error", "Unable to find additional include ../gone"),
    ]


def test_what_keeps_a_flow_from_being_a_chat_is_told_once(tmp_path: Path) -> None:
    yaml = "inputs:\n  a: {type: string, is_chat_input: true}\n  b: {type: string, is_chat_input: true}\n"

    (problem,) = check(tmp_path, yaml).problems

    assert (problem.line, problem.severity) == (2, "warning")
    assert problem.message == (
        "The flow cannot be used as a chat: more than one input is marked 'is_chat_input', "
        "no output is marked 'is_chat_output', no input holds the chat history."
    )


@pytest.mark.parametrize("name", ["inputs", "flow", "a.b"])
def test_node_name_that_no_reference_can_name_is_suspicious(tmp_path: Path, name: str) -> None:
    yaml = f"nodes:\n- {{name: {name}, type: prompt, source: {{path: n.jinja2}}}}\n"

    (problem,) = check(tmp_path, yaml, n_jinja2="hi").problems

    assert (problem.code, problem.severity) == ("node_name", "warning")


def test_flow_in_another_language_is_told(tmp_path: Path) -> None:
    (problem,) = check(tmp_path, "language: csharp\n").problems

    assert problem.message == "Unsupported language: csharp. Only flows in python run here."


def test_filter_that_does_not_exist_is_told_at_its_line(tmp_path: Path) -> None:
    yaml = "nodes:\n- {name: n, type: prompt, source: {path: n.jinja2}, inputs: {x: 1}}\n"

    (problem,) = check(tmp_path, yaml, n_jinja2="a\n{{ x|nofilter }}").problems

    assert (problem.file, problem.line, problem.code) == ("n.jinja2", 2, "jinja_parsing")


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
