"""A flow folder as a Python function."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio.engine.executor import FlowExecutor
from pfstudio.engine.results import LineResult, NodeRun
from pfstudio.errors import InvalidError, UserErrorException
from pfstudio.flow.loader import find_flow_file
from pfstudio.flow.loader import load_flow as read_flow


class MissingRequiredFlowInput(InvalidError):  # noqa: N818 - the original's public name.
    def __init__(self, missing: list[str], given: Mapping[str, Any]) -> None:
        super().__init__(f"Required input fields {missing} are missing in request data {dict(given)}")


class FlowResult:
    """What `invoke` returns: the output, and the runs behind it. The flow's failure is `error`."""

    def __init__(self, line: LineResult) -> None:
        self.run_info = line
        self.output: dict[str, Any] = dict(line.outputs)
        self.node_run_infos: dict[str, NodeRun] = dict(line.node_runs)
        self.aggregation_inputs: dict[str, Any] = dict(line.aggregation_inputs)
        self.error = line.error


class FlowFunction:
    """Call it with the flow's inputs as keywords; it returns the outputs by name.

    The flow is loaded with the first call and again when its file or a file beside it has changed. Aggregation nodes do
    not run, and nothing is written.
    """

    def __init__(self, file: Path) -> None:
        flow = read_flow(file)
        self.path = file
        self.code = file.parent
        self.name = flow.name
        self.display_name = flow.display_name or flow.name
        self.language = flow.language
        self.inputs = {name: definition.type for name, definition in flow.inputs.items()}
        self.outputs = {name: definition.type for name, definition in flow.outputs.items()}
        self._executor: FlowExecutor | None = None
        self._seen: frozenset[tuple[str, int, int]] = frozenset()

    def __call__(self, *args: Any, **inputs: Any) -> dict[str, Any]:
        """The outputs by name.

        Raises:
            MissingRequiredFlowInput: an input without default is not given.
            UserErrorException: the flow failed.
        """
        if args:
            raise UserErrorException("Flow can only be called with keyword arguments.")
        result = self.invoke(inputs)
        if result.error is not None:
            raise UserErrorException(result.error.message, file=result.error.file, line=result.error.line)
        return result.output

    def invoke(self, inputs: Mapping[str, Any]) -> FlowResult:
        """Run the flow; a failure is in the result.

        Raises:
            MissingRequiredFlowInput: an input without default is not given.
        """
        executor = self._loaded()
        definitions = executor.flow.inputs
        missing = [name for name, item in definitions.items() if name not in inputs and not item.has_default]
        if missing:
            raise MissingRequiredFlowInput(missing, inputs)
        return FlowResult(executor.run_line(inputs, index=None))

    def _loaded(self) -> FlowExecutor:
        from pfstudio.sdk.connection_source import local_connections

        seen = self._files()
        if self._executor is None or seen != self._seen:
            if self._executor is not None:
                self._executor.close()
            self._executor = FlowExecutor.load(self.path, connections=local_connections(), precedence="none")
            self._seen = seen
        return self._executor

    def _files(self) -> frozenset[tuple[str, int, int]]:
        with os.scandir(self.code) as entries:
            stats = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
        return frozenset((name, info.st_mtime_ns, info.st_size) for name, info in stats)


def load_flow(source: str | Path, **_: Any) -> FlowFunction:
    """The flow in a folder or file, to be called like a function.

    Raises:
        PromptflowException: there is no flow, or it cannot be read.
    """
    return FlowFunction(find_flow_file(Path(source)).absolute())
