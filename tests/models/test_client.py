"""Calls to a model server that answers well, badly, late or never."""

from __future__ import annotations

import logging
import sys
import threading
import time

import pytest

from model_servers import SECRET, Answer, ModelServer, chat_answer, error_answer, model_server, stream_answer
from pfstudio.connections.types import AzureOpenAIConnection, CustomConnection, OpenAIConnection, ServerlessConnection
from pfstudio.models.client import ModelClient, client_of
from pfstudio.models.deadline import call_deadline
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.entra import EntraSignInError, forget_tokens
from pfstudio.models.errors import ExceedMaxRetryTimes, InvalidConnectionType, LLMError, WrappedOpenAIError

BODY = {"model": "m1", "messages": [{"role": "user", "content": "hi"}]}
AT_ONCE = {"Retry-After": "0"}


def call(server: ModelServer, *, seconds: float = 20) -> dict:
    with call_deadline(time.monotonic() + seconds):
        return ModelClient(endpoint_of(server.openai())).call("chat", BODY, node="answer")


def test_openai_call_goes_to_its_address_with_the_key() -> None:
    with model_server(chat_answer()) as server:
        connection = OpenAIConnection(SECRET, "org-1", f"{server.url}/v1/", name="c")

        answer = ModelClient(endpoint_of(connection)).call("chat", BODY)

        assert answer["choices"][0]["message"]["content"] == "hi"
        assert server.calls[0].path == "/v1/chat/completions"
        assert server.calls[0].headers["authorization"] == f"Bearer {SECRET}"
        assert server.calls[0].headers["openai-organization"] == "org-1"
        assert server.calls[0].body == BODY


def test_azure_call_goes_to_its_deployment() -> None:
    with model_server(chat_answer()) as server:
        ModelClient(endpoint_of(server.azure())).call("chat", {**BODY, "model": "my dep"})

        assert server.calls[0].path == "/openai/deployments/my%20dep/chat/completions?api-version=2024-02-01"
        assert server.calls[0].headers["api-key"] == SECRET
        assert server.calls[0].headers["ms-azure-ai-promptflow-called-from"] == "aoai-tool"
        assert "authorization" not in server.calls[0].headers


def test_serverless_connection_is_an_openai_one_below_v1() -> None:
    with model_server(chat_answer()) as server:
        ModelClient(endpoint_of(ServerlessConnection(SECRET, server.url + "/", name="s"))).call("chat", BODY)

        assert server.calls[0].path == "/v1/chat/completions"


def test_connection_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidConnectionType, match="Connection type CustomConnection is not supported for LLM"):
        endpoint_of(CustomConnection(secrets={"a": "b"}))


def test_azure_without_key_asks_for_the_sign_in_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    forget_tokens()
    endpoint = endpoint_of(AzureOpenAIConnection("http://127.0.0.1:9", auth_mode="meid_token", name="entra"))

    with pytest.raises(EntraSignInError, match=r"'entra' signs in with Microsoft Entra ID.*pfstudio\[azure\]"):
        ModelClient(endpoint).call("chat", BODY)


@pytest.mark.parametrize(
    ("answer", "kind", "advice"),
    [
        (error_answer(400, "bad thing"), "BadRequestError: Error code: 400 - bad thing", "Its message says"),
        (error_answer(401, "no"), "AuthenticationError: Error code: 401 - no", "Put a valid api_key into"),
        (error_answer(403, "no"), "PermissionDeniedError: Error code: 403", "may not use 'm1'"),
        (error_answer(404, "none"), "NotFoundError: Error code: 404", "node's model 'm1' exists"),
        (error_answer(409, "x"), "ConflictError: Error code: 409", "is the right base_url"),
        (Answer(418, "teapot"), "APIStatusError: Error code: 418", "is the right base_url"),
        (error_answer(429, "over", "insufficient_quota"), "RateLimitError: Error code: 429", "no quota left"),
        (Answer(302, "", {"Location": "https://elsewhere.example"}), "APIStatusError: Error code: 302", "base_url"),
    ],
)
def test_refusal_names_node_connection_and_what_to_do(answer: Answer, kind: str, advice: str) -> None:
    with model_server(answer) as server, pytest.raises(WrappedOpenAIError) as raised:
        call(server)

    message = str(raised.value)
    assert message.startswith(f"OpenAI API hits {kind}")
    assert "(node 'answer', connection 'my_openai')" in message
    assert advice in message
    assert "[Error reference: https://platform.openai.com/docs/guides/error-codes/api-errors]" in message
    assert raised.value.error_codes == ["UserError", "OpenAIError", kind.split(":", maxsplit=1)[0]]
    assert len(server.calls) == 1


