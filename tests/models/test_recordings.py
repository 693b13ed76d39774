"""Recordings over real HTTP, made and played back with our own client and with the libraries users' code calls."""

from __future__ import annotations

import asyncio
import gzip
import json
import multiprocessing
import stat
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import openai
import pytest
import requests
from tests.model_servers import SECRET, Answer, Call, ModelServer, chat_answer, error_answer, stream_answer

from pfstudio.models import recordings
from pfstudio.models.client import ModelClient
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.exchanges import is_model_call, sent_call
from pfstudio.models.interception import CallNotRecorded, UnrecordedCallError
from pfstudio.models.recordings import RecordingNotFoundError, RecordingUnreadableError, RecordingUnwritableError

BODY = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "temperature": 0.5}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


def echo(call: Call) -> Answer:
    asked = call.body.get("messages") or [{"content": "nothing"}]
    return chat_answer(f"to {asked[-1]['content']}")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    server = ModelServer(echo)
    yield server
    server.close()


def ask_ours(server: ModelServer, body: dict[str, Any] = BODY) -> str:
    client = ModelClient(endpoint_of(server.openai()))
    try:
        return str(client.call("chat", body)["choices"][0]["message"]["content"])
    finally:
        client.close()


def ask_httpx(server: ModelServer, body: dict[str, Any] = BODY) -> str:
    answer = httpx.post(f"{server.url}/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {SECRET}"})
    return str(answer.json()["choices"][0]["message"]["content"])


def ask_httpx2(server: ModelServer, body: dict[str, Any] = BODY) -> str:
    answer = httpx2.post(f"{server.url}/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {SECRET}"})
    return str(answer.json()["choices"][0]["message"]["content"])


def ask_async(server: ModelServer, body: dict[str, Any] = BODY) -> str:
    async def ask() -> str:
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{server.url}/v1/chat/completions", json=body)
            return str(answer.json()["choices"][0]["message"]["content"])

    return asyncio.run(ask())


def ask_requests(server: ModelServer, body: dict[str, Any] = BODY) -> str:
    answer = requests.post(f"{server.url}/v1/chat/completions", json=body, headers={"api-key": SECRET}, timeout=10)
    return str(answer.json()["choices"][0]["message"]["content"])


def ask_urllib(server: ModelServer, body: dict[str, Any] = BODY) -> str:
    request = urllib.request.Request(
        f"{server.url}/v1/chat/completions", json.dumps(body).encode(), {"api-key": SECRET}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        return str(json.load(answer)["choices"][0]["message"]["content"])


def ask_openai(server: ModelServer, body: dict[str, Any] = BODY) -> str:
    with openai.OpenAI(api_key=SECRET, base_url=f"{server.url}/v1") as client:
        return str(client.chat.completions.create(**body).choices[0].message.content)


WAYS = [ask_ours, ask_httpx, ask_httpx2, ask_async, ask_requests, ask_urllib, ask_openai]


@pytest.mark.parametrize("ask", WAYS)
def test_call_is_answered_from_its_recording_without_the_server(
    ask: Callable[..., str], server: ModelServer, file: Path
) -> None:
    with recordings.installed(record=file):
        recorded = ask(server)
    server.close()

    with recordings.installed(replay=file):
        replayed = ask(server)

    assert recorded == replayed == "to hello"
    assert len(server.calls) == 1


def test_libraries_share_a_recording(server: ModelServer, file: Path) -> None:
    with recordings.installed(record=file):
        ask_requests(server)
    with recordings.installed(replay=file):
        assert {ask(server) for ask in (ask_ours, ask_httpx, ask_urllib, ask_async)} == {"to hello"}

    assert len(server.calls) == 1


@pytest.mark.parametrize("ask", WAYS)
def test_call_that_is_not_in_the_recording_fails_and_reaches_no_server(
    ask: Callable[..., str], server: ModelServer, file: Path
) -> None:
    with recordings.installed(record=file):
        ask(server)

    other = {**BODY, "messages": [{"role": "user", "content": "something else"}]}
    with recordings.installed(replay=file), pytest.raises((CallNotRecorded, UnrecordedCallError)) as caught:
        ask(server, other)

    assert "'something else' is not in the recording" in str(caught.value)
    assert "calls.jsonl" in str(caught.value)
    assert len(server.calls) == 1


@pytest.mark.parametrize("changed", [{"temperature": 0.6}, {"model": "n"}, {"seed": 1}, {"n": 2}])
def test_another_parameter_makes_another_call(changed: dict[str, Any], server: ModelServer, file: Path) -> None:
    with recordings.installed(record=file):
        ask_ours(server)

    with recordings.installed(replay=file), pytest.raises(UnrecordedCallError):
        ask_ours(server, {**BODY, **changed})


def test_order_and_spaces_of_a_body_make_no_other_call(server: ModelServer, file: Path) -> None:
    with recordings.installed(record=file):
        ask_requests(server)
    with recordings.installed(replay=file):
        assert ask_ours(server, dict(reversed(BODY.items()))) == "to hello"


def test_other_requests_are_let_through_and_not_kept(server: ModelServer, file: Path) -> None:
    with recordings.installed(record=file):
        requests.get(f"{server.url}/page", timeout=10)
    with recordings.installed(replay=file):
        httpx.get(f"{server.url}/page")

    assert [call.path for call in server.calls] == ["/page", "/page"]
    assert file.read_text() == ""


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("/v1/chat/completions", True),
        ("/openai/deployments/d/chat/completions?api-version=1", True),
        ("/v1/embeddings", True),
        ("/v1/responses", True),
        ("/score", True),
        ("/v1/messages", True),
        ("/v1beta/models/gemini-pro:streamGenerateContent", True),
        ("/v1/chat/completions/x1", False),
        ("/search", False),
        ("/v1/threads", False),
    ],
)
def test_model_calls_are_known_by_the_end_of_their_path(path: str, counts: bool) -> None:
    assert is_model_call("POST", path) is counts
    assert not is_model_call("GET", path)


