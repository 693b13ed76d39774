from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.flow.values import VALUE_TYPES, NotJsonError, NotOfTypeError, convert

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("kind", "value", "converted"),
    [
        ("int", 3.9, 3),
        ("int", "7", 7),
        ("int", " 7 ", 7),
        ("int", True, 1),
        ("double", "3.5", 3.5),
        ("double", 1, 1.0),
        ("bool", "True", True),
        ("bool", "fALSE", False),
        ("bool", False, False),
        ("string", None, "None"),
        ("string", {"a": 1}, "{'a': 1}"),
        ("string", 5, "5"),
        ("list", "[1, 2]", [1, 2]),
        ("list", [1], [1]),
        ("object", '{"a": 1}', {"a": 1}),
        ("object", "plain", "plain"),
        ("object", "5", 5),
        ("object", [1], [1]),
        ("object", None, None),
        ("secret", 5, 5),
        ("file_path", "a", "a"),
    ],
)
def test_value_is_converted(kind: str, value: Any, converted: Any) -> None:
    result = convert(kind, value)

    assert (type(result), result) == (type(converted), converted)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "3.9"),
        ("int", None),
        ("int", "x"),
        ("int", float("nan")),
        ("int", float("inf")),
        ("double", "x"),
        ("double", []),
        ("bool", 1),
        ("bool", "yes"),
        ("bool", None),
        ("list", '{"a": 1}'),
        ("list", 5),
        ("list", (1, 2)),
        ("list", None),
    ],
)
def test_value_of_another_type_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(NotOfTypeError):
        convert(kind, value)


@pytest.mark.parametrize("text", ["['a']", "a", "", "[1"])
def test_list_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(NotJsonError):
        convert("list", text)


@given(st.sampled_from(VALUE_TYPES), anything)
def test_conversion_gives_its_type_or_says_why_not(kind: str, value: Any) -> None:
    expected = {"int": int, "double": float, "bool": bool, "string": str, "list": list}.get(kind, object)
    try:
        assert isinstance(convert(kind, value), expected)
    except (NotOfTypeError, NotJsonError):
        assert kind in ("int", "double", "bool", "list")


@given(st.sampled_from(["int", "double", "bool", "string", "list"]), anything)
def test_converting_twice_changes_nothing(kind: str, value: Any) -> None:
    try:
        once = convert(kind, value)
    except ValueError:
        return

    assert repr(convert(kind, once)) == repr(once)


@given(st.lists(st.integers() | st.text(), max_size=5))
def test_json_text_of_a_list_is_the_list(items: list[Any]) -> None:
    assert convert("list", json.dumps(items)) == items


RECORDED = [json.loads(line) for line in (Path(__file__).parent / "type_vectors.jsonl").read_text("utf-8").splitlines()]


def answer(kind: str, value: Any) -> list[Any]:
    try:
        converted = convert(kind, value)
    except NotJsonError:
        return ["error", "json"]
    except NotOfTypeError:
        return ["error", "type"]
    return ["nan"] if converted != converted else ["ok", converted]


def test_values_become_what_promptflow_makes_of_them() -> None:
    """414 values with the answers of `promptflow.contracts.tool.ValueType.parse`, release 1.18.5."""
    wrong = [
        (kind, value, expected)
        for kind, value, expected in RECORDED
        if json.dumps(answer(kind, value)) != json.dumps(expected)
    ]

    assert wrong == []
    assert len(RECORDED) == 414
