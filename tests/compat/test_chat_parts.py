"""What copies of promptflow's own model tools call: the answers are the original's."""

from __future__ import annotations

from types import SimpleNamespace as N
from typing import Any

import pytest
from promptflow.contracts.multimedia import Image
from promptflow.tools.common import (
    build_messages,
    convert_to_chat_list,
    find_referenced_image_set,
    parse_chat,
    post_process_chat_api_response,
    process_function_call,
    process_tool_choice,
    validate_functions,
    validate_tools,
)
from promptflow.tools.exception import ChatAPIInvalidFunctions, ChatAPIInvalidRole, FunctionCallNotSupportedInStreamMode

FUNCTION = {"name": "f", "parameters": {"type": "object", "properties": {}}}
PICTURE = Image(b"abc", "image/png")


def answer(**message: Any) -> Any:
    return N(choices=[N(message=N(**message, model_dump=lambda: message))])


def test_messages_are_built_with_images() -> None:
    messages = build_messages("system:\nhi {{a}}\nuser:\n{{im}}\n", images=[PICTURE], a="x", im=PICTURE)

    shown = {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj", "detail": "auto"}}
    assert messages == [{"role": "system", "content": "hi x"}, {"role": "user", "content": [shown]}]


def test_a_prompt_without_roles_is_refused() -> None:
    with pytest.raises(ChatAPIInvalidRole, match="hi x"):
        build_messages("hi {{a}}", a="x")


def test_a_model_may_have_roles_of_its_own() -> None:
    assert parse_chat("system:\nhi\nbad:\nx", None, ["system", "bad"]) == [
        {"role": "system", "content": "hi"},
        {"role": "bad", "content": "x"},
    ]


def test_images_are_found_at_any_depth() -> None:
    assert find_referenced_image_set({"a": PICTURE, "b": [PICTURE, {"c": PICTURE}], "d": "x"}) == {PICTURE}


def test_lists_show_line_by_line() -> None:
    assert str(convert_to_chat_list([1, [2]])) == "1\n2"
    assert convert_to_chat_list({"a": "b"}) == {"a": "b"}


def test_functions_and_choices_are_checked() -> None:
    validate_functions([FUNCTION])
    validate_tools([{"type": "function", "function": FUNCTION}])
    with pytest.raises(ChatAPIInvalidFunctions, match="does not have 'parameters' property"):
        validate_functions([{"name": "f"}])
    assert process_function_call(None) == process_tool_choice(None) == "auto"
    assert process_function_call({"name": "f"}) == {"name": "f"}


def test_answers_become_what_a_tool_returns() -> None:
    pieces = [N(choices=[]), N(choices=[N(delta=N(content="a"))]), N(choices=[N(delta=N(content=None))])]

    assert post_process_chat_api_response(answer(content="hey"), False) == "hey"
    assert post_process_chat_api_response(answer(content=None), False) is None
    assert post_process_chat_api_response(answer(content=None, role="r"), False, tools=[1]) == {
        "content": None,
        "role": "r",
    }
    assert list(post_process_chat_api_response(pieces, True)) == ["a", ""]
    with pytest.raises(FunctionCallNotSupportedInStreamMode):
        post_process_chat_api_response(pieces, True, [FUNCTION])