def test_secret_that_a_server_repeats_is_not_shown() -> None:
    repeats = error_answer(401, f"Incorrect API key provided: {SECRET}.")
    with model_server(repeats) as server, pytest.raises(WrappedOpenAIError) as raised:
        call(server)

    assert SECRET not in str(raised.value)
    assert "**data_scrubbed**" in str(raised.value)


@pytest.mark.parametrize("key", [f"{SECRET}\u2026", f"sk-\x00{SECRET}", f"{SECRET}\nX-Injected: 1"])
def test_key_that_is_no_header_text_is_an_error_without_the_key(key: str) -> None:
    connection = OpenAIConnection(key, base_url="http://127.0.0.1:9/v1", name="c")

    with pytest.raises((LLMError, WrappedOpenAIError)) as raised, call_deadline(time.monotonic() + 1):
        ModelClient(endpoint_of(connection)).call("chat", BODY)

    assert SECRET not in str(raised.value)
    assert "connection 'c'" in str(raised.value)


@pytest.mark.parametrize("address", ["b", "ftp://x/v1", "http://", "://", "http://user:secret@127.0.0.1:9"])
def test_address_that_is_none_is_said_at_once(address: str) -> None:
    connection = OpenAIConnection(SECRET, base_url=address, name="c")
    began = time.monotonic()

    with pytest.raises((LLMError, WrappedOpenAIError)) as raised, call_deadline(time.monotonic() + 1):
        ModelClient(endpoint_of(connection)).call("chat", BODY)

    assert "connection 'c'" in str(raised.value)
    assert "user:secret" not in str(raised.value)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, "<html>hello</html>", {"Content-Type": "text/html"}), "JSONDecodeError"),
        (Answer(200, '{"a":'), "JSONDecodeError"),
        (Answer(200, "[1]"), "TypeError"),
        (Answer(200, ""), "JSONDecodeError"),
    ],
)
def test_garbage_is_an_error_that_shows_its_beginning(answer: Answer, kind: str) -> None:
    with model_server(answer) as server, pytest.raises(LLMError) as raised:
        call(server)

    assert str(raised.value).startswith(f"OpenAI API hits exception: {kind}: The answer is not what the interface")
    assert "node 'answer', connection 'my_openai'" in str(raised.value)