def test_stream_is_recorded_and_replayed_as_a_stream(file: Path) -> None:
    server = ModelServer(stream_answer("a ", "b ", "c"))
    body = {**BODY, "stream": True}

    def pieces() -> list[str]:
        with openai.OpenAI(api_key="k", base_url=f"{server.url}/v1") as client:
            return [chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(**body)]

    with recordings.installed(record=file):
        recorded = pieces()
    server.close()
    with recordings.installed(replay=file):
        replayed = pieces()
        with httpx.stream("POST", f"{server.url}/v1/chat/completions", json=body) as answer:
            parts = list(answer.iter_raw())

    assert recorded == replayed == ["a ", "b ", "c"]
    assert len(parts) == 4, "the events came in one piece"


def test_our_own_streams_are_recorded(file: Path) -> None:
    server = ModelServer(stream_answer("a ", "b"))
    body = {**BODY, "stream": True}

    def text() -> str:
        client = ModelClient(endpoint_of(server.openai()))
        return "".join(piece["choices"][0]["delta"]["content"] for piece in client.stream("chat", body))

    with recordings.installed(record=file):
        text()
    server.close()
    with recordings.installed(replay=file):
        assert text() == "a b"


def test_requests_can_read_a_replayed_stream_line_by_line(file: Path) -> None:
    server = ModelServer(stream_answer("a", "b"))
    body = {**BODY, "stream": True}
    for mode in ({"record": file}, {"replay": file}):
        with recordings.installed(**mode):
            answer = requests.post(f"{server.url}/v1/chat/completions", json=body, stream=True, timeout=10)
            lines = [line for line in answer.iter_lines() if line]
        server.close()

        assert len(lines) == 3


def test_stream_that_broke_is_not_kept(file: Path) -> None:
    server = ModelServer(stream_answer("a", done=False, cut_after=True))
    with recordings.installed(record=file), pytest.raises(httpx.RemoteProtocolError):
        httpx.post(f"{server.url}/v1/chat/completions", json=BODY)
    server.close()

    assert file.read_text() == ""


def test_compressed_answer_is_kept_as_text(file: Path) -> None:
    packed = gzip.compress(json.dumps(chat_answer("small").body).encode())
    server = PackedServer(packed)
    with recordings.installed(record=file):
        assert ask_httpx(server) == ask_requests(server) == "small"  # type: ignore[arg-type]  # Only its address counts.
    server.close()

    assert '"small"' in file.read_text()
    with recordings.installed(replay=file):
        assert ask_httpx(server) == ask_requests(server) == "small"  # type: ignore[arg-type]  # As above.


class PackedServer:
    """Answers everything with the same gzip bytes."""

    def __init__(self, content: bytes) -> None:
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        from threading import Thread

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_secrets_are_never_written(file: Path) -> None:
    server = ModelServer(chat_answer(f"your key is {SECRET}"))
    address = f"{server.url}/v1/chat/completions?api-key={SECRET}&api-version=2"
    with recordings.installed(record=file):
        ask_ours(server)
        ask_openai(server)
        ask_requests(server, {**BODY, "user": SECRET})
        httpx.post(address.replace("//", f"//me:{SECRET}@"), json=BODY)
    server.close()

    assert len(file.read_text().splitlines()) == 4
    assert SECRET not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_recording_made_with_one_key_answers_calls_with_another(file: Path) -> None:
    call = {"method": "POST", "body": b'{"a": 1}'}
    one = sent_call(url="https://a.example/score?sig=one1&x=1", headers=[("Authorization", "Bearer 12345")], **call)  # type: ignore[arg-type]  # Same for both.
    two = sent_call(url="https://me:pw@A.example/score?x=1", headers=[], **call)  # type: ignore[arg-type]  # As above.

    assert one.key == two.key


