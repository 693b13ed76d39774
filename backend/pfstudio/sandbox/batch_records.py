"""A line's record: what stays of a line in `lines.jsonl`, and what the aggregation needs of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from json import dumps, loads
from pathlib import Path
from typing import Any

from pfstudio.engine.batch.data_images import with_absolute_images
from pfstudio.engine.failures import error_record
from pfstudio.engine.media import MediaWriter
from pfstudio.engine.record import flow_run_record, node_run_record
from pfstudio.engine.results import LineResult, NodeRun, RunError, RunStatus
from pfstudio.engine.serialize import json_safe_fields
from pfstudio.errors import PromptflowException
from pfstudio.flow.spec import Flow
from pfstudio.kit.clock import utc_now
from pfstudio.kit.json_values import JsonValue
from pfstudio.sandbox.batch_shortening import shorten_calls
from pfstudio.sandbox.batch_values import packed
from pfstudio.tracing.spans import Span


@dataclass(frozen=True, slots=True)
class RecordMaker:
    """Makes the records of one run's lines. `scrub` takes secrets out of JSON text.

    Images are written below `output_folder`; without one they are shown as a short text.
    """

    flow: Flow
    run_id: str
    has_aggregation: bool
    scrub: Callable[[str], str]
    output_folder: Path | None

    def line(self, result: LineResult, spans: Sequence[Span] = ()) -> tuple[bytes, bytes]:
        """The record, and what the aggregation needs of a successful line (empty where there is none)."""
        beside, anywhere = self._flow_media()
        run_info = flow_run_record(
            result,
            run_id=self.run_id,
            flow_id=self.flow.id,
            message_format=self.flow.message_format,
            media=anywhere,
        )
        shorten_calls(run_info["api_calls"])
        record: dict[str, Any] = {"line_number": result.index, "status": result.status.value}
        record["inputs"] = run_info["inputs"]
        need = None
        if result.status is RunStatus.COMPLETED:
            record["outputs"] = run_info["output"]
            if self.has_aggregation:
                need = {text: packed(value) for text, value in result.aggregation_inputs.items()}
                record["aggregation"] = need
            if beside is not None and beside.is_used:
                record["outputs"] = json_safe_fields(result.outputs, media=beside)
        else:
            record["error"] = run_info["error"]
        record["system_metrics"] = run_info["system_metrics"]
        if result.system_metrics.get("reused_calls"):
            record["reused"] = True
        trace = {"run_info": run_info, "node_runs": [self.node(run) for run in result.node_runs.values()]}
        if spans:
            trace["spans"] = spans
        body = _joined(_dumped(record), self.scrub(_dumped(trace)))
        if need is None:
            return body, b""
        part = {key: record[key] for key in ("line_number", "inputs", "outputs")}
        return body, _encoded(_dumped({**part, "aggregation": need}))

    def node(self, run: NodeRun) -> dict[str, Any]:
        """The record of one node's run."""
        media = None
        if self.output_folder is not None:
            media = MediaWriter(_node_folder(self.output_folder, run.node), message_format=self.flow.message_format)
        record = node_run_record(run, run_id=self.run_id, message_format=self.flow.message_format, media=media)
        shorten_calls(record["api_calls"])
        return record

    def _flow_media(self) -> tuple[_BesideOutputs | None, _Anywhere | None]:
        if self.output_folder is None:
            return None, None
        folder = self.output_folder / "flow_outputs"
        beside = _BesideOutputs(MediaWriter(folder, message_format=self.flow.message_format, prefix=""))
        return beside, _Anywhere(beside, folder)


class _BesideOutputs:
    """Images of outputs lie beside the file of all outputs, which names them without a folder."""

    def __init__(self, writer: MediaWriter) -> None:
        self._writer = writer
        self.is_used = False

    def wire(self, value: Any) -> JsonValue:
        self.is_used = True
        return self._writer.wire(value)


class _Anywhere:
    """The same images under names that lead to them from anywhere."""

    def __init__(self, beside: _BesideOutputs, folder: Path) -> None:
        self._beside = beside
        self._folder = folder

    def wire(self, value: Any) -> JsonValue:
        named: JsonValue = with_absolute_images({"": self._beside.wire(value)}, self._folder)[""]
        return named


def failed_line(
    run_id: str, number: int, inputs: Mapping[str, Any], error: PromptflowException, *, seconds: float, flow_id: str
) -> bytes:
    """The record of a line whose process could not tell itself how it ended."""
    end = utc_now()
    start = end - timedelta(seconds=seconds)
    result = LineResult(
        index=number,
        status=RunStatus.FAILED,
        inputs=inputs,
        outputs={},
        start_time=start,
        end_time=end,
        error=own_error(error),
        system_metrics={"duration": seconds, "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    )
    run_info = flow_run_record(result, run_id=run_id, flow_id=flow_id)
    record = {
        "line_number": number,
        "status": result.status.value,
        "inputs": run_info["inputs"],
        "error": run_info["error"],
        "system_metrics": run_info["system_metrics"],
        "run_info": run_info,
        "node_runs": [],
    }
    return _encoded(_dumped(record))


def own_error(error: PromptflowException) -> RunError:
    """An error of the batch itself, which has no place in the user's code."""
    return RunError(error.message, type(error).__name__, type(error).code, record=error_record(error))


@lru_cache(maxsize=256)
def _node_folder(folder: Path, node: str) -> Path:
    return folder / "node_artifacts" / node


def _dumped(value: Any) -> str:
    return dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _joined(first: str, second: str) -> bytes:
    """One JSON object of two."""
    return b"".join((memoryview(_encoded(first))[:-1], b",", memoryview(_encoded(second))[1:]))


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:  # Half a surrogate pair: JSON can say it, UTF-8 cannot.
        return dumps(loads(text), separators=(",", ":")).encode("ascii")
