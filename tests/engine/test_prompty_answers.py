"""Prompties against what promptflow 1.18.5 answered and asked, recorded in `prompty_answers.jsonl`.

`mode` says how it was used: called (`call`, `list` reads a stream, `all` looks into a whole answer), rendered, or
tested as a flow. `request` is what the model server was sent.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flow_folders import KnownConnections, Recorder
from model_servers import Answer, Call, ModelServer
from pfstudio.connections.types import CustomConnection, OpenAIConnection
from pfstudio.engine.connection_scope import connections_in_scope
from pfstudio.errors import PromptflowException
from pfstudio.sandbox.flow_test import run_flow_test
from pfstudio.sdk.local import output_of
from pfstudio.sdk.prompty import Prompty
from pfstudio.tools.model_configuration import OpenAIModelConfiguration

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "prompty_answers.jsonl").read_text(encoding="utf-8").splitlines()
]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TEXTS = {"json": '{"a": 1, "b": [2]}', "jsonlist": "[1, 2]", "text": "some text here"}
CALLED = {"name": "f", "arguments": "{}"}


def answer(call: Call) -> Answer:
    """A server whose models are named by what they say."""
    in_path = re.search(r"/deployments/([^/]+)/", call.path)
    model = in_path[1] if in_path else call.body["model"]
    if model.startswith("err"):
        return Answer(int(model[3:]), {"error": {"message": "bad thing", "type": "t", "code": None}})
    message: dict[str, Any] = {"role": "assistant", "content": TEXTS.get(model)}
    if model == "echo":
        message["content"] = json.dumps(call.body.get("messages", call.body.get("prompt")))
    if model == "tools":
        message["tool_calls"] = [{"id": "1", "type": "function", "function": CALLED}]
    if model == "functions":
        message["function_call"] = CALLED
    is_chat = "chat" in call.path
    if call.body.get("stream"):
        return _streamed(str(message["content"]), is_chat=is_chat)
    choice = {"message": message} if is_chat else {"text": message["content"]}
    reason = "tool_calls" if model == "tools" else "stop"
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": model, "usage": usage}
    return Answer(body={**body, "choices": [{"index": 0, "finish_reason": reason, **choice}]})


def _streamed(text: str, *, is_chat: bool) -> Answer:
    parts = ["", *re.findall(r"\S+\s*", text)]
    choices = [{"delta": {"content": part}} if is_chat else {"text": part} for part in parts]
    events = [{"choices": [{"index": 0, **choice}]} for choice in choices]
    data = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    return Answer(body=data, headers={"Content-Type": "text/event-stream"})


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    server = ModelServer(answer)
    yield server
    server.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_prompty_answers_as_recorded(
    case: dict[str, Any], server: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPTY_KEY", "envkey")
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "flow"
    folder.mkdir()
    (folder / "i.png").write_bytes(PIXEL)
    for name, text in case["files"].items():
        (folder / name).write_bytes(text.replace("ROOTURL", server.url).replace("URL", f"{server.url}/v1").encode())

    for call in case["calls"]:
        server.calls.clear()
        given = _used(folder / "p.prompty", case.get("load") or {}, call, server, tmp_path)
        assert given == call.get("ours", call["original"])
        if "request" in call and "why" not in call:
            assert _request(server.calls[0]) == call["request"]


def _used(file: Path, load: dict[str, Any], call: dict[str, Any], server: ModelServer, root: Path) -> list[Any]:
    known = KnownConnections(
        OpenAIConnection(name="pconn", api_key="connkey", base_url=f"{server.url}/v1"),
        CustomConnection(name="flexconn", configs={"url": "http://u"}, secrets={"key": "s3cret"}),
    )
    try:
        with connections_in_scope(known):
            if call["mode"] == "test":
                outcome = run_flow_test(
                    file, inputs=call.get("kw") or {}, init=call.get("init"), connections=known, observer=Recorder()
                )
                return ["value", json.loads(json.dumps(output_of(outcome)))]
            return ["value", json.loads(json.dumps(_called(Prompty.load(file, **_loaded(load, server)), call)))]
    except PromptflowException as error:
        message = str(error).replace(str(root), "ROOT").replace(server.url, "URL")
        return ["error", type(error).__name__, message]


def _called(prompty: Prompty, call: dict[str, Any]) -> Any:
    if call["mode"] == "pos":
        return prompty("x")
    if call["mode"] == "render":
        return prompty.render(**call["kw"])
    value = prompty(**call["kw"])
    if call["mode"] == "list":
        return list(value)
    if call["mode"] == "all":
        return f"{value.choices[0].message.content} {type(value).__name__}"
    return value


def _loaded(value: Any, server: ModelServer) -> Any:
    """Overrides as they were given: a pair with a word before stands for a configuration object."""
    if isinstance(value, dict):
        return {key: _loaded(item, server) for key, item in value.items()}
    if isinstance(value, list) and value and value[0] == "OPENAI":
        return OpenAIModelConfiguration(**_loaded(value[1], server))
    return f"{server.url}/v1" if value == "URL" else value


def _request(call: Call) -> dict[str, Any]:
    return {
        "path": call.path,
        "auth": call.headers.get("authorization") or call.headers.get("api-key"),
        "body": call.body,
    }
