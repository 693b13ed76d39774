"""Users' code raises errors by the names and keywords of promptflow."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from promptflow._core._errors import ToolExecutionError
from promptflow.core._errors import WrappedOpenAIError
from promptflow.exceptions import PromptflowException

from compat.records import records

# These had a constructor of their own; they are below.
OWN = {"BulkRunException", "ExceedMaxRetryTimes", "ToolExecutionError", "WrappedOpenAIError"}


def classes() -> Iterator[Any]:
    for module, names in records()["exceptions"].items():
        imported = importlib.import_module(f"promptflow.{module}")
        for name in sorted(set(names) & set(imported.__all__) - OWN):
            yield getattr(imported, name)


@pytest.mark.parametrize("error", list(classes()), ids=lambda cls: cls.__name__)
def test_every_error_can_be_raised_with_a_message(error: type[PromptflowException]) -> None:
    made = error(message="No bread.", target="Tool")
    formatted = error(message_format="No {what}.", what="bread")

    assert str(made) == str(formatted) == "No bread."
    assert made.target == "Tool"
    assert made.additional_info is None


def test_a_subclass_may_pass_a_message_on() -> None:
    from promptflow.tools.exception import LLMError

    class MineError(LLMError):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)

    with pytest.raises(LLMError, match=r"^No bread\.$"):
        raise MineError(message="No bread.")


def test_a_tool_failure_names_its_cause() -> None:
    with pytest.raises(ToolExecutionError) as caught:
        raise ToolExecutionError(node_name="cut", module="knife") from ValueError("blunt")

    assert str(ToolExecutionError(node_name="cut")) == "Execution failure in 'cut'."
    assert str(caught.value) == "Execution failure in 'cut': (ValueError) blunt"
    assert caught.value.reference_code == "Tool/knife"


def test_a_refusal_of_openais_library_is_wrapped() -> None:
    class RateLimitError(Exception):
        pass

    error = WrappedOpenAIError(RateLimitError("slower"))

    assert str(error).startswith("OpenAI API hits RateLimitError: slower")
    assert error.error_codes == ["UserError", "OpenAIError", "RateLimitError"]
