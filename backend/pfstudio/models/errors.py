"""What can go wrong between a prompt and a model's answer. Class names are those of promptflow 1.18."""

from __future__ import annotations

from typing import Any

from pfstudio.errors import CoreError, ErrorTarget, UserErrorException
from pfstudio.flow.errors import ToolValidationError, ValidationException

_ROLES = "','".join(f"{role}:\\n" for role in ("system", "user", "assistant", "function", "tool"))
_REFERENCE = "[Error reference: https://platform.openai.com/docs/guides/error-codes/api-errors]"


class ModelError(UserErrorException, kind=True):
    """An error in calling a model, or in what the call is made of."""

    def __init__(self, message: str = "", message_format: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("target", ErrorTarget.TOOL)
        super().__init__(message, message_format, **kwargs)


class JinjaTemplateError(ModelError, ToolValidationError, CoreError):
    """Rendering a prompt failed."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(
            message_format="Failed to render jinja template: {error_type}: {error_message}. "
            "Please modify your prompt to fix the issue.",
            error_type=type(cause).__name__,
            error_message=str(cause),
            error=cause,
        )


class ChatAPIInvalidRole(ModelError, ToolValidationError):  # noqa: N818 - the original's public name.
    """The rendered prompt does not begin with a role line. `text` is what stands there instead."""

    def __init__(self, text: str) -> None:
        super().__init__(
            message_format="The Chat API requires a specific format for prompt definition, and the prompt should "
            f"include separate lines as role delimiters: '{_ROLES}'. Current parsed role '{{role}}' does not meet the "
            "requirement. If you intend to use the Completion API, please select the appropriate API type and "
            "deployment name. Otherwise begin the prompt with a line such as 'system:' or 'user:'.",
            role=text,
        )


class ChatAPIFunctionRoleInvalidFormat(ModelError, ToolValidationError, CoreError):  # noqa: N818 - the original's public name.
    def __init__(self) -> None:
        super().__init__(
            "Failed to parse function role prompt. Please make sure the prompt follows the format: "
            "'name:\\nfunction_name\\ncontent:\\nfunction_content'. "
            "'name' is the function whose answer the content is."
        )


class ChatAPIToolRoleInvalidFormat(ModelError, ToolValidationError, CoreError):  # noqa: N818 - the original's public name.
    def __init__(self) -> None:
        super().__init__(
            "Failed to parse tool role prompt. Please make sure the prompt follows the format: "
            "'tool_call_id:\\ntool_call_id\\ncontent:\\ntool_content'. "
            "'tool_call_id' is the tool call that this message answers."
        )


class ChatAPIInvalidFunctions(ModelError, ToolValidationError):  # noqa: N818 - the original's public name.
    """`functions` or `function_call` are not of the shape the chat interface takes."""


class ChatAPIInvalidTools(ModelError, ToolValidationError):  # noqa: N818 - the original's public name.
    """`tools` or `tool_choice` are not of the shape the chat interface takes."""


class FunctionCallNotSupportedInStreamMode(ModelError, ToolValidationError):  # noqa: N818 - the original's public name.
    def __init__(self) -> None:
        super().__init__(
            "Function calling has not been supported by stream mode yet. Set `stream` of the node to false, "
            "or let another node use its output."
        )


class InvalidConnectionType(ModelError, ToolValidationError):  # noqa: N818 - the original's public name.
    def __init__(self, kind: str) -> None:
        super().__init__(f"Connection type {kind} is not supported for LLM.")


class APINotFound(ModelError, ValidationException):  # noqa: N818 - the original's public name.
    def __init__(self, provider: str, api: object) -> None:
        super().__init__(f"The API '{provider}.{api}' is not found. Known are chat and completion.")


class LLMError(ModelError):
    """The model's answer cannot be used, or the call failed in a way of its own."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(message_format="OpenAI API hits exception: {kind}: {text}", kind=kind, text=text)


class WrappedOpenAIError(ModelError):
    """The model server refused. `kind` is the class name OpenAI's own library gives to such an answer.

    Users' code that raises it itself gives that library's error instead of `kind` and `text`.
    """

    kind = "OpenAIError"
    status: int | None = None

    def __init__(self, kind: str | Exception, text: str = "", *, status: int | None = None) -> None:
        if isinstance(kind, Exception):
            kind, text = type(kind).__name__, f"{kind} {_REFERENCE}"
        super().__init__(message_format="OpenAI API hits {kind}: {text}", kind=kind, text=text)
        self.kind = kind
        self.status = status

    @property
    def error_codes(self) -> list[str]:
        return ["UserError", "OpenAIError", self.kind]


class ExceedMaxRetryTimes(WrappedOpenAIError):  # noqa: N818 - the original's public name.
    """The server went on refusing until tries or time ran out."""

    @property
    def message(self) -> str:
        return "Exceed max retry times. " + super().message
