from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.flow.errors import InvalidReferenceProperty
from pfstudio.flow.references import follow_path, is_reference, read_binding
from pfstudio.flow.spec import Literal, Reference


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${inputs.x}", {"input": "x"}),
        ("${flow.x}", {"input": "x"}),
        ("${inputs.a.b}", {"input": "a.b"}),
        ("${n}", {"node": "n", "section": "output", "path": ""}),
        ("${n.output}", {"node": "n", "section": "output", "path": ""}),
        ("${n.output.a.b}", {"node": "n", "section": "output", "path": "a.b"}),
        ("${n.output[0].k}", {"node": "n", "section": "output", "path": "[0].k"}),
        ("${n.output['k k']}", {"node": "n", "section": "output", "path": "['k k']"}),
        ("${n.outputs}", {"node": "n", "section": "outputs"}),
        ("${n.other.a}", {"node": "n", "section": "other", "path": "a"}),
        ("${inputs}", {"node": "inputs"}),
    ],
)
def test_reference_is_read(text: str, expected: dict[str, Any]) -> None:
    reference = read_binding(text, 4)

    assert isinstance(reference, Reference)
    assert reference.text == text
    assert reference.line == 4
    assert {key: getattr(reference, key) for key in expected} == expected


@pytest.mark.parametrize(
    "value", ["x ${n.output}", " ${n.output}", "${n.output} ", "$n", "${", 5, None, ["${n.output}"], {"a": "${n}"}]
)
def test_all_else_is_a_literal(value: Any) -> None:
    assert read_binding(value) == Literal(value)


@pytest.mark.parametrize(
    ("value", "path", "found"),
    [
        ({"a": {"b": 1}}, "a.b", 1),
        ({"a": [1, {"c": 2}]}, "a[1].c", 2),
        ({"a": [1, 2]}, "a.[1]", 2),
        ({"k k": 3}, "['k k']", 3),
        ({"a.b": 3}, "['a.b']", 3),
        (SimpleNamespace(x=[{"y": 5}]), "x[0]['y']", 5),
        ("text", "upper", None),
        ([1, 2], "[0]", 1),
    ],
)
def test_path_is_followed(value: Any, path: str, found: Any) -> None:
    result = follow_path(value, "n", path)

    assert result == found or callable(result)


@pytest.mark.parametrize(("value", "path"), [({"a": 1}, "b"), ({"a": [1]}, "a[4]"), ("x", "nothing"), (None, "a")])
def test_part_that_is_not_there_is_named(value: Any, path: str) -> None:
    with pytest.raises(InvalidReferenceProperty) as caught:
        follow_path(value, "n", path)

    assert str(caught.value) == (
        f"Flow execution failed. Invalid property '{path}' when accessing the node 'n'. Please check the property and "
        "try again."
    )


def test_index_into_none_stays_a_type_error() -> None:
    with pytest.raises(TypeError):
        follow_path(None, "n", "[0]")


words = st.text(alphabet="abcXYZ_0123456789é", min_size=1, max_size=6)
quoted = st.text(alphabet=st.characters(exclude_characters="'\n]", exclude_categories=["Cs"]), max_size=6)
steps = st.lists(
    words.map(lambda word: ("word", word))
    | quoted.map(lambda key: ("key", key))
    | st.integers(0, 3).map(lambda index: ("index", index)),
    min_size=1,
    max_size=5,
)


@given(steps)
def test_path_leads_to_what_was_put_at_its_end(path: list[tuple[str, Any]]) -> None:
    value: Any = "found"
    text = ""
    for kind, step in reversed(path):
        value = [None] * step + [value] if kind == "index" else {step: value}
    for kind, step in path:
        text += f".{step}" if kind == "word" else f"['{step}']" if kind == "key" else f"[{step}]"

    reference = read_binding("${n.output" + text + "}")

    assert isinstance(reference, Reference)
    assert follow_path(value, "n", reference.path) == "found"


@given(st.text(max_size=20))
def test_text_is_a_reference_only_as_a_whole(text: str) -> None:
    assert is_reference("${" + text + "}")
    assert is_reference(text) == (text.startswith("${") and text.endswith("}") and len(text) >= 3)
