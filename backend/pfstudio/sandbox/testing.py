"""A worker's one test: the request in, the result out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from pfstudio.connections.types import Connection, ConnectionNotFoundError, connection_from_fields
from pfstudio.engine.failures import run_error
from pfstudio.engine.record import call_record
from pfstudio.engine.serialize import json_safe
from pfstudio.sandbox.emitter import Emitter, shortened
from pfstudio.sandbox.flow_test import TestOutcome, run_flow_test
from pfstudio.sandbox.records import error_record, result_without_output
from pfstudio.sandbox.scrubbing import Scrubber

_OUTPUT_LETTERS = 8_000_000
_CALLS_LETTERS = 4_000_000


LOADED_WHEN_IDLE = (
    "traceback",
    "jinja2.sandbox",
    "pfstudio.tools.prompt",
    "httpx2",
    "pfstudio.engine.llm_nodes",
    "pfstudio.models.client",
    "pfstudio.models.demo.transport",
    "asyncio",
    "pfstudio.engine.event_loop",
)
"""What prompts, models and async tools need. A zygote loads it while it waits, not before its first worker."""


class GivenConnections:
    """The connections that came with the request, and no others."""

    def __init__(self, fields: Mapping[str, Mapping[str, Any]]) -> None:
        self._fields = fields

    def get(self, name: str) -> Connection:
        if name not in self._fields:
            raise ConnectionNotFoundError(name)
        return connection_from_fields({"name": name, **self._fields[name]})


def run_test(request: Mapping[str, Any], emitter: Emitter) -> dict[str, Any]:
    """Run it; whatever goes wrong, also at loading or by `sys.exit`, is the result's error."""
    started = monotonic()
    connections = Scrubber(GivenConnections(request["connections"]))
    emitter.scrub = connections.scrub
    try:
        outcome = run_flow_test(
            Path(request["flow"]),
            inputs=request["inputs"],
            node=request["node"],
            variant=request["variant"],
            init=request["init"],
            environment_variables=request["environment_variables"],
            connections=connections,
            observer=emitter,
            streaming=True,
            loaded=emitter.follow,
        )
    except BaseException as error:
        failure = error_record(run_error(error, Path(request["folder"])), getattr(error, "node", None))
        return result_without_output(failure, monotonic() - started)
    return _result(outcome, emitter, monotonic() - started)


def _result(outcome: TestOutcome, emitter: Emitter, duration: float) -> dict[str, Any]:
    output, calls = outcome.output, []
    if outcome.line is not None and outcome.error is None:
        output = outcome.line.outputs  # Of a flex flow, too: by name, also where it returned a text.
    if outcome.line is not None:
        calls = [call_record(call, emitter.media) for call in outcome.line.api_calls]
    return {
        "status": outcome.status.value,
        "output": shortened(json_safe(output, finite=True, media=emitter.media), _OUTPUT_LETTERS),
        "api_calls": calls if len(json.dumps(calls)) <= _CALLS_LETTERS else [],
        "node_runs": [emitter.record_of(run) for run in outcome.node_runs.values()],
        "metrics": json_safe(outcome.metrics, finite=True),
        "error": None if outcome.error is None else error_record(outcome.error, outcome.failed_node),
        "duration": duration,
        "system_metrics": dict(outcome.system_metrics),
    }
