"""A flow folder as a Python function."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pfstudio.engine.results import LineResult
from pfstudio.engine.workspace import in_running_flow
from pfstudio.errors import BadRequest, InvalidError, UserErrorException
from pfstudio.flow.files import FolderFiles
from pfstudio.flow.kinds import flow_kind
from pfstudio.flow.loader import find_flow_file
from pfstudio.flow.loader import load_flow as read_flow
from pfstudio.sdk.flow_context import FlowContext
from pfstudio.sdk.flow_executors import executor_for
from pfstudio.sdk.flow_result import FlowResult
from pfstudio.sdk.trace_export import export_line


class MissingRequiredFlowInput(BadRequest, InvalidError):  # noqa: N818 - the original's public name.
    def __init__(self, missing: list[str], given: Mapping[str, Any]) -> None:
        super().__init__(f"Required input fields {missing} are missing in request data {dict(given)}")


class FlowFunction:
    """Call it with the flow's inputs as keywords; it returns the outputs by name.

    The flow is loaded with the first call, and again when a file of its folder or its `context` has changed.
    Aggregation nodes do not run, and nothing is written.
    """

    _streaming = False

    def __init__(self, file: Path) -> None:
        flow = read_flow(file)
        self.path = file
        self.code = file.parent
        self.name = file.parent.name
        self.display_name = flow.display_name or self.name
        self.language = flow.language
        self.sample = flow.extra.get("sample")
        self.inputs = {name: definition.type for name, definition in flow.inputs.items()}
        self.outputs = {name: definition.type for name, definition in flow.outputs.items()}
        self._context = FlowContext()

    @property
    def context(self) -> FlowContext:
        return self._context

    @context.setter
    def context(self, context: FlowContext) -> None:
        if not isinstance(context, FlowContext):
            raise UserErrorException(f"context must be a FlowContext object, got {type(context)} instead.")
        self._context = context

    def __call__(self, *args: Any, **inputs: Any) -> Any:
        """The outputs by name.

        Raises:
            MissingRequiredFlowInput: an input without default is not given.
            PromptflowException: the flow failed, with what its node raised (`ToolExecutionError`).
        """
        _no_positional(args)
        return self.invoke(inputs).output

    def invoke(self, inputs: Mapping[str, Any]) -> Any:
        """The outputs with the runs behind them. Raises as a call does."""
        return FlowResult(self._run(inputs))

    def _run(self, inputs: Mapping[str, Any]) -> LineResult:
        executor = executor_for(self.path, self._context)
        definitions = executor.flow.inputs
        missing = [name for name, item in definitions.items() if name not in inputs and not item.has_default]
        if missing:
            raise MissingRequiredFlowInput(missing, inputs)
        streaming = self._streaming or bool(self._context.streaming)
        line = executor.run_line(inputs, index=None, streaming=streaming)
        export_line(line, self.display_name)
        if line.exception is not None:
            raise line.exception
        return line


class AsyncFlowFunction(FlowFunction):
    """The same, to be awaited. Several calls may run at the same time."""

    _streaming = True

    async def __call__(self, *args: Any, **inputs: Any) -> Any:
        _no_positional(args)
        result = await self.invoke(inputs)
        return result.output

    async def invoke(self, inputs: Mapping[str, Any]) -> FlowResult:
        from pfstudio.sdk.prompty import on_thread

        line: LineResult = await on_thread(lambda: self._run(inputs))
        return FlowResult(line)


class StreamingFlowFunction(FlowFunction):
    """A flow function whose outputs are generators where its nodes yield them."""

    _streaming = True


class FlexFlow:
    """A loaded flex flow: to be run, not to be called."""

    _refusal = "FlexFlow can not be called as a function."

    def __init__(self, file: Path) -> None:
        from pfstudio.flow.flex import read_flex

        flow = read_flex(FolderFiles(file.parent), file.name, report=_raise, folder_name=file.parent.name)
        self.path = file
        self.entry = flow.entry
        self.code = (file.parent / flow.code).resolve() if flow.code else file.parent
        self.name = file.parent.name
        self.display_name = flow.flow.display_name or self.name
        self.language = flow.flow.language
        self.sample = dict(flow.sample) or None
        self.context = FlowContext()

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise UserErrorException(self._refusal)

    def invoke(self, *_: Any, **__: Any) -> Any:
        raise UserErrorException(self._refusal)


class _CoreFlexFlow(FlexFlow):
    _refusal = "Please call entry directly for flex flow."


class Flow:
    """`Flow.load(path)` gives a function of a flow that streams where its nodes do."""

    @classmethod
    def load(cls, source: str | Path, **overrides: Any) -> Any:
        """The flow in a folder or file; a prompty takes overrides of its front matter.

        Raises:
            PromptflowException: there is no flow, or it cannot be read.
        """
        file, kind = _found(source)
        if kind == "prompty":
            from pfstudio.sdk.prompty import Prompty

            return Prompty.load(file, **overrides)
        return _CoreFlexFlow(file) if kind == "flex" else StreamingFlowFunction(file)


class AsyncFlow(Flow):
    """`AsyncFlow.load(path)` gives a function of a flow, or of a prompty, that is awaited."""

    @classmethod
    def load(cls, source: str | Path, **overrides: Any) -> Any:
        file, kind = _found(source)
        if kind == "prompty":
            from pfstudio.sdk.prompty import AsyncPrompty

            return AsyncPrompty.load(file, **overrides)
        return _CoreFlexFlow(file) if kind == "flex" else AsyncFlowFunction(file)


def load_flow(source: str | Path, **overrides: Any) -> Any:
    """The flow in a folder or file: a function for a DAG flow or a prompty, an object to run for a flex flow.

    Raises:
        PromptflowException: there is no flow, or it cannot be read.
    """
    file, kind = _found(source)
    if kind == "prompty":
        from pfstudio.sdk.prompty import Prompty

        return Prompty.load(file, **overrides)
    return FlexFlow(file) if kind == "flex" else FlowFunction(file)


def _found(source: str | Path) -> tuple[Path, str]:
    file = find_flow_file(in_running_flow(Path(source))).absolute()
    return file, flow_kind(FolderFiles(file.parent), file.name)


def _no_positional(args: tuple[Any, ...]) -> None:
    if args:
        raise UserErrorException("Flow can only be called with keyword arguments.")


def _raise(problem: Exception) -> None:
    raise problem