@pytest.mark.parametrize(
    "passing",
    [
        error_answer(429, "slow down", **{"Retry-After": "0"}),
        error_answer(500, "oops", **{"Retry-After": "0"}),
        error_answer(503, "busy", **{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        error_answer(422, "unprocessable", **{"Retry-After": "0"}),
    ],
)
def test_passing_refusal_is_tried_again_and_logged(passing: Answer, caplog: pytest.LogCaptureFixture) -> None:
    with model_server(passing, chat_answer("there")) as server, caplog.at_level(logging.WARNING, "pfstudio.models"):
        answer = call(server)

    assert answer["choices"][0]["message"]["content"] == "there"
    assert len(server.calls) == 2
    assert "node 'answer', connection 'my_openai': Error code: " in caplog.text
    assert "Trying again in 0 s (try 2)" in caplog.text


def test_dropped_connection_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfstudio.models.client.time.sleep", lambda seconds: None)
    with model_server(Answer(cut=True), Answer(body={"a": 1}, cut_after=True), chat_answer("there")) as server:
        assert call(server)["choices"][0]["message"]["content"] == "there"
        assert len(server.calls) == 3


def test_unprocessable_request_is_tried_four_times() -> None:
    with model_server(error_answer(422, "no", **AT_ONCE)) as server:
        with pytest.raises(ExceedMaxRetryTimes, match=r"^Exceed max retry times\. OpenAI API hits Unprocessable"):
            call(server)

        assert len(server.calls) == 4


def test_refusals_end_with_the_time_of_the_line() -> None:
    with model_server(error_answer(429, "slow down", **{"Retry-After": "30"})) as server:
        began = time.monotonic()
        with pytest.raises(ExceedMaxRetryTimes) as raised:
            call(server, seconds=2)

        assert time.monotonic() - began < 2
        assert "Gave up after one try, because the time of this line is over." in str(raised.value)
        assert "Run fewer lines at once" in str(raised.value)


def test_server_that_never_answers_ends_with_the_time_of_the_line() -> None:
    with model_server(Answer(hang=5, body={})) as server:
        began = time.monotonic()
        with pytest.raises(ExceedMaxRetryTimes) as raised:
            call(server, seconds=0.5)

        assert time.monotonic() - began < 2
        assert "Request timed out. (node 'answer', connection 'my_openai')" in str(raised.value)
        assert f"The model server at {server.url}/v1 did not answer in time." in str(raised.value)


def test_server_that_is_not_there_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("pfstudio.models.client.time.sleep", waits.append)
    server = ModelServer(chat_answer())
    server.close()

    with pytest.raises(ExceedMaxRetryTimes, match="APIConnectionError: Connection error"):
        call(server, seconds=600)

    assert waits == [3, 4]


def test_time_of_a_line_is_ten_minutes_unless_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PF_LINE_TIMEOUT_SEC", "1")
    busy = error_answer(500, "oops", **{"Retry-After": "5"})
    advice = "model server has a problem of its own"
    with model_server(busy) as server, pytest.raises(ExceedMaxRetryTimes, match=advice):
        ModelClient(endpoint_of(server.openai())).call("chat", BODY)


def test_a_429_slows_all_calls_of_the_connection() -> None:
    with model_server(error_answer(429, "slow", **{"Retry-After": "0.6"}), chat_answer()) as server:
        client = ModelClient(endpoint_of(server.openai()))
        first = threading.Thread(target=client.call, args=("chat", BODY))
        first.start()
        while len(server.calls) < 1 or client._paused_until == 0:
            time.sleep(0.01)
        began = time.monotonic()

        client.call("chat", BODY)

        first.join()
        assert time.monotonic() - began > 0.3


def test_one_client_is_shared_by_threads_and_keeps_its_connection() -> None:
    with model_server(chat_answer()) as server:
        endpoint = endpoint_of(server.openai())
        threads = [threading.Thread(target=lambda: client_of(endpoint).call("chat", BODY)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(server.calls) == 16
        assert client_of(endpoint) is client_of(endpoint_of(server.openai()))


def test_stream_comes_in_pieces_and_asks_for_usage() -> None:
    with model_server(stream_answer("a", "b", "c")) as server:
        pieces = list(ModelClient(endpoint_of(server.openai())).stream("chat", {**BODY, "stream": True}))

        assert [piece["choices"][0]["delta"]["content"] for piece in pieces] == ["a", "b", "c"]
        assert server.calls[0].body["stream_options"] == {"include_usage": True}


def test_azure_stream_sends_nothing_that_older_versions_refuse() -> None:
    with model_server(stream_answer("a")) as server:
        list(ModelClient(endpoint_of(server.azure())).stream("chat", {**BODY, "stream": True}))

        assert "stream_options" not in server.calls[0].body


def test_server_that_knows_no_stream_options_is_asked_without() -> None:
    with model_server(error_answer(400, "Unrecognized: stream_options"), stream_answer("a")) as server:
        client = ModelClient(endpoint_of(server.openai()))

        assert len(list(client.stream("chat", {**BODY, "stream": True}))) == 1
        assert "stream_options" not in server.calls[1].body
        list(client.stream("chat", {**BODY, "stream": True}))
        assert "stream_options" not in server.calls[2].body


def test_stream_is_opened_at_once_and_refusals_raise_at_once() -> None:
    with model_server(error_answer(401, "no")) as server, pytest.raises(WrappedOpenAIError):
        ModelClient(endpoint_of(server.openai())).stream("chat", {**BODY, "stream": True})


def test_stream_that_breaks_off_is_an_error_after_its_pieces() -> None:
    with model_server(stream_answer("a", "b", done=False, cut_after=True)) as server:
        pieces = ModelClient(endpoint_of(server.openai())).stream("chat", {**BODY, "stream": True}, node="answer")

        assert next(pieces)["choices"][0]["delta"]["content"] == "a"
        with pytest.raises(WrappedOpenAIError, match=r"The answer broke off before its end\. \(node 'answer'"):
            list(pieces)


def test_error_inside_a_stream_is_an_error() -> None:
    body = 'data: {"error": {"message": "content filter"}}\n\n'
    refused = Answer(body=body, headers={"Content-Type": "text/event-stream"})
    with model_server(refused) as server, pytest.raises(WrappedOpenAIError, match="content filter"):
        list(ModelClient(endpoint_of(server.openai())).stream("chat", {**BODY, "stream": True}))


def test_server_that_does_not_stream_is_read_whole() -> None:
    with model_server(chat_answer("whole")) as server:
        pieces = list(ModelClient(endpoint_of(server.openai())).stream("chat", {**BODY, "stream": True}))

        assert [piece["choices"][0]["message"]["content"] for piece in pieces] == ["whole"]


def test_models_of_a_server_are_listed() -> None:
    with model_server(Answer(body={"data": [{"id": "b"}, {"id": "a"}]})) as server:
        assert ModelClient(endpoint_of(server.openai())).model_names() == ["b", "a"]
        assert server.calls[0].path == "/v1/models"
