"""`Run`: what `PFClient.run` returns, and what can be made by hand and handed to `runs.create_or_update`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pfstudio.kit.clock import utc_now
from pfstudio.runfolder.folder import LONG_PARTS, RunFolder
from pfstudio.runfolder.record import RunRecord
from pfstudio.sdk.runs.errors import InvalidRunError

_HIDDEN: Final = "__pf__"


class Run:
    """One run of a flow over data. `flow` and `data` are what was given; `properties` what came of it."""

    def __init__(  # noqa: PLR0917 - the original's signature, which notebooks call by position.
        self,
        flow: Any = None,
        name: str | None = None,
        data: str | Path | None = None,
        variant: str | None = None,
        run: str | Run | None = None,
        column_mapping: Mapping[str, Any] | None = None,
        display_name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, Any] | None = None,
        *,
        created_on: datetime | str | None = None,
        environment_variables: Mapping[str, Any] | str | Path | None = None,
        connections: Mapping[str, Mapping[str, Any]] | None = None,
        properties: Mapping[str, Any] | None = None,
        source: str | Path | None = None,
        init: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        moment = created_on or utc_now().astimezone()
        self.type = "batch"
        self._name = name
        self.flow = flow
        self.data = data
        self.variant = variant
        self.run = run
        self.column_mapping = dict(column_mapping) if column_mapping is not None else None
        self.display_name = display_name
        self.description = description
        self.tags = dict(tags) if tags is not None else None
        self.created_on = moment if isinstance(moment, str) else moment.isoformat()
        self.environment_variables = environment_variables
        self.connections = connections
        self.source = source
        self.init = init
        self.status = str(kwargs.get("status") or "NotStarted")
        self._code = kwargs.get("code")
        self._resume_from: str | None = kwargs.get("resume_from")
        self._error: Mapping[str, Any] | None = kwargs.get("error")
        self._flow_name: str | None = kwargs.get("flow_name")
        self._output_path: Path | None = kwargs.get("output_path")
        self._start_time: str | None = kwargs.get("start_time")
        self._end_time: str | None = kwargs.get("end_time")
        self._is_archived = bool(kwargs.get("archived"))
        self._properties = dict(properties or {})

    @classmethod
    def from_record(cls, record: RunRecord, folder: Path) -> Run:
        """The run that a folder holds."""
        return cls(
            flow=record.flow,
            name=record.name,
            data=record.data,
            variant=record.variant,
            run=record.run,
            column_mapping=record.column_mapping,
            display_name=record.display_name,
            description=record.description,
            tags=record.tags,
            created_on=record.created_on,
            connections=record.connections,
            init=record.init,
            properties={"system_metrics": dict(record.system_metrics)},
            status=record.status,
            resume_from=record.resume_from,
            error=record.error,
            flow_name=record.flow_name,
            output_path=folder,
            start_time=record.start_time,
            end_time=record.end_time,
            archived=record.archived,
        )

    @property
    def name(self) -> str:
        """The name; of a run that was given none, made of flow, variant and time when it is asked for."""
        if self._name is None:
            self._name = self._default_name()
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name

    @property
    def properties(self) -> dict[str, Any]:
        """Paths, mapping and measures, under the original's keys."""
        found: dict[str, Any] = {}
        if self.flow is not None:
            found["flow_path"] = Path(str(self.flow)).as_posix()
        if self._output_path is not None:
            found["output_path"] = self._output_path.as_posix()
        optional = {
            "run": self.run.name if isinstance(self.run, Run) else self.run,
            "node_variant": self.variant,
            "column_mapping": self.column_mapping,
            "init_kwargs": self.init,
            "resume_from": self._resume_from,
        }
        found |= {key: value for key, value in optional.items() if value}
        return {**found, **self._properties}

    def __str__(self) -> str:
        from pfstudio.sdk.runs.yaml_text import as_yaml

        return as_yaml(self._to_dict())

    def __repr__(self) -> str:
        return str(self)

    def _default_name(self) -> str:
        from pfstudio.sdk.runs.flow_source import find_flow
        from pfstudio.sdk.runs.naming import default_name

        source = find_flow(self.flow, self._code)
        source.close()
        return default_name(source.name, kind=source.kind, variant=self.variant)

    def whole_error(self) -> Mapping[str, Any]:
        """The error with those of its lines."""
        stored = RunFolder(self._output_path).read_json("error.json") if self._output_path else None
        return stored if isinstance(stored, dict) and stored else self._error or {}

    def _to_dict(
        self,
        *,
        exclude_additional_info: bool = False,
        exclude_debug_info: bool = False,
        exclude_properties: bool = False,
    ) -> dict[str, Any]:
        """The run as `pf run show` prints it."""
        data = self.data
        shown: dict[str, Any] = {
            "name": self.name,
            "created_on": self.created_on,
            "status": self.status,
            "display_name": self.display_name,
            "description": self.description,
            "tags": self.tags,
            "properties": {} if exclude_properties else _shown_properties(self.properties),
            "flow_name": self._flow_name,
            "data": Path(data).absolute().as_posix() if data else None,
            "output": (self._output_path / "flow_outputs").as_posix() if self._output_path else None,
        }
        if self.run:
            shown["run"] = self.run.name if isinstance(self.run, Run) else self.run
        if self._error:
            leave = (exclude_additional_info, exclude_debug_info)
            left_out = {key for key, is_left in zip(LONG_PARTS, leave, strict=True) if is_left}
            error = self._error if all(leave) else self.whole_error()
            shown["error"] = {key: value for key, value in error.items() if key not in left_out}
        return shown


def run_name(run: object) -> str:
    """The name of what was given as a run.

    Raises:
        InvalidRunError: it is neither a name nor a run.
    """
    if isinstance(run, Run) and run.name:
        return run.name
    if isinstance(run, str):
        return run
    raise InvalidRunError(f"Invalid run {run!r}, expected 'str' or 'Run' object but got {type(run)}.")


def _shown_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in properties.items() if key != "run"}  # It stands beside them.
    metrics = shown.get("system_metrics")
    if isinstance(metrics, Mapping):
        shown["system_metrics"] = {key: value for key, value in metrics.items() if not key.startswith(_HIDDEN)}
    return shown
