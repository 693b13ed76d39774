"""A model call as it goes over HTTP, and its answer: what counts as one, what makes two the same, what is kept."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

SCRUBBED: Final = "**data_scrubbed**"

# The ends of paths by which model servers are known, whatever their host.
_MODEL_PATH: Final = re.compile(
    r"/(?:chat/completions|completions|embeddings|responses|messages|rerank|score|moderations"
    r"|images/generations|api/(?:chat|generate|embed|embeddings)"
    r"|models/[^/]+:(?:generateContent|streamGenerateContent|embedContent)"
    r"|contentsafety/(?:text|image):analyze)/?$"
)
_SECRET_QUERY: Final = re.compile(r"(?i)^(?:api[-_]?key|key|subscription-key|sig|token|access_token|code|secret)$")
_SECRET_HEADERS: Final = ("authorization", "api-key", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key")
# Headers that say which model answers, or in which of its ways.
_CHOOSING_HEADERS: Final = ("azureml-model-deployment", "anthropic-version", "anthropic-beta", "openai-beta")
_SHORTEST_SECRET: Final = 4


def is_model_call(method: str, path: str) -> bool:
    """Whether a request asks a model server something; `path` may have a query behind it."""
    return method.upper() == "POST" and _MODEL_PATH.search(path.partition("?")[0]) is not None


@dataclass(frozen=True, slots=True)
class SentCall:
    """A model call without its secrets. Two calls are the same where their keys are.

    `body` is what JSON made of it, or the hash of bytes that are no JSON; `secrets` are not part of the value.
    """

    method: str
    url: str
    body: Any
    choices: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @property
    def key(self) -> str:
        """What identifies it: the order of keys and the spaces of its JSON do not count, everything else does."""
        parts = [self.method, self.url, self.choices, self.body]
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode("ascii")).hexdigest()

    @property
    def model(self) -> str:
        """The model asked for; empty where the body does not say."""
        return str(self.body.get("model") or "") if isinstance(self.body, Mapping) else ""

    def __str__(self) -> str:
        model = f" for model '{self.model}'" if self.model else ""
        asked = _last_words(self.body)
        return f"{self.method} {self.url}{model}" + (f" that ends in {asked!r}" if asked else "")


def sent_call(method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> SentCall:
    """The call of a request that is about to be sent."""
    given = {name.lower(): value for name, value in headers}
    shown, secrets = _without_secrets(url)
    secrets += [value.removeprefix("Bearer ").strip() for name in _SECRET_HEADERS if (value := given.get(name))]
    known = tuple(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)
    choices = tuple((name, given[name]) for name in _CHOOSING_HEADERS if name in given)
    return SentCall(method.upper(), shown, _body_value(body, known), choices, known)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a model server said: its body without compression, and what kind of text that is.

    `reused` is set where an earlier run has paid for it.
    """

    status: int
    content_type: str
    body: bytes
    reused: bool = False

    @property
    def is_stream(self) -> bool:
        return "event-stream" in self.content_type

    @property
    def is_worth_keeping(self) -> bool:
        """Whether it is about the call; a server that is busy or broken would answer otherwise later."""
        return self.status not in (401, 403, 408, 429) and self.status < 500

    def pieces(self) -> Iterator[bytes]:
        """The body; that of a stream event by event."""
        if not self.is_stream:
            yield self.body
            return
        for event in re.split(rb"(?<=\n\n)|(?<=\r\n\r\n)", self.body):
            if event:
                yield event

    def usage(self) -> dict[str, int]:
        """The tokens it says were used; empty where it does not."""
        for text in reversed(self._texts()):
            try:
                value = json.loads(text)
            except ValueError:
                continue
            said = value.get("usage") if isinstance(value, dict) else None
            if isinstance(said, Mapping):
                return {key: count for key, count in said.items() if isinstance(count, int)}
        return {}

    def _texts(self) -> list[bytes]:
        if not self.is_stream:
            return [self.body]
        return [line[5:] for line in self.body.splitlines() if line.startswith(b"data:") and b'"usage"' in line]


