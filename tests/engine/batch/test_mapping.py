"""Column mapping: which value of which source each input takes on each line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.engine.batch.errors import (
    ApplyInputMappingError,
    EmptyFlowInputsError,
    InputMappingError,
    StaticMappingError,
)
from pfstudio.engine.batch.mapping import check_mapping, complete_mapping, ignored_columns, map_lines
from pfstudio.flow.spec import InputDefinition


def inputs(*names: str, **defaults: Any) -> dict[str, InputDefinition]:
    plain = {name: InputDefinition(name, "string") for name in names}
    return plain | {name: InputDefinition(name, "string", value, has_default=True) for name, value in defaults.items()}


def lines(flow: dict[str, InputDefinition], mapping: dict[str, Any], **sources: list[dict[str, Any]]) -> list[Any]:
    return list(map_lines(flow, mapping, {name.replace("_", "."): rows for name, rows in sources.items()}))


def test_without_a_mapping_inputs_take_the_column_of_their_name_unless_they_have_a_default() -> None:
    data = [{"a": 1, "b": 2, "c": 3}]

    assert lines(inputs("a", b="default"), {}, data=data) == [{"a": 1, "line_number": 0}]
    assert ignored_columns(inputs("a", b="default"), {}, data) == ["b"]


def test_a_mapping_wins_over_a_default_and_adds_to_what_comes_by_itself() -> None:
    data = [{"a": 1, "b": 2}]

    assert lines(inputs("a", b="d"), {"b": "${data.b}"}, data=data) == [{"a": 1, "b": 2, "line_number": 0}]
    assert ignored_columns(inputs("a", b="d"), {"b": "${data.b}"}, data) == []


def test_all_but_a_whole_reference_is_a_literal() -> None:
    mapping = {"a": "${data.a} and more", "b": 7, "c": None, "d": "${data.a}", "e": "${}", "f": {"x": "${data.a}"}}

    assert lines(inputs("d"), mapping, data=[{"a": 1}]) == [
        {"d": 1, "a": "${data.a} and more", "b": 7, "c": None, "e": "${}", "f": {"x": "${data.a}"}, "line_number": 0}
    ]


def test_a_column_may_have_dots_and_the_shorter_source_wins() -> None:
    sources = {"run": [{"outputs.x": "of run"}], "run.outputs": [{"x": "of outputs"}]}

    assert map_lines(inputs("a"), {"a": "${run.outputs.x}"}, sources)[0]["a"] == "of run"
    assert lines(inputs("a"), {"a": "${data.x.y}"}, data=[{"x.y": 1, "x": {"y": 2}}])[0]["a"] == 1


def test_lines_are_joined_by_number_and_only_those_of_every_source_are_there() -> None:
    outputs = [{"line_number": 2, "out": "c"}, {"line_number": 0, "out": "a"}]

    joined = lines(
        inputs("q", "o"), {"o": "${run.outputs.out}"}, data=[{"q": 0}, {"q": 1}, {"q": 2}], run_outputs=outputs
    )

    assert joined == [{"q": 0, "o": "a", "line_number": 0}, {"q": 2, "o": "c", "line_number": 2}]


def test_line_number_itself_cannot_be_mapped() -> None:
    assert lines(inputs("a"), {"line_number": "${data.a}"}, data=[{"a": 9}]) == [{"a": 9, "line_number": 0}]


def test_sources_without_numbers_must_be_of_one_length() -> None:
    with pytest.raises(InputMappingError, match="Line numbers are not aligned") as raised:
        lines(inputs("a"), {}, data=[{"a": 1}, {"a": 2}], run_inputs=[{"a": 1}])
    assert "{'data': 2, 'run.inputs': 1}" in raised.value.message


def test_no_line_that_every_source_has_is_an_error() -> None:
    with pytest.raises(InputMappingError, match="Could not find one complete line"):
        lines(inputs("a"), {}, data=[{"a": 1}], run_outputs=[{"line_number": 5, "out": 1}])


def test_an_empty_source_is_an_error() -> None:
    with pytest.raises(InputMappingError, match=r"Input from key 'run\.outputs' is an empty list"):
        lines(inputs("a"), {}, data=[{"a": 1}], run_outputs=[])


def test_a_mapping_that_leads_nowhere_names_all_that_do_the_line_and_its_columns() -> None:
    mapping = {"a": "${data.zzz}", "b": "${nobody.x}"}

    with pytest.raises(ApplyInputMappingError) as raised:
        lines(inputs("a", "b"), mapping, data=[{"x": 1}])

    assert raised.value.message.startswith(
        "The input for batch run is incorrect. Couldn't find these mapping relations: ${data.zzz}, ${nobody.x}. "
        "Please make sure your input mapping keys and values match your YAML input section and input data."
    )
    assert "Line 0 has: data.x." in raised.value.message


def test_a_column_that_some_lines_lack_is_absent_there_and_one_that_no_line_has_is_an_error() -> None:
    mapping = {"b": "${data.x}"}

    mapped = lines(inputs("a", b="default"), mapping, data=[{"a": 1}, {"x": 1}])

    assert mapped == [{"a": 1, "line_number": 0}, {"b": 1, "line_number": 1}]
    with pytest.raises(ApplyInputMappingError, match=r"relations: \$\{data\.x\}\. .*Line 0 has: data\.a\."):
        lines(inputs("a"), mapping, data=[{"a": 1}, {"b": 1}])


def test_a_mapping_of_literals_only_is_refused_and_none_at_all_is_not() -> None:
    with pytest.raises(StaticMappingError, match="contains all static values"):
        check_mapping({"a": "x", "b": 1})
    check_mapping({})
    check_mapping({"a": "x", "b": "${data.b}"})


def test_a_flow_without_inputs_cannot_be_run_over_lines() -> None:
    with pytest.raises(EmptyFlowInputsError, match="cannot be empty in batch mode"):
        lines({}, {}, data=[{"a": 1}])
    with pytest.raises(EmptyFlowInputsError, match="cannot be empty in batch mode"):
        lines({}, {"a": "${data.a}"}, data=[{"a": 1}])


def test_a_default_that_yields_to_a_column_is_taken_where_there_is_none() -> None:
    flow = {"a": InputDefinition("a", "string", "d", has_default=True, yields_to_column=True)}

    assert lines(flow, {}, data=[{"a": 1}, {"b": 2}]) == [{"a": 1, "line_number": 0}, {"line_number": 1}]
    assert lines(flow, {}, data=[{"b": 2}]) == [{"line_number": 0}]
    assert ignored_columns(flow, {}, [{"a": 1}]) == []


def test_a_flex_flow_without_inputs_can() -> None:
    assert list(map_lines({}, {}, {"data": [{"a": 1}]}, may_lack_inputs=True)) == [{"line_number": 0}]


NAMES = st.sampled_from(["a", "b", "a.b", "c"])
ROWS = st.lists(st.dictionaries(NAMES, st.integers(), min_size=4), min_size=1, max_size=5)
MAPPINGS = st.dictionaries(NAMES, st.one_of(NAMES.map("${{data.{}}}".format), st.integers(), st.text(max_size=3)))


@given(rows=ROWS, mapping=MAPPINGS, numbers=st.lists(st.integers(0, 9), min_size=5, max_size=5, unique=True))
def test_every_line_has_for_every_input_what_its_mapping_says(
    rows: list[dict[str, int]], mapping: dict[str, Any], numbers: list[int]
) -> None:
    numbered = [{**row, "line_number": number} for row, number in zip(rows, numbers, strict=False)]
    flow = inputs("a", "c", b="default")

    mapped = lines(flow, mapping, data=numbered)

    assert [line["line_number"] for line in mapped] == [row["line_number"] for row in numbered]
    for line, row in zip(mapped, numbered, strict=True):
        for name, value in complete_mapping(flow, mapping).items():
            is_reference = isinstance(value, str) and value.startswith("${data.") and value.endswith("}")
            assert line[name] == (row[value[7:-1]] if is_reference else value)
        assert set(line) == {*complete_mapping(flow, mapping), "line_number"}


def test_lines_can_be_looked_at_in_any_order_and_again() -> None:
    mapped = map_lines(inputs("a"), {}, {"data": [{"a": n} for n in range(5)]})

    assert mapped[-1] == mapped[4] == {"a": 4, "line_number": 4}
    assert [line["a"] for line in mapped[1:3]] == [1, 2]
    assert len(mapped) == 5
