from __future__ import annotations

from pathlib import Path

import pytest

from pfstudio.errors import PromptflowException
from pfstudio.flow.errors import (
    AmbiguousFlowError,
    EmptyOutputReference,
    FlowDefinitionError,
    FlowPathError,
    InvalidFlowError,
    InvalidMessageFormatType,
    UnknownNodeTypeError,
    UnknownValueTypeError,
    UnsupportedFlowKindError,
    UnsupportedSourceTypeError,
)
from pfstudio.flow.loader import find_flow_file, load_flow
from pfstudio.flow.spec import Flow, Literal, Reference

VARIANTS = """
nodes:
- {name: greet, use_variants: true}
- {name: plain, type: python, source: {path: a.py}}
node_variants:
  greet:
    default_variant_id: short
    variants:
      short: {node: {type: prompt, source: {path: short.jinja2}}, description: brief}
      long: {node: {type: prompt, source: {path: long.jinja2}}}
"""


def written(folder: Path, yaml: str, name: str = "flow.dag.yaml") -> Path:
    (folder / name).write_text(yaml, encoding="utf-8")
    return folder


def load(folder: Path, yaml: str, variant: str | None = None) -> Flow:
    return load_flow(written(folder, yaml), variant=variant)


@pytest.mark.parametrize("name", ["flow.dag.yaml", "flow.dag.yml", "flow.flex.yaml"])
def test_folder_means_its_one_flow_file(tmp_path: Path, name: str) -> None:
    assert find_flow_file(written(tmp_path, "", name)).name == name


def test_folder_with_two_flow_files_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlowPathError, match=f"Have found neither flow.dag.yaml nor flow.flex.yaml in {tmp_path}"):
        find_flow_file(tmp_path)
    written(written(tmp_path, ""), "", "flow.dag.yml")
    with pytest.raises(AmbiguousFlowError, match=r"Multiple files flow\.dag\.yaml, flow\.dag\.yml exist in"):
        find_flow_file(tmp_path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere", "Flow path {} does not exist."),
        ("nowhere.yaml", "Flow file {} does not exist."),
        ("there.txt", "The flow file suffix must be yaml, yml or prompty; cannot be .txt"),
    ],
)
def test_path_without_a_flow_is_told(tmp_path: Path, name: str, sentence: str) -> None:
    written(tmp_path, "", "there.txt")

    with pytest.raises(FlowPathError) as caught:
        find_flow_file(tmp_path / name)

    assert str(caught.value) == sentence.format(tmp_path / name)


def test_flow_keeps_what_its_file_says(tmp_path: Path) -> None:
    flow = load(
        tmp_path,
        """
$schema: https://example.org/flow
display_name: My flow
type: chat
environment: {python_requirements_txt: requirements.txt}
environment_variables: {A: 1, B: [x], C: true}
additional_includes: [..\\shared\\lib]
inputs:
  question: {type: string, is_chat_input: true}
  chat_history: {type: list, default: []}
outputs:
  answer: {type: string, reference: "${n.output.text}", is_chat_output: true, evaluation_only: true}
nodes:
- name: n
  type: llm
  source: {type: code, path: sub\\a.jinja2}
  inputs: {model: small, q: "${inputs.question}", stop: [a]}
  connection: models
  provider: OpenAI
  api: chat
  reduce: false
  activate: {when: "${inputs.question}", is: null}
  comment: why
""",
    )

    (node,) = flow.nodes
    assert (flow.display_name, flow.type, flow.chat_history_input) == ("My flow", "chat", "chat_history")
    assert flow.environment_variables == {"A": "1", "B": '["x"]', "C": "True"}
    assert flow.additional_includes == ["../shared/lib"]
    assert flow.extra == {"$schema": "https://example.org/flow"}
    assert (node.source.path, node.connection, node.api, node.line) == ("sub/a.jinja2", "models", "chat", 14)
    assert node.inputs["model"] == Literal("small", 17)
    assert node.inputs["q"] == Reference("${inputs.question}", input="question", line=17)
    assert node.activate is not None
    assert (node.activate.value, node.activate.line) == (None, 22)
    assert flow.outputs["answer"].is_chat_output


