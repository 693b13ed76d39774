"""The demo model answers by general rules, the same in the process and over HTTP."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfstudio.connections.demo import demo_connection
from pfstudio.models.client import ModelClient
from pfstudio.models.demo import DemoServer, start_demo_server
from pfstudio.models.demo.responses import respond
from pfstudio.models.endpoint import endpoint_of
from pfstudio.models.errors import WrappedOpenAIError
from pfstudio.tools.embedding import embedding
from pfstudio.tools.model_functions import chat


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    running = start_demo_server()
    yield running
    running.close()


def ask(system: str, user: str, **inputs: Any) -> Any:
    prompt = "{% if s %}system:\n{{s}}\n{% endif %}user:\n{{u}}"
    return chat(demo_connection(), prompt, model="demo", s=system, u=user, **inputs)


def test_answer_carries_the_name_demo(server: DemoServer) -> None:
    for url in (server.url, "demo://local/v1"):
        client = ModelClient(endpoint_of(demo_connection(url)))
        answer = client.call("chat", {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]})

        assert answer["model"] == "demo"
        assert answer["usage"]["total_tokens"] == sum(
            answer["usage"][key] for key in ("prompt_tokens", "completion_tokens")
        )
        assert client.model_names() == ["demo"]


def test_server_and_process_answer_alike(server: DemoServer) -> None:
    body = {"model": "demo", "messages": [{"role": "user", "content": "Summarize.\n\nCats sleep. Dogs bark."}]}
    answers = [
        ModelClient(endpoint_of(demo_connection(url))).call("chat", body) for url in (server.url, "demo://local/v1")
    ]

    assert [{**answer, "created": 0} for answer in answers] == [{**answers[0], "created": 0}] * 2


@pytest.mark.parametrize("where", ["server", "process"])
def test_stream_is_the_answer_in_words(server: DemoServer, where: str) -> None:
    client = ModelClient(endpoint_of(demo_connection(server.url if where == "server" else "demo://local/v1")))
    body = {"model": "demo", "messages": [{"role": "user", "content": "Hello  there,\nmy friend"}], "stream": True}

    pieces = list(client.stream("chat", body))

    texts = [piece["choices"][0]["delta"].get("content", "") for piece in pieces if piece["choices"]]
    assert "".join(texts) == "You said: Hello  there,\nmy friend"
    assert len(texts) > 5
    assert pieces[-1]["usage"]["total_tokens"] > 0
    assert {piece["model"] for piece in pieces} == {"demo"}


def test_completions_and_their_streams(server: DemoServer) -> None:
    client = ModelClient(endpoint_of(demo_connection(server.url)))
    body = {"model": "demo", "prompt": "Summarize:\n\nCats sleep a lot. They also eat."}

    assert client.call("completion", body)["choices"][0]["text"] == "Cats sleep a lot. They also eat."
    pieces = list(client.stream("completion", {**body, "stream": True}))
    assert "".join(piece["choices"][0]["text"] for piece in pieces if piece["choices"]).startswith("Cats sleep")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/chat/completions", b"{", 400),
        ("POST", "/v1/chat/completions", b"[]", 400),
        ("POST", "/v1/chat/completions", b'{"messages": []}', 400),
        ("POST", "/v1/chat/completions", b'{"messages": [1]}', 400),
        ("POST", "/v1/embeddings", b"{}", 400),
        ("POST", "/v1/images", b"{}", 404),
        ("GET", "/v1/chat/completions", b"", 404),
        ("POST", "/v1/chat/completions", b"\xff\xfe", 400),
    ],
)
def test_bad_requests_get_an_error_of_the_protocol(
    server: DemoServer, method: str, path: str, body: bytes, status: int
) -> None:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request(method, path, body)
    answer = connection.getresponse()

    assert answer.status == status
    assert json.loads(answer.read())["error"]["message"]
    connection.close()


def test_bad_request_reaches_the_user_as_a_sentence() -> None:
    with pytest.raises(WrappedOpenAIError, match="'messages' must be a list with at least one message"):
        ModelClient(endpoint_of(demo_connection())).call("chat", {"model": "demo", "messages": []})


CASES: list[tuple[str, str, str]] = [
    ("", "hello there", "You said: hello there"),
    ("", "Repeat this: the cat sat", "the cat sat"),
    ("Answer yes or no.", "Question: Is the sky blue?\nContext: The sky is blue on clear days.", "yes"),
    ("Answer yes or no.", "Question: Do fish sing?\nContext: The sky is blue on clear days.", "no"),
    ("Is the answer supported? Reply true or false.", "Context: Tea is hot.\nAnswer: Tea is hot.", "true"),
    ("Sort the ticket into one of: billing, technical, other.", "My billing address is wrong", "billing"),
    ("Sort the ticket into one of: billing, technical, other.", "What a lovely morning", "other"),
    ("Classify the review as positive, negative or neutral.", "I love it, great quality", "positive"),
    ("Classify the review as positive, negative or neutral.", "Terrible, it arrived broken", "negative"),
    ("Categories:\n- fruit: apples, pears\n- tool: hammers, saws\nAnswer with the category.", "Two saws", "tool"),
    ("Rate from 1 to 5 how far the context supports the answer.", "Context: Tea is hot.\nAnswer: Tea is hot.", "5"),
    ("Rate from 1 to 5 how far the context supports the answer.", "Context: Tea is hot.\nAnswer: Dogs bark.", "1"),
    ("Give a score between 0 and 1.", "Answer: tea\nGround truth: tea", "1"),
    ("Summarize the text in one sentence.", "Text: Cats sleep a lot. They also eat.", "Cats sleep a lot."),
    ("Use the context only.", "Context: Rain falls. Returns take 30 days.\nQuestion: How long do returns take?",
     "Returns take 30 days."),
    ("Use the context only.", "Context: Rain falls.\nQuestion: Who won?", "I cannot find that in what I was given."),
    ("Extract all email addresses and dates.", "Text: mail a@b.co before 2024-01-02", "a@b.co, 2024-01-02"),
    ("Rewrite the question so that it stands alone.", "Question: and the red one?", "and the red one?"),
]  # fmt: skip


@pytest.mark.parametrize(("system", "user", "answer"), CASES)
def test_general_rules(system: str, user: str, answer: str) -> None:
    assert ask(system, user) == answer


def test_conversation_is_remembered() -> None:
    prompt = "user:\nMy name is Ada. I grow tomatoes.\nassistant:\nHi!\nuser:\nWhat is my name?"

    assert chat(demo_connection(), prompt, model="demo") == "Your name is Ada."


@pytest.mark.parametrize(
    ("system", "user", "inputs", "answer"),
    [
        (
            'Return JSON like {"name": "Ada", "amount": 12.5, "paid": true}.',
            "Text: Grace Hopper paid $40.25 for books.",
            {},
            {"name": "Grace Hopper", "amount": 40.25, "paid": True},
        ),
        (
            "Return the keys name, email and date.",
            "Text: Contact Grace Hopper at grace@navy.example before 2024-05-06.",
            {"response_format": {"type": "json_object"}},
            {"name": "Grace Hopper", "email": "grace@navy.example", "date": "2024-05-06"},
        ),
        (
            'Answer in JSON: {"sentiment": "positive|negative|neutral", "score": 3}. Score from 1 to 5.',
            "Review: I love this great shop",
            {},
            {"sentiment": "positive"},
        ),
        (
            "Fill the form.",
            "Text: Two boxes went to Oslo.",
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {
                        "name": "form",
                        "schema": {
                            "type": "object",
                            "properties": {
                                "size": {"enum": ["small", "large"]},
                                "inner": {"type": "object", "properties": {"count": {"type": "integer"}}},
                                "dates": {"type": "array", "items": {"type": "string"}},
                            },
                        },
                    },
                }
            },
            {"size": "small", "inner": {"count": 0}, "dates": []},
        ),
    ],
)
def test_json_has_the_shape_that_is_asked_for(
    system: str, user: str, inputs: dict[str, Any], answer: dict[str, Any]
) -> None:
    given = json.loads(ask(system, user, **inputs))

    assert {key: given[key] for key in answer} == answer


def test_tool_is_called_with_arguments_from_the_text_and_its_result_is_told() -> None:
    tool = {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather of a city.",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
        },
    }
    message = ask("", "What is the weather in Paris for 3 days?", tools=[tool])

    [call] = message["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"]) == {"city": "Paris", "days": 3}
    told = chat(
        demo_connection(),
        "user:\nWeather?\nassistant:\ntool_calls:\n{{c}}\ntool:\ntool_call_id:\nx\ncontent:\nSunny",
        model="demo",
        c=[call],
    )
    assert told == "Sunny"
    assert isinstance(ask("", "Hello!", tools=[tool])["content"], str)


def test_older_functions_are_called_too() -> None:
    function = {"name": "find_book", "parameters": {"type": "object", "properties": {"title": {"type": "string"}}}}

    message = ask("", "Please find a book", functions=[function])

    assert message["function_call"]["name"] == "find_book"


def test_answer_keeps_to_its_limits() -> None:
    assert ask("", "one two three four five", max_tokens=3) == "You said: on"
    assert ask("", "one two three", stop=["two"]) == "You said: one "


def test_like_texts_have_like_embeddings() -> None:
    one, like, other = (
        embedding(demo_connection(), text)
        for text in ("the cat sat on the mat", "a cat on a mat", "quarterly revenue grew")
    )

    def cosine(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert math.isclose(cosine(one, one), 1, abs_tol=1e-4)
    assert cosine(one, like) > 0.5 > cosine(one, other)


def test_answers_do_not_depend_on_the_process() -> None:
    script = (
        "from pfstudio.models.demo.responses import respond; import json;"
        "body = json.dumps({'messages': [{'role': 'user', 'content': 'Keywords.\\n\\nA cat, a dog and a bird.'}]});"
        "print(json.loads(b''.join(respond('POST', '/v1/chat/completions', body.encode()).pieces))['choices'])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(outputs) == 1
    assert "bird" in outputs.pop()


CONTENT = st.one_of(st.text(max_size=200), st.none(), st.integers(), st.lists(st.dictionaries(st.text(), st.text())))


@given(
    st.lists(
        st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": CONTENT}),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_any_conversation_gets_an_answer(messages: list[dict[str, Any]], as_json: bool) -> None:
    body = {"messages": messages, **({"response_format": {"type": "json_object"}} if as_json else {})}

    answer = respond("POST", "/v1/chat/completions", json.dumps(body).encode())

    content = json.loads(b"".join(answer.pieces))["choices"][0]["message"]["content"]
    assert answer.status == 200
    assert isinstance(content, str)
    if as_json and messages[-1]["role"] != "tool":
        json.loads(content)