def test_the_same_call_gets_its_answers_in_order_and_stays_with_the_last(file: Path) -> None:
    server = ModelServer(chat_answer("one"), chat_answer("two"))
    with recordings.installed(record=file):
        ask_ours(server), ask_ours(server)
    server.close()

    with recordings.installed(replay=file):
        assert [ask_ours(server) for _ in range(3)] == ["one", "two", "two"]


def test_recording_again_replaces_the_old_answers(file: Path) -> None:
    server = ModelServer(chat_answer("old"), chat_answer("old"), chat_answer("new"))
    other = {**BODY, "seed": 3}
    with recordings.installed(record=file):
        ask_ours(server), ask_ours(server, other)
    with recordings.installed(record=file):
        ask_ours(server)
    server.close()

    with recordings.installed(replay=file):
        assert (ask_ours(server), ask_ours(server, other)) == ("new", "old")


def test_refusals_that_pass_are_not_kept(file: Path) -> None:
    server = ModelServer(error_answer(429, "slow", Retry_After="0"), chat_answer("yes"))
    with recordings.installed(record=file):
        ask_ours(server)
    server.close()

    [line] = file.read_text().splitlines()
    assert json.loads(line)["status"] == 200


def test_refusals_that_stay_are_replayed(file: Path) -> None:
    server = ModelServer(error_answer(400, "too long"))
    with recordings.installed(record=file), pytest.raises(openai.BadRequestError):
        ask_openai(server)
    server.close()

    with recordings.installed(replay=file), pytest.raises(openai.BadRequestError, match="too long"):
        ask_openai(server)


def record_many(address: str, file: Path, name: str) -> None:
    text = name * 20_000
    with recordings.installed(record=file, session="one"):
        for number in range(10):
            body = {"model": "m", "messages": [{"role": "user", "content": f"{text} {number}"}]}
            httpx2.post(f"{address}/v1/chat/completions", json=body)


def test_many_processes_may_record_in_one_file(server: ModelServer, file: Path) -> None:
    processes = [
        multiprocessing.get_context("fork").Process(target=record_many, args=(server.url, file, name))
        for name in "abcd"
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    lines = [json.loads(line) for line in file.read_text().splitlines() if line]
    assert len(lines) == 40
    assert len({line["body"]["messages"][0]["content"] for line in lines}) == 40


def test_recording_survives_a_process_killed_while_it_wrote(server: ModelServer, file: Path) -> None:
    with recordings.installed(record=file):
        ask_ours(server)
    whole = file.read_text()
    file.write_text(whole + whole[: len(whole) // 2])
    with recordings.installed(record=file):
        ask_ours(server, {**BODY, "seed": 5})

    with recordings.installed(replay=file):
        assert ask_ours(server) == ask_ours(server, {**BODY, "seed": 5}) == "to hello"


@pytest.mark.parametrize("line", ["hello", '{"version":1}', "[]", "3", '{"version":1,"session":"x","method":"POST"}'])
def test_line_that_is_no_call_is_an_error_with_its_place(line: str, file: Path) -> None:
    file.write_text(f"\n{line}\n")
    with (
        pytest.raises(RecordingUnreadableError, match=r"Line 2 of the recording 'calls.jsonl'") as caught,
        recordings.installed(replay=file),
    ):
        pass

    assert (caught.value.file, caught.value.line) == (str(file), 2)


def test_recording_that_is_not_there_is_an_error(file: Path) -> None:
    with pytest.raises(RecordingNotFoundError, match=r"--record calls.jsonl"):
        recordings.install(replay=file)


def test_place_that_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecordingUnwritableError, match="cannot be recorded"):
        recordings.install(record=tmp_path)


def test_nothing_is_kept_once_the_block_is_over(server: ModelServer, file: Path) -> None:
    with recordings.installed(record=file):
        pass
    ask_openai(server)

    assert file.read_text() == ""


def test_bytes_that_are_no_text_come_back_as_they_were(file: Path) -> None:
    server = PackedServer(gzip.compress(b"\xff\x00\xfe"))
    with recordings.installed(record=file):
        httpx.post(f"{server.url}/score", content=b"\x80\x81")
    server.close()

    with recordings.installed(replay=file):
        assert httpx.post(f"{server.url}/score", content=b"\x80\x81").content == b"\xff\x00\xfe"