def test_name_comes_from_the_folder_where_the_file_has_none(tmp_path: Path) -> None:
    folder = tmp_path / "my flow-1"
    folder.mkdir()

    assert load(folder, "").name == "my_flow_1"
    assert load(folder, "name: other\n").name == "other"


@pytest.mark.parametrize(
    ("yaml", "error", "line"),
    [
        ("nodes:\n- {name: a, type: foo}\n", UnknownNodeTypeError, 2),
        ("nodes:\n- {name: a, source: {path: a.py}}\n", UnknownNodeTypeError, 2),
        ("inputs:\n  a: {type: text}\n", UnknownValueTypeError, 2),
        ("inputs:\n  a: {default: 1}\n", UnknownValueTypeError, 2),
        ("outputs:\n  a: {type: string}\n", EmptyOutputReference, 2),
        ("message_format: other\n", InvalidMessageFormatType, 1),
        ("nodes: {a: 1}\n", FlowDefinitionError, 1),
        ("nodes:\n- type: python\n", FlowDefinitionError, 2),
        ("nodes:\n- just text\n", FlowDefinitionError, 2),
        ("nodes:\n- {name: a, type: python, activate: {when: 1}}\n", FlowDefinitionError, 2),
        ("- a list\n", FlowDefinitionError, None),
        ("additional_includes: lib\n", FlowDefinitionError, 1),
        ("entry: a:b\n", UnsupportedFlowKindError, None),
    ],
)
def test_part_of_the_wrong_shape_is_told_with_its_line(
    tmp_path: Path, yaml: str, error: type[PromptflowException], line: int | None
) -> None:
    with pytest.raises(error) as caught:
        load(tmp_path, yaml)

    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", line)


@pytest.mark.parametrize(
    ("variant", "path", "chosen"),
    [
        (None, "short.jinja2", "short"),
        ("${greet.long}", "long.jinja2", "long"),
        ("${greet.short}", "short.jinja2", "short"),
    ],
)
def test_variant_replaces_the_node(tmp_path: Path, variant: str | None, path: str, chosen: str) -> None:
    node = load(tmp_path, VARIANTS, variant).nodes[0]

    assert node.source is not None
    assert (node.name, node.source.path, node.variant, node.use_variants) == ("greet", path, chosen, True)


@pytest.mark.parametrize(
    ("variant", "sentence"),
    [
        ("long", "Invalid variant format: long, variant should be in format of ${TUNING_NODE.VARIANT}"),
        ("${nobody.long}", "Node nobody not found in flow"),
        ("${greet.other}", "Variant other not found for node greet"),
        ("${plain.a}", "Variant a not found for node plain"),
    ],
)
def test_variant_that_is_not_there_is_told(tmp_path: Path, variant: str, sentence: str) -> None:
    with pytest.raises(InvalidFlowError) as caught:
        load(tmp_path, VARIANTS, variant)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("yaml", "sentence"),
    [
        ("nodes:\n- {name: a, use_variants: true}\n", "No variant for the node a."),
        (
            "nodes:\n- {name: a, use_variants: true}\nnode_variants: {a: {variants: {x: {node: {type: prompt}}}}}\n",
            "Default variant id is not specified for a.",
        ),
        (
            "nodes:\n- {name: a, use_variants: true}\n"
            "node_variants: {a: {default_variant_id: y, variants: {x: {node: {type: prompt}}}}}\n",
            "Cannot find the variant y for a.",
        ),
    ],
)
def test_node_without_a_usable_variant_is_told(tmp_path: Path, yaml: str, sentence: str) -> None:
    with pytest.raises(InvalidFlowError) as caught:
        load(tmp_path, yaml)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("node", "source"),
    [("python", "zip"), ("python", "package_with_prompt"), ("prompt", "package"), ("custom_llm", "package")],
)
def test_source_of_a_kind_that_the_node_cannot_have_is_refused(tmp_path: Path, node: str, source: str) -> None:
    yaml = f"nodes:\n- name: n\n  type: {node}\n  source: {{type: {source}, path: n.py, tool: a.b}}\n"
    (tmp_path / "flow.dag.yaml").write_text(yaml, encoding="utf-8")

    with pytest.raises(UnsupportedSourceTypeError, match=f"Tool source type {source} for {node} tool") as caught:
        load_flow(tmp_path)

    assert (caught.value.file, caught.value.line) == ("flow.dag.yaml", 4)
