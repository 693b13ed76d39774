"""The lines a run executes: its data, and what the run it evaluates left, mapped to the flow's inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pfstudio.engine.batch.data import read_data
from pfstudio.engine.batch.errors import EmptyInputsData
from pfstudio.engine.batch.mapping import ignored_columns, map_lines
from pfstudio.flow.spec import Flow
from pfstudio.sdk.runs.prepared import Prepared

_NO_MAPPING: Final = (
    "Starting run without column mapping may lead to unexpected results: inputs without default come from columns of "
    "the same name."
)


class Lines(Sequence[tuple[int, Mapping[str, Any]]]):
    """Mapped lines as a batch takes them; those whose numbers are in `done` left out."""

    def __init__(
        self,
        mapped: Sequence[Mapping[str, Any]],
        done: frozenset[int] = frozenset(),
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self._mapped = mapped
        self._defaults = defaults or {}
        self._positions: Sequence[int] = range(len(mapped))
        if done:
            self._positions = [at for at, line in enumerate(mapped) if int(line["line_number"]) not in done]

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        line = self._mapped[self._positions[index]]
        return int(line["line_number"]), {**line, **{n: v for n, v in self._defaults.items() if n not in line}}

    def __iter__(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        return (self[at] for at in range(len(self)))


def mapped_lines(prepared: Prepared, warn: Callable[[str], None]) -> Sequence[Mapping[str, Any]]:
    """The inputs of every line.

    Raises:
        UserErrorException: the data cannot be read, or the mapping leads nowhere.
    """
    sources: dict[str, Sequence[Mapping[str, Any]]] = {}
    if prepared.data is not None:
        sources["data"] = read_data(prepared.data)
    if prepared.reference is not None:
        sources |= _reference_sources(prepared, warn)
    mapping = prepared.run.column_mapping
    if not mapping:
        warn(_NO_MAPPING)
    _warn_of_ignored_columns(prepared, sources, warn)
    is_dag = bool(prepared.flow.nodes)
    return map_lines(prepared.flow.inputs, mapping or {}, sources, may_lack_inputs=not is_dag)


def _reference_sources(prepared: Prepared, warn: Callable[[str], None]) -> dict[str, Sequence[Mapping[str, Any]]]:
    folder = prepared.reference or Path()
    outputs = _rows_or_none(folder / "flow_outputs" / "output.jsonl")
    recorded = folder / "inputs.jsonl"
    total = _count(recorded)
    if total > len(outputs):
        name = prepared.reference_name
        warn(f"{total - len(outputs)} of the {total} lines of run '{name}' have no outputs; they are left out.")
    # A run without any output is no source: the mapping is told what it does not find.
    found = {"run.outputs": outputs} if outputs else {}
    # The referenced run's own data, unmapped; where that file is gone, the inputs that were recorded.
    data = prepared.reference_data
    place = data if data is not None and data.exists() else recorded
    if place.exists():
        found["run.inputs"] = read_data(place)
    return found


def _rows_or_none(file: Path) -> Sequence[Mapping[str, Any]]:
    try:
        return read_data(file)
    except EmptyInputsData:
        return ()


def flow_defaults(flow: Flow) -> dict[str, Any]:
    """What inputs that a line does not have are, so that they are recorded also where the line's process dies."""
    return {name: definition.default for name, definition in flow.inputs.items() if definition.has_default}


def _warn_of_ignored_columns(
    prepared: Prepared, sources: Mapping[str, Sequence[Mapping[str, Any]]], warn: Callable[[str], None]
) -> None:
    """An input with a default does not come from the data unless it is mapped, which few expect."""
    rows = sources.get("data") or ()
    ignored = ignored_columns(prepared.flow.inputs, prepared.run.column_mapping or {}, rows)
    if ignored:
        names = ", ".join(f"'{name}'" for name in ignored)
        example = f"{ignored[0]}='${{data.{ignored[0]}}}'"
        warn(f"Columns of the data are ignored: {names}. The inputs have defaults, so map them, as in {example}.")


def _count(file: Path) -> int:
    try:
        with file.open("rb") as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
    except OSError:
        return 0
