"""What changed of a flow: nodes, inputs, words."""

from __future__ import annotations

import pytest

from pfstudio.git import diff
from pfstudio.git.errors import NotAFlowError
from pfstudio.git.flow_diff import FlowDiff, ValueChange, compare_flows
from pfstudio.git.words import Words, compare_words
from repositories import Place

FLOW = """\
inputs:
  question: {type: string}
outputs:
  answer: {type: string, reference: '${ask.output}'}
nodes:
- name: ask
  type: llm
  source: {type: code, path: ask.jinja2}
  inputs:
    max_tokens: 256
    question: ${inputs.question}
- name: tidy
  type: python
  source: {type: code, path: tidy.py}
  inputs: {}
"""


def compare(place: Place, *, staged: bool | None = None, old: str | None = None, new: str | None = None) -> FlowDiff:
    git = place.looking()
    return compare_flows(git, place.path, diff.compared(git, staged=staged, old=old, new=new))


@pytest.fixture
def flow(place: Place) -> Place:
    place.write("flow.dag.yaml", FLOW)
    place.write("ask.jinja2", "user:\nSummarize in at most three sentences.\n")
    place.write("tidy.py", "x = 1\n")
    place.commit("Flow")
    return place


def test_values_and_words_of_nodes_are_told(flow: Place) -> None:
    flow.write("flow.dag.yaml", FLOW.replace("256", "96").replace("question: {type: string}", "question: {type: int}"))
    flow.write("ask.jinja2", "user:\nSummarize in one sentence.\n")
    flow.write("notes.md", "new\n")

    found = compare(flow)

    (node,) = found.nodes
    assert (node.name, node.type, node.status, node.line) == ("ask", "llm", "changed", 6)
    assert node.values == [ValueChange("inputs.max_tokens", "256", "96")]
    (text,) = node.texts
    assert (text.inside, text.added_words, text.removed_words) == ("ask.jinja2", 2, 4)
    assert text.words is not None
    assert Words("same", "user:\nSummarize in ") in text.words
    assert found.inputs == [ValueChange("question.type", "string", "int")]
    assert [file.inside for file in found.other_files] == ["notes.md"]


def test_nodes_that_came_and_went_are_told_between_commits(flow: Place) -> None:
    flow.write("flow.dag.yaml", FLOW.replace("name: tidy", "name: neat"))
    commit = flow.commit("Rename")

    found = compare(flow, new=commit)

    assert [(node.name, node.status, node.line) for node in found.nodes] == [
        ("neat", "added", 12),
        ("tidy", "removed", None),
    ]
    assert compare(flow, old=f"{commit}~1", new=commit).nodes == found.nodes
    assert compare(flow).nodes == []


def test_what_is_staged_is_told_apart_from_what_is_not(flow: Place) -> None:
    flow.write("ask.jinja2", "staged\n")
    flow.git("add", "ask.jinja2")
    flow.write("tidy.py", "x = 2\n")

    assert [node.name for node in compare(flow, staged=True).nodes] == ["ask"]
    assert [node.name for node in compare(flow, staged=False).nodes] == ["tidy"]
    assert [node.name for node in compare(flow).nodes] == ["ask", "tidy"]


def test_a_change_of_a_variants_prompt_belongs_to_its_node(flow: Place) -> None:
    variants = """\
node_variants:
  ask:
    default_variant_id: variant_0
    variants:
      variant_0:
        node: {type: llm, source: {type: code, path: other.jinja2}, inputs: {max_tokens: 1}}
"""
    flow.write("other.jinja2", "before\n")
    flow.write("flow.dag.yaml", FLOW + variants)
    flow.commit("Variants")
    flow.write("other.jinja2", "after\n")
    flow.write("flow.dag.yaml", FLOW + variants.replace("max_tokens: 1", "max_tokens: 2"))

    (node,) = compare(flow).nodes

    assert node.name == "ask"
    assert [value.field for value in node.values] == ["variants.variants.variant_0.node"]
    assert [text.inside for text in node.texts] == ["other.jinja2"]


def test_a_flow_file_that_cannot_be_read_is_a_problem_and_no_failure(flow: Place) -> None:
    flow.write("flow.dag.yaml", "nodes: [")

    found = compare(flow)

    assert found.problem is not None and "flow.dag.yaml" in found.problem
    assert {node.status for node in found.nodes} == {"removed"}


def test_a_source_outside_of_the_flow_is_not_read(flow: Place) -> None:
    (flow.folder.parent / "secret.txt").write_text("secret")
    flow.write("flow.dag.yaml", FLOW.replace("ask.jinja2", "../secret.txt"))

    assert "secret\n" not in str(compare(flow))


def test_a_folder_without_a_flow_is_said_so(place: Place) -> None:
    with pytest.raises(NotAFlowError):
        compare(place)


def test_long_texts_have_no_words_and_odd_ones_are_told_in_full() -> None:
    assert compare_words("x" * 100_000, "y") is None
    assert compare_words("a\n" * 3000, "b") is None
    words = compare_words("one two\nthree\n", "one 2\nthree\n")
    assert words == [Words("same", "one "), Words("removed", "two"), Words("added", "2"), Words("same", "\nthree\n")]
