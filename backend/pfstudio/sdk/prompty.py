"""A prompty as a Python function."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import copy_context
from pathlib import Path
from typing import Any

from pfstudio.engine.connection_scope import current_connections
from pfstudio.engine.ports import ConnectionSource
from pfstudio.engine.prompty_call import PromptyCall
from pfstudio.engine.workers import WorkerThreads
from pfstudio.errors import UserErrorException
from pfstudio.sdk.flow_context import FlowContext
from pfstudio.sdk.trace_export import call_exported

_log = logging.getLogger("pfstudio.prompty")


class Prompty:
    """Call it with the prompty's inputs as keywords; it returns the model's answer.

    Other keywords of the constructor lie over the file's front matter: `model={"parameters": {"temperature": 0}}`.
    """

    def __init__(self, path: str | Path, model: Mapping[str, Any] | None = None, **overrides: Any) -> None:
        file = Path(path).absolute()
        overlay = {**overrides, **({"model": model} if model else {})}
        self._call = PromptyCall.load(file, overlay, _connections, warn=_log.warning)
        self.path = file
        self.code = file.parent
        self.overrides = overlay
        self.context = FlowContext()

    @classmethod
    def load(cls, source: str | Path, **overrides: Any) -> Prompty:
        """The prompty of a file.

        Raises:
            UserErrorException: there is no such file, or it is none.
        """
        path = Path(source)
        if not path.exists():
            raise UserErrorException(f"Source {path.absolute().as_posix()} does not exist")
        if path.suffix != ".prompty":
            raise UserErrorException("Source must be a file with .prompty extension.")
        return cls(path, **overrides)

    @property
    def name(self) -> str:
        return self.code.name

    @property
    def _name(self) -> str:
        return self._call.prompty.name

    @property
    def _data(self) -> Mapping[str, Any]:
        return self._call.prompty.data

    @property
    def language(self) -> str:
        return "python"

    @property
    def sample(self) -> Any:
        return self._call.prompty.sample

    def input_fields(self) -> Mapping[str, Mapping[str, Any]]:
        """The inputs with what the file says of each."""
        return self._call.input_fields()

    def output_fields(self) -> Mapping[str, Mapping[str, Any]]:
        """The outputs with what the file says of each."""
        return {name: item or {} for name, item in self._call.prompty.outputs.items()}

    @property
    def inputs(self) -> dict[str, str]:
        return {name: str(item.get("type")) for name, item in self.input_fields().items()}

    @property
    def outputs(self) -> dict[str, str]:
        return {name: str(item.get("type")) for name, item in self.output_fields().items()}

    def __call__(self, *args: Any, **inputs: Any) -> Any:
        """The model's answer: text, or what the prompty asks for.

        Raises:
            MissingRequiredInputError: an input without default is not given.
            PromptflowException: the prompt, the connection, the server or its answer is at fault.
        """
        if args:
            raise UserErrorException("Prompty can only be called with keyword arguments.")
        return call_exported(self.path.stem, inputs, lambda: self._call(inputs))

    def render(self, *args: Any, **inputs: Any) -> str:
        """What the model would be sent, as text."""
        if args:
            raise UserErrorException("Prompty can only be rendered with keyword arguments.")
        return str(self._call.prompt(inputs))

    def estimate_token_count(self, *args: Any, **inputs: Any) -> int:
        """About how many tokens a call would use, its answer included.

        Raises:
            UserErrorException: `max_tokens` is no number of tokens.
        """
        if args:
            raise UserErrorException("Prompty can only be rendered with keyword arguments.")
        return self._call.estimated_tokens(inputs, _log.warning)


class AsyncPrompty(Prompty):
    """The same, to be awaited. Several calls may wait for their answers at the same time."""

    async def __call__(self, *args: Any, **inputs: Any) -> Any:
        if args:
            raise UserErrorException("Prompty can only be called with keyword arguments.")
        return await on_thread(lambda: call_exported(self.path.stem, inputs, lambda: self._call(inputs)))


async def on_thread(function: Any) -> Any:
    """The result of a function that runs on a thread of its own, in the caller's context."""
    import asyncio

    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()
    context = copy_context()

    def settle(value: Any, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(value)

    def job() -> None:
        try:
            value, error = context.run(function), None
        except BaseException as failure:
            value, error = None, failure
        loop.call_soon_threadsafe(settle, value, error)

    _threads.submit(job)
    return await done


_threads = WorkerThreads()


def _connections() -> ConnectionSource:
    """Those of the flow that calls the prompty, or this user's own."""
    from pfstudio.sdk.connection_source import local_connections

    return current_connections() or local_connections()
