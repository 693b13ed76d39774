"""Column mapping: which value of which source each flow input takes on each line."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from pfstudio.engine.batch.errors import (
    ApplyInputMappingError,
    EmptyFlowInputsError,
    InputMappingError,
    StaticMappingError,
)
from pfstudio.flow.spec import InputDefinition

LINE_NUMBER = "line_number"
Row = Mapping[str, Any]
_BINDING = re.compile(r"\$\{([^{}]+)\}\Z")


def check_mapping(mapping: Mapping[str, Any]) -> None:
    """Refuse a mapping that takes nothing from any source; before a run exists.

    Raises:
        StaticMappingError: it has only literals.
    """
    if mapping and not any(_binding(value) for value in mapping.values()):
        raise StaticMappingError(dict(mapping))


def complete_mapping(
    inputs: Mapping[str, InputDefinition], mapping: Mapping[str, Any], rows: Sequence[Row] = ()
) -> dict[str, Any]:
    """The mapping with `${data.<input>}` for every input that has no default and is not mapped.

    Inputs whose default gives way to a column are among them where a row has the column.
    """
    defaults = {
        name: f"${{data.{name}}}"
        for name, input_ in inputs.items()
        if not input_.has_default or (input_.yields_to_column and any(name in row for row in rows))
    }
    return {**defaults, **mapping}


def ignored_columns(
    inputs: Mapping[str, InputDefinition], mapping: Mapping[str, Any], rows: Sequence[Row]
) -> list[str]:
    """Columns that bear an input's name but are not used, because the input has a default and is not mapped."""
    first = rows[0] if rows else {}
    fixed = [name for name, input_ in inputs.items() if input_.has_default and not input_.yields_to_column]
    return [name for name in fixed if name not in mapping and name in first]


def map_lines(
    inputs: Mapping[str, InputDefinition],
    mapping: Mapping[str, Any],
    sources: Mapping[str, Sequence[Row]],
    *,
    may_lack_inputs: bool = False,
) -> Sequence[dict[str, Any]]:
    """The inputs of each line, `line_number` among them. Lines are made when they are looked at.

    Sources are `data`, `run.inputs` and `run.outputs`. Rows with a `line_number` are joined by it, others by their
    place; only lines that every source has are there. Where a line lacks a column that others have, the input is
    absent: it has its default, or the line fails. Every line is checked before this returns.

    Raises:
        EmptyFlowInputsError: the flow has no input, and is no flex flow (`may_lack_inputs`).
        InputMappingError: no line is whole, or the sources do not fit each other.
        ApplyInputMappingError: a mapping leads to a column that no line has.
    """
    if not inputs and not may_lack_inputs:
        raise EmptyFlowInputsError
    lines = MappedLines(complete_mapping(inputs, mapping, sources.get("data", ())), sources)
    lines.check()
    return lines


class MappedLines(Sequence[dict[str, Any]]):
    """Lines of several sources, joined and mapped on access, so that nothing is held twice."""

    def __init__(self, mapping: Mapping[str, Any], sources: Mapping[str, Sequence[Row]]) -> None:
        self._mapping = {name: (value, _binding(value)) for name, value in mapping.items() if name != LINE_NUMBER}
        self._sources = sources
        self._lines = _joined(sources)
        if not self._lines:
            raise InputMappingError(
                "Could not find one complete line on the provided input. "
                "Please ensure that you supply data on the same line to resolve this issue."
            )

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        number, places = self._lines[index]
        return self._mapped(number, {name: self._sources[name][place] for name, place in places.items()})

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self[position] for position in range(len(self)))

    def check(self) -> None:
        """Raises ApplyInputMappingError where a mapping finds its column on no line."""
        unfound = {name for name, (_, binding) in self._mapping.items() if binding is not None}
        for line in self:
            unfound -= line.keys()
            if not unfound:
                return
        number, places = self._lines[0]
        columns = [f"{name}.{column}" for name, place in places.items() for column in self._sources[name][place]]
        missing = [value for name, (value, _) in self._mapping.items() if name in unfound]
        raise ApplyInputMappingError(missing, number, columns)

    def _mapped(self, number: Any, rows: Mapping[str, Row]) -> dict[str, Any]:
        line: dict[str, Any] = {}
        for name, (value, binding) in self._mapping.items():
            found = None if binding is None else _place(binding, rows)
            if binding is None:
                line[name] = value
            elif found is not None:
                source, column = found
                line[name] = rows[source][column]
        line[LINE_NUMBER] = number
        return line


def _binding(value: Any) -> list[str] | None:
    """The words of `${source.column}`; None for a literal."""
    match = _BINDING.match(value) if isinstance(value, str) else None
    return match[1].split(".") if match else None


def _place(words: list[str], rows: Mapping[str, Row]) -> tuple[str, str] | None:
    """Source and column: the shortest beginning that names a source whose row has the rest as a column."""
    for split in range(1, len(words)):
        source, column = ".".join(words[:split]), ".".join(words[split:])
        if source in rows and column in rows[source]:
            return source, column
    return None


def _joined(sources: Mapping[str, Sequence[Row]]) -> list[tuple[Any, dict[str, int]]]:
    """Of each whole line: its number, and where each source has it."""
    unnumbered: dict[str, int] = {}
    numbers: dict[str, list[Any]] = {}
    for name, rows in sources.items():
        if not rows:
            raise InputMappingError(
                f"Input from key '{name}' is an empty list, which means we cannot generate a single line input for "
                "the flow run. Please rectify the input and try again."
            )
        given = [row.get(LINE_NUMBER, _NONE) for row in rows]
        if all(number is _NONE for number in given):
            unnumbered[name] = len(given)
            given = list(range(len(given)))
        numbers[name] = given
    if len(set(unnumbered.values())) > 1:
        raise InputMappingError(
            "Line numbers are not aligned. Some lists have dictionaries missing the 'line_number' key, and the "
            f"lengths of these lists are different. List lengths are: {unnumbered}. Please make sure these lists have "
            "the same length or add 'line_number' key to each dictionary."
        )
    lines: dict[Any, dict[str, int]] = {}
    for name, given in numbers.items():
        for place, number in enumerate(given):
            if isinstance(number, Hashable) and number is not _NONE:
                lines.setdefault(number, {})[name] = place
    return [(number, places) for number, places in lines.items() if len(places) == len(sources)]


_NONE = object()
