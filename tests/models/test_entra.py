"""Azure OpenAI without keys: the real azure-identity and a token endpoint on the loopback address."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.model_servers import ModelServer, chat_answer
from tests.sandbox.batches import run
from tests.sandbox.test_batch_models import ask_flow

from pfstudio.connections.types import AzureOpenAIConnection
from pfstudio.models import recordings
from pfstudio.models.client import ModelClient
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.entra import EntraSignInError, forget_tokens

BODY = {"model": "d", "messages": [{"role": "user", "content": "hello"}]}


class IdentityEndpoint:
    """The managed identity of an App Service: gives numbered tokens that live for `seconds`."""

    def __init__(self, seconds: float = 3600) -> None:
        self.seconds = seconds
        self.asked: list[str] = []
        self.refuses = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(parse_qs(urlsplit(self.path).query)["resource"][0])
                ends = str(int(time.time() + outer.seconds))
                body = {"access_token": f"token-{len(outer.asked)}", "expires_on": ends, "token_type": "Bearer"}
                data = json.dumps({"error": "no identity here"} if outer.refuses else body).encode()
                self.send_response(400 if outer.refuses else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/msi/token"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityEndpoint]:
    endpoint = IdentityEndpoint()
    monkeypatch.setenv("IDENTITY_ENDPOINT", endpoint.url)
    monkeypatch.setenv("IDENTITY_HEADER", "secret-of-the-machine")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
    forget_tokens()
    yield endpoint
    forget_tokens()
    endpoint.close()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer(chat_answer())
    yield server
    server.close()


def keyless(server: ModelServer) -> AzureOpenAIConnection:
    return AzureOpenAIConnection(name="entra", api_base=server.url, auth_mode="meid_token")


def test_calls_are_signed_in_with_a_token_that_is_asked_for_once(
    identity: IdentityEndpoint, server: ModelServer
) -> None:
    for _ in range(3):
        ModelClient(endpoint_of(keyless(server))).call("chat", BODY)

    assert identity.asked == ["https://cognitiveservices.azure.com"]
    assert {call.headers["authorization"] for call in server.calls} == {"Bearer token-1"}
    assert all("api-key" not in call.headers for call in server.calls)


def test_token_near_its_end_is_replaced(identity: IdentityEndpoint, server: ModelServer) -> None:
    identity.seconds = 60
    client = ModelClient(endpoint_of(keyless(server)))
    client.call("chat", BODY)
    client.call("chat", BODY)

    assert [call.headers["authorization"] for call in server.calls] == ["Bearer token-1", "Bearer token-2"]


def test_sign_in_that_fails_is_one_sentence(identity: IdentityEndpoint, server: ModelServer) -> None:
    identity.refuses = True

    with pytest.raises(EntraSignInError, match="Connection 'entra' signs in with Microsoft Entra ID") as caught:
        ModelClient(endpoint_of(keyless(server))).call("chat", BODY)

    assert "\n" not in str(caught.value)
    assert server.calls == []


def test_replayed_calls_ask_for_no_token(identity: IdentityEndpoint, server: ModelServer, tmp_path: Path) -> None:
    client = ModelClient(endpoint_of(keyless(server)))
    with recordings.installed(record=tmp_path / "calls.jsonl"):
        client.call("chat", BODY)
    forget_tokens()
    with recordings.installed(replay=tmp_path / "calls.jsonl"):
        client.call("chat", BODY)

    assert len(identity.asked) == 1
    assert "token-1" not in (tmp_path / "calls.jsonl").read_text()


def test_workers_of_a_run_sign_in(identity: IdentityEndpoint, server: ModelServer, tmp_path: Path) -> None:
    flow = ask_flow(tmp_path / "flow")
    flow.write_text(flow.read_text().replace("my_openai", "entra").replace("{model: m,", "{deployment_name: m,"))

    outcome, sink = run(flow, 4, keyless(server), workers=2)

    assert outcome.completed == 4, sink.messages()
    assert len(identity.asked) <= 2
