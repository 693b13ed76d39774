"""What an earlier attempt of a run has done already: lines that need not run again."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pfstudio.flow.errors import InvalidReferenceProperty
from pfstudio.flow.references import follow_path
from pfstudio.flow.spec import Flow, Reference
from pfstudio.runfolder.folder import RunFolder
from pfstudio.runfolder.jsontext import decode, encode
from pfstudio.runfolder.line_index import LineIndex, LineText
from pfstudio.runfolder.lines import LINES_FILE
from pfstudio.tracing.tracer import MORE_COUNTS


class ForeignRecords(list[dict[str, Any]]):
    """Records by line number, all of them in memory."""

    @property
    def numbers(self) -> Sequence[int]:
        return [int(record["line_number"]) for record in self]

    def texts(self) -> Iterator[LineText]:
        return ((encode(record), record) for record in self)


EarlierRecords: TypeAlias = LineIndex | ForeignRecords


def completed_records(folder: RunFolder, flow: Flow, numbers: Container[int] | None) -> EarlierRecords:
    """The records of lines that completed, those of `numbers` where some are named.

    Of a run that promptflow made they are put together from its files.
    """

    def is_wanted(record: Mapping[str, Any]) -> bool:
        return record["status"] == "Completed" and (numbers is None or int(record["line_number"]) in numbers)

    if (folder.path / LINES_FILE).exists():
        return LineIndex(folder.path, is_wanted)
    return ForeignRecords([record for record in _foreign_records(folder.path, flow) if is_wanted(record)])


def copy_produced_files(source: Path, target: Path) -> None:
    """Images and other files that lines have left beside their outputs."""
    import shutil

    for name in ("flow_outputs", "flow_artifacts", "node_artifacts"):
        for file in (source / name).rglob("*"):
            if file.is_file() and file.suffix != ".jsonl":
                place = target / name / file.relative_to(source / name)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, place)


def with_earlier(metrics: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The measures of a run and of the lines it took over."""
    together: dict[str, Any] = dict(metrics)
    for record in records:
        for key in ("total_tokens", "prompt_tokens", "completion_tokens"):
            _add(together, key, int((record.get("system_metrics") or {}).get(key, 0)))
        for key in MORE_COUNTS:
            if key in (record.get("system_metrics") or {}):
                _add(together, key, record["system_metrics"][key])
        _add(together, "__pf__.lines.completed", 1)
        for run in record.get("node_runs") or ():
            _add(together, f"__pf__.nodes.{run['node']}.{str(run['status']).lower()}", 1)
    return together


def _add(counts: dict[str, Any], key: str, by: float) -> None:
    counts[key] = counts.get(key, 0) + by


def _foreign_records(folder: Path, flow: Flow) -> Iterator[dict[str, Any]]:
    nodes: dict[int, list[dict[str, Any]]] = {}
    for file in sorted((folder / "node_artifacts").glob("*/*.jsonl")):
        value = _value(file)
        if value is not None and value.get("line_number") is not None:
            nodes.setdefault(int(value["line_number"]), []).append(value["run_info"])
    for file in sorted((folder / "flow_artifacts").glob("*.jsonl")):
        value = _value(file)
        if value is None or value.get("status") != "Completed":
            continue
        number, run = int(value["line_number"]), value["run_info"]
        yield {
            "line_number": number,
            "status": "Completed",
            "inputs": run.get("inputs") or {},
            "outputs": run.get("output") or {},
            "run_info": run,
            "node_runs": nodes.get(number, []),
            "system_metrics": run.get("system_metrics") or {},
            "aggregation": _for_aggregation(flow, nodes.get(number, [])),
        }


def _for_aggregation(flow: Flow, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the aggregation nodes need of a line, by reference text, out of the recorded outputs of its nodes."""
    from pfstudio.sandbox.batch_values import packed

    outputs = {str(run["node"]): run.get("output") for run in runs}
    needed = [
        binding
        for node in flow.nodes
        if node.aggregation
        for binding in node.inputs.values()
        if isinstance(binding, Reference) and binding.node in outputs
    ]
    return {item.text: packed(_part(outputs[str(item.node)], item)) for item in needed}


def _part(output: Any, reference: Reference) -> Any:
    try:
        return follow_path(output, str(reference.node), reference.path)
    except InvalidReferenceProperty:
        return None


def _value(file: Path) -> dict[str, Any] | None:
    try:
        value = decode(file.read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
