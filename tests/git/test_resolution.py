"""Conflicts, and deciding them: of flow files node by node."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfstudio.flow.yaml_reader import plain, read_yaml
from pfstudio.git import commits, resolution
from pfstudio.git.errors import NotInConflictError, ResolutionRefusedError
from pfstudio.git.flow_merge import merge_flows
from pfstudio.git.flow_parts import NoPartsError, read_parts
from pfstudio.share import trash
from repositories import Place

FLOW = """\
# Agreed with legal, see #41.
inputs:
  url:
    type: string
outputs:
  label: {type: string, reference: '${classify.output}'}
nodes:
# Fetches the page.
- name: fetch
  type: python
  source: {type: code, path: fetch.py}
  inputs:
    url: ${inputs.url}   # as it came
- name: summarize
  type: llm
  inputs:
    temperature: 0.2
    max_tokens: 256
    prompt: |
      # Not a comment.
      Say it.

- name: classify
  type: llm
  inputs:
    temperature: 0.2
"""


def merging(place: Place, base: str, ours: str, theirs: str, file: str = "flow.dag.yaml") -> None:
    place.write(file, base)
    place.commit("Base")
    place.git("checkout", "--quiet", "-b", "other")
    place.write(file, theirs)
    place.commit("Theirs")
    place.git("checkout", "--quiet", "main")
    place.write(file, ours)
    place.commit("Ours")
    place.git("merge", "other", code=1)


def test_parts_are_the_file_to_the_letter() -> None:
    assert read_parts(FLOW, "flow.dag.yaml").text == FLOW
    nodes = read_parts(FLOW, "flow.dag.yaml").child("nodes")
    assert nodes is not None
    assert [child.key for child in nodes.children] == ["fetch", "summarize", "classify"]
    assert nodes.children[0].text.startswith("# Fetches the page.\n- name: fetch\n")


def test_changes_of_different_inputs_of_one_node_are_merged_and_comments_stay() -> None:
    ours = FLOW.replace("max_tokens: 256", "max_tokens: 96").replace("# as it came", "# as it was")
    theirs = FLOW.replace("temperature: 0.2\n    max", "temperature: 0\n    max").replace("see #41", "see #42")

    merged = merge_flows(FLOW, ours, theirs, "flow.dag.yaml")

    assert merged.text == ours.replace("temperature: 0.2\n    max", "temperature: 0\n    max").replace("#41", "#42")
    assert {(part.node, part.label, part.state) for part in merged.parts} >= {
        ("summarize", "inputs.max_tokens", "ours"),
        ("summarize", "inputs.temperature", "theirs"),
    }
    assert merged.open_ids == set()


def test_a_part_that_both_changed_needs_a_choice() -> None:
    ours = FLOW.replace("max_tokens: 256", "max_tokens: 96")
    theirs = FLOW.replace("max_tokens: 256", "max_tokens: 512")

    part = "nodes/summarize/inputs/max_tokens"
    merged = merge_flows(FLOW, ours, theirs, "flow.dag.yaml")

    assert merged.open_ids == {part}
    (found,) = merged.parts
    assert (found.base, found.ours, found.theirs) == ("max_tokens: 256", "max_tokens: 96", "max_tokens: 512")
    assert merged.text == ours
    assert merge_flows(FLOW, ours, theirs, "f", choices={part: "theirs"}).text == theirs
    assert merge_flows(FLOW, ours, theirs, "f", choices={part: "base"}).text == FLOW


def test_nodes_that_came_went_and_moved_are_merged() -> None:
    head, fetch = FLOW.split("# Fetches the page.\n", maxsplit=1)[0], "- name: fetch\n  type: python\n"
    base = head + fetch + "- name: a\n  type: llm\n- name: b\n  type: llm\n"
    ours = head + fetch + "- name: a\n  type: llm\n- name: mine\n  type: llm\n- name: b\n  type: llm\n"
    theirs = head + "- name: b\n  type: llm\n" + fetch + "- name: yours\n  type: llm"

    merged = merge_flows(base, ours, theirs, "flow.dag.yaml")

    names = [node["name"] for node in plain(read_yaml(merged.text.encode(), "f"))["nodes"]]
    assert sorted(names) == ["b", "fetch", "mine", "yours"]
    assert names.index("b") < names.index("fetch") < names.index("yours")


def test_a_node_that_one_side_deleted_and_the_other_changed_needs_a_choice() -> None:
    ours = FLOW[: FLOW.index("\n- name: classify")]
    theirs = FLOW.replace("type: llm\n  inputs:\n    temperature: 0.2\n", "type: llm\n  inputs:\n    temperature: 1\n")

    merged = merge_flows(FLOW, ours, theirs, "flow.dag.yaml")

    assert merged.open_ids == {"nodes/classify"}
    kept = merge_flows(FLOW, ours, theirs, "flow.dag.yaml", choices={"nodes/classify": "theirs"})
    assert kept.text == theirs


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{nodes: []}", "- a\n", "a: [\n", "\ufeffa: 1\n", "a: 1\na: 2\n", "? [x]\n: 1\n", "a: 1\n---\nb: 2\n"],
)
def test_a_file_that_cannot_be_taken_apart_is_told_as_such(text: str) -> None:
    with pytest.raises(NoPartsError):
        merge_flows(FLOW, text, FLOW, "flow.dag.yaml")


_names = st.lists(st.sampled_from("abcdef"), unique=True, min_size=1, max_size=5)
_values = st.one_of(st.integers(0, 2), st.sampled_from(["x", "|\n      # not\n      text", "'q # q'", "[1, 2]"]))
_nodes = _names.flatmap(
    lambda names: st.tuples(*[st.dictionaries(st.sampled_from("pqr"), _values, max_size=3) for _ in names]).map(
        lambda inputs: list(zip(names, inputs, strict=True))
    )
)


def _written(nodes: list[tuple[str, dict[str, object]]], comment: str) -> str:
    lines = ["inputs:\n  i: {type: string}\nnodes:\n"]
    for name, inputs in nodes:
        lines.append(f"{comment}- name: {name}\n  type: python\n")
        if inputs:
            lines.append("  inputs:\n" + "".join(f"    {key}: {value}\n" for key, value in inputs.items()))
    return "".join(lines)


def _node_values(text: str) -> dict[str, object]:
    return {node["name"]: node.get("inputs", {}) for node in plain(read_yaml(text.encode(), "f"))["nodes"]}


@settings(max_examples=60, deadline=None)
@given(_nodes, _nodes, _nodes, st.sampled_from(["", "# about it\n", "\n# indented\n\n"]))
def test_whatever_is_merged_can_be_read_and_holds_what_each_side_alone_changed(
    base: list[tuple[str, dict[str, object]]],
    ours: list[tuple[str, dict[str, object]]],
    theirs: list[tuple[str, dict[str, object]]],
    comment: str,
) -> None:
    texts = [_written(nodes, comment) for nodes in (base, ours, theirs)]

    merged = merge_flows(texts[0], texts[1], texts[2], "flow.dag.yaml")

    before, mine, yours, result = (_node_values(text) for text in (*texts, merged.text))
    for name in {*before, *mine, *yours}:
        if mine.get(name) == before.get(name) and (name in mine) == (name in before):
            assert result.get(name) == yours.get(name)
        elif yours.get(name) == before.get(name) and (name in yours) == (name in before):
            assert result.get(name) == mine.get(name)


def test_a_conflict_of_a_flow_is_listed_with_its_parts_and_resolved_by_them(place: Place) -> None:
    merging(
        place,
        FLOW,
        FLOW.replace("max_tokens: 256", "max_tokens: 96"),
        FLOW.replace("max_tokens: 256", "max_tokens: 512").replace("see #41", "see #42"),
    )

    found = resolution.list_conflicts(place.looking())
    (file,) = found.files
    assert (found.ours_name, found.theirs_name, file.entry.inside) == ("main", "other", "flow.dag.yaml")
    assert file.sides.texts is not None and file.merge is not None
    assert file.sides.texts["base"] == FLOW
    assert file.merge.open_ids == {"nodes/summarize/inputs/max_tokens"}

    resolution.resolve(
        place.changing(),
        place.at("flow.dag.yaml"),
        parts={"nodes/summarize/inputs/max_tokens": "theirs"},
        actor_name="bob",
    )
    commits.commit(place.changing(), "")

    assert "max_tokens: 512" in place.read("flow.dag.yaml")
    assert "<<<<" not in place.read("flow.dag.yaml")
    assert place.status().state == "clean"


def test_a_file_is_resolved_by_its_text_or_by_a_side(place: Place) -> None:
    merging(place, "base\n", "ours\n", "theirs\n", file="a.txt")

    resolution.resolve(place.changing(), place.at("a.txt"), content="both\n", actor_name="bob")

    assert place.read("a.txt") == "both\n"
    assert place.states() == {"a.txt": ("changed", None)}
    with pytest.raises(NotInConflictError):
        resolution.resolve(place.changing(), place.at("a.txt"), take="theirs", actor_name="bob")


def test_a_binary_file_is_resolved_by_a_side(place: Place) -> None:
    (place.folder / "raw.bin").write_bytes(b"\0base")
    place.commit("Base")
    place.git("checkout", "--quiet", "-b", "other")
    (place.folder / "raw.bin").write_bytes(b"\0theirs")
    place.commit("Theirs")
    place.git("checkout", "--quiet", "main")
    (place.folder / "raw.bin").write_bytes(b"\0ours")
    place.commit("Ours")
    place.git("merge", "other", code=1)

    (file,) = resolution.list_conflicts(place.looking()).files
    assert (file.sides.texts, file.sides.is_cut) == (None, False)
    resolution.resolve(place.changing(), place.at("raw.bin"), take="theirs", actor_name="bob")

    assert (place.folder / "raw.bin").read_bytes() == b"\0theirs"


def test_taking_the_side_that_deleted_a_file_puts_it_into_the_trash(place: Place) -> None:
    place.git("checkout", "--quiet", "-b", "other")
    place.git("rm", "--quiet", "a.txt")
    place.commit("Gone")
    place.git("checkout", "--quiet", "main")
    place.commit("Ours", a__txt="ours\n")
    place.git("merge", "other", code=1)
    (file,) = resolution.list_conflicts(place.looking()).files
    assert file.entry.conflict == "deleted by them"

    resolution.resolve(place.changing(), place.at("a.txt"), take="theirs", actor_name="bob")

    assert place.states() == {"a.txt": ("deleted", None)}
    assert [each.name for each in trash.list_trash(place.share)] == ["a.txt"]


def test_a_resolution_that_names_nothing_or_an_unknown_part_is_refused(place: Place) -> None:
    merging(place, FLOW, FLOW.replace("256", "1"), FLOW.replace("256", "2"))
    for arguments in ({}, {"take": "ours", "content": "x"}, {"parts": {"nodes/none": "ours"}}):
        with pytest.raises(ResolutionRefusedError):
            resolution.resolve(place.changing(), place.at("flow.dag.yaml"), actor_name="bob", **arguments)  # type: ignore[arg-type]  # Each is one of the keywords.
