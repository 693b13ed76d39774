"""A rendered prompt becomes messages; vectors verified against promptflow 1.18."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pfstudio.models.chat import images_in, parse_chat, with_image_lines
from pfstudio.models.errors import (
    ChatAPIFunctionRoleInvalidFormat,
    ChatAPIInvalidRole,
    ChatAPIToolRoleInvalidFormat,
    ModelError,
)
from pfstudio.models.rendering import render
from pfstudio.tools.media import Image

VECTORS: list[tuple[str, list[dict[str, Any]]]] = [
    ("system:\n", [{"role": "system", "content": ""}]),
    ("#user:\nx", [{"role": "user", "content": "x"}]),
    ("user :\n\n a \n\n b \n", [{"role": "user", "content": "a \n\n b"}]),
    ("USER:\r\nhi", [{"role": "user", "content": "hi"}]),
    ("user:\n\nsystem:\nx", [{"role": "user", "content": ""}, {"role": "system", "content": "x"}]),
    ("user\n:\nx", [{"role": "user", "content": "x"}]),
    ("user:\nhi\nsystem:", [{"role": "user", "content": "hi\nsystem:"}]),
    ("", []),
    ("  \n", []),
    ("user:\nname:\nbob\ncontent:\nhi", [{"role": "user", "name": "bob", "content": "hi"}]),
    ("user:\n# name:\nbob\n## content:\nhi", [{"role": "user", "name": "bob", "content": "hi"}]),
    ("user:\nname: bob\ncontent: hi", [{"role": "user", "content": "name: bob\ncontent: hi"}]),
    ("user:\nname:\nbob\ncontent:\nhi\ncontent:\nyo", [{"role": "user", "name": "bob", "content": "hi\ncontent:\nyo"}]),
    ("function:\nname:\nf\ncontent:\nq", [{"role": "function", "name": "f", "content": "q"}]),
    ("tool:\ntool_call_id:\nid1\ncontent:\nzz", [{"role": "tool", "tool_call_id": "id1", "content": "zz"}]),
    ("assistant:\nhello\n## tool_calls:\n[{'id':'1'}]\n", [{"role": "assistant", "tool_calls": [{"id": "1"}]}]),
    ("assistant:\ntool_calls:\nnot a list", [{"role": "assistant", "content": "tool_calls:\nnot a list"}]),
    (
        "# system:\nBe brief.\n\nUser:\nname:\nbob\ncontent:\nhi",
        [{"role": "system", "content": "Be brief."}, {"role": "user", "name": "bob", "content": "hi"}],
    ),
]


@pytest.mark.parametrize(("prompt", "messages"), VECTORS)
def test_prompt_becomes_the_messages_of_promptflow(prompt: str, messages: list[dict[str, Any]]) -> None:
    assert parse_chat(prompt) == messages


@pytest.mark.parametrize("prompt", ["system: hi\n", "system:", "## user:\nx", "hello", "x\nuser:\ny", "developer:\nx"])
def test_text_before_the_first_role_is_refused(prompt: str) -> None:
    with pytest.raises(ChatAPIInvalidRole, match="The Chat API requires a specific format for prompt definition"):
        parse_chat(prompt)


def test_refusal_shows_the_text_that_stands_there() -> None:
    with pytest.raises(ChatAPIInvalidRole, match="Current parsed role 'hello' does not meet the requirement"):
        parse_chat("hello\nuser:\nx".replace("\nuser:\nx", ""))


@pytest.mark.parametrize("prompt", ["function:\nname:\nf", "function:\nx", "function:\nname:\nf g\ncontent:\nq"])
def test_function_message_needs_a_name(prompt: str) -> None:
    with pytest.raises(ChatAPIFunctionRoleInvalidFormat):
        parse_chat(prompt)


@pytest.mark.parametrize("prompt", ["tool:\nx", "tool:\ntool_call_id:id1\ncontent:zz", "tool:\nname:\nx\ncontent:\ny"])
def test_tool_message_needs_its_call(prompt: str) -> None:
    with pytest.raises(ChatAPIToolRoleInvalidFormat):
        parse_chat(prompt)


def test_tool_calls_with_lists_inside_are_read_whole() -> None:
    calls = [{"id": "1", "function": {"arguments": '{"a": [1, 2]}'}}]

    assert parse_chat(f"assistant:\ntool_calls:\n{calls!r}\nmore ]") == [{"role": "assistant", "tool_calls": calls}]


def test_image_on_its_own_line_becomes_a_part() -> None:
    messages = parse_chat("user:\nLook:\n![image](abc)\nWhat is it?", images={"abc": "data:image/png;base64,AA"})

    assert messages[0]["content"] == [
        {"type": "text", "text": "Look:"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "auto"}},
        {"type": "text", "text": "What is it?"},
    ]


def test_image_is_shown_where_its_text_stands_alone_on_a_line() -> None:
    picture = Image(b"GIF89a")
    template = with_image_lines("user:\nSee ![image]({{x}}) here")

    messages = parse_chat(str(render(template, {"x": picture})), images_in({"x": picture}), "low")

    assert messages[0]["content"] == [
        {"type": "text", "text": "See "},
        {"type": "image_url", "image_url": {"url": picture.to_base64(with_type=True), "detail": "low"}},
        {"type": "text", "text": " here"},
    ]


def test_images_are_found_at_any_depth_and_by_their_address() -> None:
    inner, outer = Image(b"a"), Image(b"b", "image/png", "https://example.com/b.png")

    found = images_in({"h": [{"x": [inner]}], "y": outer, "z": 1})

    assert found == {str(inner): inner.to_base64(with_type=True), str(outer): "https://example.com/b.png"}


def test_text_without_its_image_stays_text() -> None:
    assert parse_chat("user:\nImage(0badf00d)")[0]["content"] == "Image(0badf00d)"


RECORDED = [json.loads(line) for line in (Path(__file__).parent / "role_vectors.jsonl").read_text("utf-8").splitlines()]


def test_prompts_are_split_as_promptflow_splits_them() -> None:
    """500 generated prompts with the answers of `promptflow.tools.common.parse_chat`, release 1.18.5 (tools 1.6.1)."""
    wrong = [(prompt, answer) for prompt, answer in RECORDED if answer_to(prompt) != answer]

    assert wrong == []
    assert len(RECORDED) == 500


def answer_to(prompt: str) -> Any:
    try:
        return parse_chat(prompt)
    except ModelError as error:
        return type(error).__name__


def test_role_word_alone_is_no_message() -> None:
    # promptflow made a message without content of it, which every server refuses.
    with pytest.raises(ChatAPIInvalidRole):
        parse_chat("user")
