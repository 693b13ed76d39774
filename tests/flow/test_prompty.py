"""Prompty files: where the front matter ends, references, overrides, samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.flow.entry_errors import InvalidSampleError, PromptyFormatError, ReferenceFileNotFoundError
from pfstudio.flow.errors import FlowYamlError
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.prompty import flow_of, input_fields, overlaid, read_prompty, sample_inputs
from pfstudio.flow.value_references import resolve_references

FRONT = "model:\n  configuration: {type: openai, model: m}\n"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_text(text: str | bytes, overrides: Any = None, **files: str) -> Any:
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / "p.prompty").write_bytes(content)
        for name, value in files.items():
            (tmp_path / name.replace("__", ".")).write_text(value, encoding="utf-8")
        return read_prompty(FolderFiles(tmp_path), "p.prompty", overrides)

    return read_text


def test_the_first_closing_line_ends_the_front_matter(read: Any) -> None:
    prompty = read(f"---\n{FRONT}---\nuser:\nabove\n\n---\nbelow\n")

    assert prompty.template == "user:\nabove\n\n---\nbelow\n"
    assert prompty.template_line == 5


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff---\n{FRONT}---\nhi",
        f"---\r\n{FRONT.replace(chr(10), chr(13) + chr(10))}---\r\nhi",
        f"------\n{FRONT}-----\nhi",
        f"\n\nwords before\n---  \n{FRONT}--- \t\nhi",
    ],
)
def test_dashes_line_ends_and_a_byte_order_mark_are_taken_as_they_come(read: Any, text: str) -> None:
    assert read(text).template == "hi"


def test_a_prompt_may_be_empty(read: Any) -> None:
    assert read(f"---\n{FRONT}---").template == ""


@pytest.mark.parametrize("text", ["", "user:\nhi\n", "---\nname: x\n", "--\nname: x\n--\nhi"])
def test_a_file_without_front_matter_is_refused(read: Any, text: str) -> None:
    with pytest.raises(PromptyFormatError, match="Illegal formatting of prompty") as raised:
        read(text)
    assert raised.value.file == "p.prompty"


def test_the_line_of_a_fault_counts_in_the_file(read: Any) -> None:
    with pytest.raises(FlowYamlError) as raised:
        read("\n---\nname: a\nname: b\n---\nhi")
    assert raised.value.line == 4


@pytest.mark.parametrize(
    ("front", "said", "line"),
    [
        ("name: x\n", "'model' has no 'configuration'", 2),
        ("name: x\nmodel: 3\n", "'model' must be a mapping", 3),
        (FRONT + "inputs: [a]\n", "'inputs' must be a mapping", 4),
        (FRONT + "inputs: {a: string}\n", "The input 'a' must be a mapping", 4),
        ("model:\n  configuration: {type: openai}\n  parameters: [1]\n", "'parameters' of 'model' must be", 2),
    ],
)
def test_a_part_of_the_wrong_shape_is_named_with_its_line(read: Any, front: str, said: str, line: int) -> None:
    with pytest.raises(PromptyFormatError, match=said) as raised:
        read(f"---\n{front}---\nhi")
    assert raised.value.line == line


def test_the_name_is_the_files_where_none_is_given(read: Any) -> None:
    assert read(f"---\n{FRONT}---\nhi").name == "p"


def test_references_are_replaced_in_the_file_and_in_overrides(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEN", "value")
    monkeypatch.delenv("UNSEEN", raising=False)
    front = "model:\n  configuration: {type: openai, api_key: '${env:SEEN}', organization: '${env:UNSEEN}'}\n"

    prompty = read(
        f"---\n{front}---\nhi",
        {"model": {"parameters": "${file:more.yaml}", "configuration": {"model": "${file:name.txt}"}}},
        more__yaml="max_tokens: 3\n",
        name__txt="gpt",
    )

    assert prompty.model.configuration == {
        "type": "openai",
        "api_key": "value",
        "organization": "${env:UNSEEN}",
        "model": "gpt",
    }
    assert prompty.model.parameters == {"max_tokens": 3}


def test_a_reference_to_a_file_that_is_not_there_is_refused(read: Any) -> None:
    with pytest.raises(ReferenceFileNotFoundError, match=r"Cannot find the reference file gone\.json\."):
        read(f"---\n{FRONT}description: '${{file:gone.json}}'\n---\nhi")


def test_an_unknown_kind_of_reference_stays_and_is_told(tmp_path: Path) -> None:
    told: list[str] = []

    assert resolve_references(["${vault:x}"], FolderFiles(tmp_path), warn=told.append) == ["${vault:x}"]
    assert told == ["Unknown reference type vault, return original value ${vault:x}."]


def test_inputs_are_those_the_sample_shows_where_none_are_declared(read: Any, tmp_path: Path) -> None:
    prompty = read(f"---\n{FRONT}sample: {{a: 1, b: x, c: [1], d: {{}}, e: 1.5, f: true}}\n---\nhi")

    types = {name: item["type"] for name, item in input_fields(prompty, FolderFiles(tmp_path)).items()}

    assert types == {"a": "int", "b": "string", "c": "list", "d": "object", "e": "double", "f": "bool"}


@pytest.mark.parametrize("sample", ["s.json", "file:s.json", "${file:s.json}"])
def test_a_sample_may_stand_in_a_file(read: Any, tmp_path: Path, sample: str) -> None:
    prompty = read(f"---\n{FRONT}sample: '{sample}'\n---\nhi", s__json='{"q": "x"}')

    assert sample_inputs(prompty, FolderFiles(tmp_path)) == {"q": "x"}


@pytest.mark.parametrize(
    ("sample", "said"), [("gone.json", "Cannot find sample file gone.json."), ("words", "Only dict and json file")]
)
def test_a_sample_that_is_none_is_refused(read: Any, tmp_path: Path, sample: str, said: str) -> None:
    with pytest.raises(InvalidSampleError, match=said):
        sample_inputs(read(f"---\n{FRONT}sample: {sample}\n---\nhi"), FolderFiles(tmp_path))


def test_it_is_a_flow_with_inputs_and_outputs(read: Any, tmp_path: Path) -> None:
    front = (
        "inputs:\n  q: {type: string, is_chat_input: true}\n  chat_history: {type: list, default: []}\n"
        "outputs:\n  a: {type: int}\nenvironment_variables: {N: 1}\n"
    )

    flow = flow_of(read(f"---\n{FRONT}{front}---\nhi"), FolderFiles(tmp_path))

    assert {name: (item.type, item.has_default) for name, item in flow.inputs.items()} == {
        "q": ("string", False),
        "chat_history": ("list", True),
    }
    assert flow.chat_history_input == "chat_history"
    assert flow.outputs["a"].type == "int"
    assert flow.environment_variables == {"N": "1"}


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(MAPPINGS, MAPPINGS)
def test_an_overlay_wins_key_by_key_and_changes_neither(below: dict[str, Any], above: dict[str, Any]) -> None:
    before = repr((below, above))

    merged = overlaid(below, above)

    assert repr((below, above)) == before
    assert set(merged) == set(below) | set(above)
    for key, value in merged.items():
        if key not in above:
            assert value == below[key]
        elif not isinstance(above[key], dict):
            assert value == above[key]
        else:
            under = below.get(key)
            assert value == overlaid(under if isinstance(under, dict) else {}, above[key])


@given(st.text(st.sampled_from("-\n a:"), max_size=40))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    class OneFile:
        def read_bytes(self, path: str) -> bytes:
            return text.encode()

        def exists(self, path: str) -> bool:
            return True

    try:
        read_prompty(OneFile(), "p.prompty")
    except (PromptyFormatError, FlowYamlError) as error:
        assert str(error).endswith(".")


def test_a_server_that_shows_a_prompty_does_not_put_its_own_environment_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SECRET", "hush")

    assert resolve_references(["${env:MY_SECRET}"], FolderFiles(tmp_path), variables={}) == ["${env:MY_SECRET}"]
    assert resolve_references(["${env:MY_SECRET}"], FolderFiles(tmp_path)) == ["hush"]
