"""Spans on their way to a collector, as OTLP over HTTP in JSON. Off unless an address is configured.

Nothing here may hold up a flow or fail it: spans wait in a bounded queue for a thread of their own, what a collector
does not take is dropped with one warning, and the end waits for it a few seconds at most.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import unquote

from pfstudio.tracing import switch
from pfstudio.tracing.spans import Span

_PREFIX: Final = "OTEL_EXPORTER_OTLP_"
_MOST_WAITING: Final = 20_000
_MOST_AT_ONCE: Final = 512
_GATHER_SECONDS: Final = 0.5
_TRIES: Final = 3
_END_SECONDS: Final = 5.0
_PASSING: Final = (408, 429, 502, 503, 504)
_log = logging.getLogger("pfstudio.tracing")


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """Where spans go. `resource` says whose they are."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    resource: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 10.0
    compressed: bool = False


def settings_of(environment: Mapping[str, str], destination: str | None = None) -> ExportSettings | None:
    """What OpenTelemetry's variables say, or the address given beside them; None where spans stay here."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return None
    address = _of_signal(environment, "ENDPOINT") or destination or ""
    if not environment.get(f"{_PREFIX}TRACES_ENDPOINT") and environment.get(f"{_PREFIX}ENDPOINT"):
        address = f"{address.rstrip('/')}/v1/traces"
    if not address.startswith(("http://", "https://")):
        return None
    resource = {"service.name": "pfstudio", **_pairs(environment.get("OTEL_RESOURCE_ATTRIBUTES", ""))}
    if environment.get("OTEL_SERVICE_NAME"):
        resource["service.name"] = environment["OTEL_SERVICE_NAME"]
    return ExportSettings(
        address=address,
        headers=_pairs(_of_signal(environment, "HEADERS")),
        resource=resource,
        seconds=_seconds(_of_signal(environment, "TIMEOUT")),
        compressed=_of_signal(environment, "COMPRESSION").lower() == "gzip",
    )


def _of_signal(environment: Mapping[str, str], name: str) -> str:
    return environment.get(f"{_PREFIX}TRACES_{name}") or environment.get(f"{_PREFIX}{name}") or ""


def _pairs(text: str) -> dict[str, str]:
    pairs = (item.split("=", 1) for item in text.split(",") if "=" in item)
    return {unquote(name.strip()): unquote(value.strip()) for name, value in pairs}


def _seconds(milliseconds: str) -> float:
    try:
        return max(0.1, float(milliseconds or 10_000) / 1000)
    except ValueError:
        return 10.0


class Exporter:
    """Sends spans from a thread of its own. `add` returns at once, always."""

    def __init__(self, settings: ExportSettings) -> None:
        self.settings = settings
        self.dropped = 0
        self._waiting: deque[Span] = deque()
        self._changed = threading.Condition()
        self._sending = False
        self._hurry = False
        self._thread: threading.Thread | None = None
        self._warned = False

    def add(self, spans: Iterable[Span]) -> None:
        """Take spans to be sent; those that find the queue full are dropped."""
        with self._changed:
            for span in spans:
                if len(self._waiting) >= _MOST_WAITING:
                    self.dropped += 1
                else:
                    self._waiting.append(span)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pfstudio-spans", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float = _END_SECONDS) -> bool:
        """Wait until all is sent, for so long at most; whether it is."""
        end = time.monotonic() + seconds
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            while (self._waiting or self._sending) and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            self._hurry = False
            return not self._waiting and not self._sending

    def _run(self) -> None:
        while True:
            spans = self._take()
            try:
                self._send(spans)
            except Exception as error:  # Whatever a collector or the way to it does.
                self._drop(spans, f"{type(error).__name__}: {error}")
            with self._changed:
                self._sending = False
                self._changed.notify_all()

    def _take(self) -> list[Span]:
        with self._changed:
            while not self._waiting:
                self._changed.wait()
            if len(self._waiting) < _MOST_AT_ONCE and not self._hurry:
                self._changed.wait_for(lambda: self._hurry or len(self._waiting) >= _MOST_AT_ONCE, _GATHER_SECONDS)
            self._sending = True
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]

    def _send(self, spans: list[Span]) -> None:
        content = json.dumps(to_otlp(spans, self.settings.resource), default=str).encode("ascii")
        headers = {"Content-Type": "application/json", "User-Agent": "pfstudio", **self.settings.headers}
        if self.settings.compressed:
            import gzip

            content, headers["Content-Encoding"] = gzip.compress(content), "gzip"
        for attempt in range(1, _TRIES + 1):
            status = _post(self.settings.address, headers, content, self.settings.seconds)
            if status < 300:
                return
            if status not in _PASSING or attempt == _TRIES:
                self._drop(spans, f"HTTP {status}")
                return
            time.sleep(0.2 * 2**attempt)

    def _drop(self, spans: list[Span], reason: str) -> None:
        self.dropped += len(spans)
        if not self._warned:
            self._warned = True
            _log.warning("The collector at %s did not take spans: %s.", _shown(self.settings.address), reason)


def _shown(address: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _post(address: str, headers: Mapping[str, str], content: bytes, seconds: float) -> int:
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    request = Request(address, data=content, headers=dict(headers), method="POST")  # noqa: S310 - http(s) only.
    try:
        with urlopen(request, timeout=seconds) as answer:  # noqa: S310 - as above.
            return int(answer.status)
    except HTTPError as error:
        with error:
            return int(error.code)


def to_otlp(spans: Iterable[Span], resource: Mapping[str, Any]) -> dict[str, Any]:
    """Spans in the JSON form of the protocol."""
    from pfstudio import __version__

    scope = {"scope": {"name": "pfstudio", "version": __version__}, "spans": [_otlp_span(span) for span in spans]}
    return {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [scope]}]}


def _otlp_span(span: Span) -> dict[str, Any]:
    failed = "error" in span
    return {
        "traceId": span["trace_id"],
        "spanId": span["span_id"],
        "parentSpanId": span["parent_id"],
        "name": span["name"],
        "kind": 3 if span["kind"] == "client" else 1,
        "startTimeUnixNano": str(span["start"]),
        "endTimeUnixNano": str(span["end"]),
        "attributes": _attributes(span["attributes"]),
        "status": {"code": 2, "message": span["error"]} if failed else {"code": 1},
    }


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": str(value)}


_exporters: dict[tuple[int, str], Exporter] = {}  # By process, too: a fork takes no threads with it.
_resource: dict[str, Any] = {}


def exporter() -> Exporter | None:
    """Where spans of this process go; None where they stay here."""
    given = switch.address()
    if not given:
        return None
    key = (os.getpid(), given)
    found = _exporters.get(key)
    if found is None:
        settings = settings_of(os.environ, switch.destination())
        if settings is None:
            return None
        found = Exporter(replace(settings, resource={**settings.resource, **_resource}))
        if not _exporters:
            atexit.register(flush)
        _exporters[key] = found
    return found


def describe_sender(resource: Mapping[str, Any]) -> None:
    """Say more about whose spans these are, from now on."""
    flush()
    _exporters.clear()
    _resource.update(resource)


def flush(seconds: float = _END_SECONDS) -> None:
    """Give the spans that wait a last chance, for so long at most."""
    end = time.monotonic() + seconds
    for (pid, _), running in list(_exporters.items()):
        if pid == os.getpid():
            running.flush(max(0.0, end - time.monotonic()))