def received(status: int, headers: Mapping[str, str], body: bytes, call: SentCall) -> StoredAnswer:
    """The answer with its compression undone and the call's secrets taken out; `headers` have lower-case names."""
    plain = _decompressed(body, headers.get("content-encoding", ""))
    for secret in call.secrets:
        plain = plain.replace(secret.encode("utf-8", "replace"), SCRUBBED.encode("ascii"))
    return StoredAnswer(status, headers.get("content-type", "application/json"), plain)


def to_record(call: SentCall, answer: StoredAnswer) -> dict[str, Any]:
    """Both as one JSON object that people can read."""
    choices = {"headers": dict(call.choices)} if call.choices else {}
    head = {"method": call.method, "url": call.url, **choices, "body": call.body}
    return {**head, "status": answer.status, "content_type": answer.content_type, **_answer_fields(answer)}


def from_record(record: Mapping[str, Any]) -> tuple[SentCall, StoredAnswer]:
    """What `to_record` wrote.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    choices = tuple((str(k), str(v)) for k, v in (record.get("headers") or {}).items())
    call = SentCall(str(record["method"]), str(record["url"]), record["body"], choices)
    if "stream" in record:
        body = "".join(record["stream"]).encode("utf-8")
    elif "base64" in record:
        body = base64.b64decode(record["base64"], validate=True)
    elif "text" in record:
        body = str(record["text"]).encode("utf-8")
    else:
        body = json.dumps(record["answer"], ensure_ascii=False).encode("utf-8")
    return call, StoredAnswer(int(record["status"]), str(record["content_type"]), body)


def _answer_fields(answer: StoredAnswer) -> dict[str, Any]:
    try:
        text = answer.body.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(answer.body).decode("ascii")}
    if answer.is_stream:
        return {"stream": [piece.decode("utf-8") for piece in answer.pieces()]}
    value = _strict_json(text)
    return {"text": text} if value is None else {"answer": value}


def _strict_json(text: str) -> Any:
    """The value, where writing it again gives one that means the same; else None."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except ValueError:  # No JSON, NaN, a number beyond all floats, half a surrogate pair.
        return None
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _body_value(body: bytes, secrets: tuple[str, ...]) -> Any:
    text = body.decode("utf-8", "replace")
    for secret in secrets:
        text = text.replace(secret, SCRUBBED)
    try:
        return json.loads(text) if text else None
    except ValueError:
        return {"sha256": sha256(text.encode("utf-8")).hexdigest()}


def _without_secrets(url: str) -> tuple[str, list[str]]:
    """The address without user, password and keys, and what these were."""
    parts = urlsplit(url)
    secrets = [word for word in (parts.username, parts.password) if word]
    host = parts.netloc.rpartition("@")[2]
    kept = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if _SECRET_QUERY.match(name):
            secrets.append(value)
        else:
            kept.append(f"{quote(name)}={quote(value)}")
    return urlunsplit((parts.scheme, host.lower(), parts.path, "&".join(sorted(kept)), "")), secrets


def _decompressed(body: bytes, encoding: str) -> bytes:
    kind = encoding.strip().lower()
    if kind in ("gzip", "deflate", "x-gzip"):
        for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
            try:
                return zlib.decompressobj(bits).decompress(body)
            except zlib.error:
                continue
    return body


def is_readable(encoding: str) -> bool:
    """Whether an answer with this `Content-Encoding` can be kept."""
    return encoding.strip().lower() in ("", "identity", "gzip", "x-gzip", "deflate")


def _last_words(body: Any) -> str:
    """The end of what was asked, to tell one call from another."""
    if not isinstance(body, Mapping):
        return ""
    asked = body.get("messages") or body.get("prompt") or body.get("input") or ""
    if isinstance(asked, list) and asked:
        asked = asked[-1]
    if isinstance(asked, Mapping):
        asked = asked.get("content") or ""
    text = " ".join(str(asked).split())
    return text if len(text) <= 60 else f"…{text[-60:]}"
