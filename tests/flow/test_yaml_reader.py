from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.flow.errors import FlowYamlError
from pfstudio.flow.yaml_reader import YamlMap, plain, read_yaml, resolve_plain

# JSON escapes what lies beyond by two halves, which YAML does not take.
texts = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def read(text: str | bytes) -> Any:
    return plain(read_yaml(text.encode() if isinstance(text, str) else text, "a.yaml"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("Off", "Off"),
        ("True", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("~", None),
        ("null", None),
        ("nULL", "nULL"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("1:30", "1:30"),
        ("2020-01-02", "2020-01-02"),
        (".inf", float("inf")),
        ("-.Inf", float("-inf")),
        ("+12", 12),
        ("-", [None]),
        ("=", "="),
        ("'5'", "5"),
        ('"\\u00e9"', "é"),
        ("é🙂", "é🙂"),
        ("!!str 5", "5"),
        ("!!float 5", 5.0),
        ("!own 5", "5"),
    ],
)
def test_scalar_follows_the_core_rules_of_yaml_1_2(text: str, value: Any) -> None:
    seen = read(text)

    assert (type(seen), seen) == (type(value), value)


@pytest.mark.parametrize("content", [b"", b"# only a comment\n", b"---\n", b"\xef\xbb\xbf"])
def test_nothing_is_none(content: bytes) -> None:
    assert read(content) is None


def test_bom_and_windows_line_ends_are_accepted() -> None:
    assert read(b"\xef\xbb\xbfa: 1\r\nb:\r\n- x\r\n") == {"a": 1, "b": ["x"]}


def test_anchors_and_merges_are_followed() -> None:
    text = "base: &b {x: 1, y: 2}\nmade: {<<: *b, y: 3}\nsame: *b\n"

    assert read(text) == {"base": {"x": 1, "y": 2}, "made": {"x": 1, "y": 3}, "same": {"x": 1, "y": 2}}


def test_places_of_keys_and_values_are_known() -> None:
    value = read_yaml(b"a: 1\nnodes:\n- name: n\n  inputs: {x: 2}\n", "a.yaml")

    assert isinstance(value, YamlMap)
    assert value.line_of("nodes") == 2
    assert value["nodes"].places[0] == (3, 3)
    assert value["nodes"][0].places["inputs"] == (4, 11)
    assert value["nodes"][0].line_of("not there") == 3


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"a: 1\nb: 2\na: 3\n", 3, "The key 'a' appears twice; the first is on line 1."),
        (b"a: [1, 2\nb: 3\n", 2, "did not find expected"),
        (b"a: 1\n\tb: 2\n", 2, "Not valid YAML"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: *nowhere\n", 1, "no anchor"),
        (b"a: 1\n---\nb: 2\n", 2, "more than one YAML document"),
        (b"? [1, 2]\n: 3\n", 1, "A key must be a single value"),
        (b"a: 1\nb: \x07\n", 2, "Not valid YAML"),
        (b"a: " + b"[" * 200 + b"]" * 200, 1, "nested more than 100"),
        (b"a: " + b"1" * 5000, 1, "too many digits"),
        (b"<<: 5\n", 1, "'<<' takes a mapping"),
    ],
)
def test_what_is_no_yaml_is_told_with_file_and_line(content: bytes, line: int, words: str) -> None:
    with pytest.raises(FlowYamlError) as caught:
        read_yaml(content, "a.yaml")

    assert (caught.value.file, caught.value.line) == ("a.yaml", line)
    assert words in str(caught.value)


def test_few_lines_cannot_fill_the_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]

    with pytest.raises(FlowYamlError, match="expands to more than 1000000 values"):
        read("\n".join(lines))


@given(json_values)
def test_json_is_yaml(value: Any) -> None:
    assert read(json.dumps(value)) == value


@given(st.text(alphabet="0123456789+-.eExXobyntrufalsNT_:~", max_size=8))
def test_unquoted_text_is_a_number_only_where_yaml_1_2_says_so(text: str) -> None:
    value = resolve_plain(text)

    if isinstance(value, str):
        assert value == text
    elif isinstance(value, float) and "." not in text.lower().replace("e", "."):
        raise AssertionError(f"{text} is no float")
    elif isinstance(value, int) and not isinstance(value, bool):
        assert int(text, 0 if text[:2] in ("0x", "0o") else 10) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_with_a_place(content: bytes) -> None:
    try:
        read_yaml(content, "a.yaml")
    except FlowYamlError as error:
        assert error.line is not None
        assert (
            1
            <= error.line
            <= content.count(b"\n")
            + content.count(b"\r")
            + 2
            + content.decode(errors="replace").count("\u0085")
            + content.decode(errors="replace").count("\u2028")
        )
