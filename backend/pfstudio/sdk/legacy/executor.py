"""`FlowExecutor` as scripts of the wild use it: made of a file and connections, it runs lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pfstudio.connections.types import Connection, ConnectionNotFoundError, connection_from_fields
from pfstudio.engine.loading import load_executor
from pfstudio.engine.ports import ConnectionSource, LineExecutor
from pfstudio.engine.record import node_run_record
from pfstudio.engine.results import LineResult, RunStatus
from pfstudio.flow.spec import Reference
from pfstudio.kit.clock import utc_now
from pfstudio.kit.ids import new_id
from pfstudio.sdk.flow_result import FlowResult
from pfstudio.sdk.legacy.storage import AbstractRunStorage


class GivenConnections:
    """Connections out of a dictionary: objects, or `{"type": …, "value": {…}}` as promptflow passed them."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def get(self, name: str) -> Connection:
        if name not in self._given:
            raise ConnectionNotFoundError(name)
        value = self._given[name]
        if isinstance(value, Connection):
            return value
        fields = value.get("value", value)
        if "secret_keys" in value:  # A custom connection, whose value has its keys side by side.
            secret = {key: text for key, text in fields.items() if key in value["secret_keys"]}
            fields = {"secrets": secret, "configs": {key: fields[key] for key in fields.keys() - secret.keys()}}
        elif str(value.get("type")).lower().startswith("custom") and fields.keys().isdisjoint(("secrets", "configs")):
            fields = {"configs": {key: text for key, text in fields.items() if key not in ("name", "type")}}
        return connection_from_fields({"name": name, "type": value.get("type"), **fields})


class FlowExecutor:
    """Loads a flow once and runs lines of it. A line that fails raises, unless `raise_ex` is off."""

    def __init__(
        self, executor: LineExecutor, *, raise_ex: bool = True, storage: AbstractRunStorage | None = None
    ) -> None:
        self._executor = executor
        self._raises = raise_ex
        self._storage = storage

    @classmethod
    def create(
        cls,
        flow_file: str | Path,
        connections: Mapping[str, Any] | ConnectionSource,
        working_dir: str | Path | None = None,
        *,
        storage: AbstractRunStorage | None = None,
        raise_ex: bool = True,
        node_override: Mapping[str, Mapping[str, Any]] | None = None,
        line_timeout_sec: int | None = None,
        init_kwargs: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> FlowExecutor:
        """An executor of the flow in a file; a relative path counts from `working_dir`.

        Raises:
            PromptflowException: the first problem of the flow.
        """
        executor = load_executor(
            Path(working_dir or ".") / flow_file,
            connections=GivenConnections(connections) if isinstance(connections, Mapping) else connections,
            node_overrides=node_override,
            line_timeout=line_timeout_sec,
            init=init_kwargs,
        )
        return cls(executor, raise_ex=raise_ex, storage=storage)

    @property
    def has_aggregation_node(self) -> bool:
        return self._executor.has_aggregation

    def get_inputs_definition(self) -> Mapping[str, Any]:
        return self._executor.flow.inputs

    def exec(self, inputs: Mapping[str, Any], node_concurrency: int = 16) -> dict[str, Any]:
        """The outputs by name."""
        return self.exec_line(inputs, node_concurrency=node_concurrency).output

    def exec_line(  # noqa: PLR0917 - the original's parameters, in their order.
        self,
        inputs: Mapping[str, Any],
        index: int | None = None,
        run_id: str | None = None,
        validate_inputs: bool = True,
        node_concurrency: int = 16,
        allow_generator_output: bool = False,
        line_timeout_sec: int | None = None,
    ) -> FlowResult:
        """Outputs, and the records behind them.

        Raises:
            PromptflowException: the line failed, and `raise_ex` is on.
        """
        line = self._executor.run_line(inputs, index=index, streaming=allow_generator_output, timeout=line_timeout_sec)
        result = FlowResult(line)
        if self._storage is not None:
            self._keep(self._storage, result)
        if line.exception is not None and self._raises:
            raise line.exception
        if index is not None:
            result.output["line_number"] = index
        return result

    @staticmethod
    def _keep(storage: AbstractRunStorage, result: FlowResult) -> None:
        infos: Mapping[str, Any] = result.node_run_infos
        for info in infos.values():
            storage.persist_node_run(info)
        line: Any = result.run_info
        storage.persist_flow_run(line)

    async def exec_line_async(self, inputs: Mapping[str, Any], *args: Any, **kwargs: Any) -> FlowResult:
        """The same, to be awaited."""
        import asyncio

        return await asyncio.to_thread(lambda: self.exec_line(inputs, *args, **kwargs))

    def exec_aggregation(
        self, inputs: Mapping[str, Any], aggregation_inputs: Mapping[str, Any], *_: Any, **__: Any
    ) -> SimpleNamespace:
        """Flow outputs and metrics that the aggregation nodes make of lists of lines' values."""
        result = self._executor.run_aggregation(_lines(inputs, aggregation_inputs))
        run_id = new_id()
        infos = {
            name: SimpleNamespace(**{**node_run_record(run, run_id=run_id), "status": run.status})
            for name, run in result.node_runs.items()
        }
        bindings = {name: output.binding for name, output in self._executor.flow.outputs.items()}
        shown = {
            name: result.outputs[binding.node]
            for name, binding in bindings.items()
            if isinstance(binding, Reference) and binding.node is not None and binding.node in result.outputs
        }
        return SimpleNamespace(output=shown, metrics=dict(result.metrics), node_run_infos=infos)

    def close(self) -> None:
        self._executor.close()


def execute_flow(
    flow_file: str | Path,
    working_dir: str | Path,
    output_dir: str | Path,
    connections: Mapping[str, Any] | ConnectionSource,
    inputs: Mapping[str, Any],
    *,
    run_aggregation: bool = True,
    allow_generator_output: bool = False,
    **options: Any,
) -> FlowResult:
    """A flow run once, its aggregation nodes over that one line too. Nothing is written below `output_dir`."""
    executor = FlowExecutor.create(flow_file, connections, working_dir, raise_ex=False, **options)
    try:
        result = executor.exec_line(inputs, allow_generator_output=allow_generator_output)
        if run_aggregation and result.aggregation_inputs and executor.has_aggregation_node:
            lists = {name: [value] for name, value in result.line.inputs.items()}
            needs = {name: [value] for name, value in result.aggregation_inputs.items()}
            result.node_run_infos.update(executor.exec_aggregation(lists, needs).node_run_infos)
        return result
    finally:
        executor.close()


def _lines(inputs: Mapping[str, Any], aggregation_inputs: Mapping[str, Any]) -> list[LineResult]:
    count = max((len(values) for values in (*inputs.values(), *aggregation_inputs.values())), default=0)
    now = utc_now()
    return [
        LineResult(
            index=number,
            status=RunStatus.COMPLETED,
            inputs={name: values[number] for name, values in inputs.items()},
            outputs={},
            start_time=now,
            end_time=now,
            aggregation_inputs={name: values[number] for name, values in aggregation_inputs.items()},
        )
        for number in range(count)
    ]
