"""What can go wrong while a flow runs. Class names and sentences are those users know from promptflow 1.18."""

from __future__ import annotations

from typing import Any

from pfstudio.errors import ErrorTarget, PromptflowException, SystemErrorException, UserErrorException
from pfstudio.flow.errors import InvalidFlowRequest, JinjaParsingError, NodeReferenceError, ValidationException

_INPUT = "The input for flow is incorrect. "


def text_of(error: BaseException) -> str:
    """The text of an exception, also where its own code for that fails."""
    try:
        return str(error)
    except Exception as failure:
        return f"<no text, because its own code raises {type(failure).__name__}>"


class ResolveToolError(PromptflowException):
    """A node cannot be made ready. Its codes and facts are those of what went wrong inside."""

    def __init__(self, node: str, cause: Exception, **where: Any) -> None:
        said = str(cause) if isinstance(cause, JinjaParsingError) else f"({type(cause).__name__}) {cause}"
        super().__init__(
            f"Tool load failed in '{node}': {said}",
            "Tool load failed in '{node_name}'.",
            node_name=node,
            target=ErrorTarget.EXECUTOR,
            error=cause,
            **where,
        )
        self.node = node

    @property
    def error_codes(self) -> list[str]:
        inner = self.inner_exception
        if isinstance(inner, PromptflowException):
            return inner.error_codes
        return ["SystemError", type(inner).__name__]

    @property
    def additional_info(self) -> dict[str, Any] | None:
        inner = self.inner_exception
        return inner.additional_info if isinstance(inner, PromptflowException) else None


class ToolExecutionError(UserErrorException):
    """The user's code, or a library it called, raised. `details` says what and where.

    Users' code that raises it itself gives `node_name`, and `module` where it likes.
    """

    node = ""
    details: dict[str, Any] | None = None

    def __init__(
        self,
        node: str = "",
        cause: BaseException | None = None,
        details: dict[str, Any] | None = None,
        *,
        node_name: str = "",
        module: str | None = "__pf_main__",
        **where: Any,
    ) -> None:
        self.node = node or node_name
        self.details = details
        super().__init__(
            message_format="Execution failure in '{node_name}'.",
            node_name=self.node,
            target=ErrorTarget.TOOL,
            module=module,
            error=cause,
            **where,
        )

    @property
    def message(self) -> str:
        cause = self.inner_exception  # Known only later, where it is raised `from` its cause.
        reason = "." if cause is None else f": ({type(cause).__name__}) {text_of(cause)}"
        return f"Execution failure in '{self.node}'{reason}"

    @property
    def additional_info(self) -> dict[str, Any] | None:
        return None if self.details is None else {"ToolExecutionErrorDetails": self.details}


class ToolCanceledError(UserErrorException):
    def __init__(self, reason: str) -> None:
        super().__init__(f"Tool execution is canceled because: {reason}.", target=ErrorTarget.EXECUTOR)


class LineExecutionTimeoutError(UserErrorException):
    def __init__(self, index: int | None, seconds: float) -> None:
        super().__init__(
            f"Line {index or 0} execution timeout for exceeding {seconds:g} seconds", target=ErrorTarget.EXECUTOR
        )


class LineCanceledError(UserErrorException):
    def __init__(self) -> None:
        super().__init__("Received cancel request", target=ErrorTarget.EXECUTOR)


class InputNotFound(InvalidFlowRequest):
    def __init__(self, name: str, index: int | None, **where: Any) -> None:
        super().__init__(
            message_format=_INPUT
            + "The value for flow input '{input_name}' is not provided {line_info}. Please review your input data "
            "or remove this input in your flow if it's no longer needed.",
            input_name=name,
            line_info=f"in {_line(index)}",
            **where,
        )


class InputTypeError(InvalidFlowRequest):
    def __init__(self, name: str, index: int | None, expected: str, **where: Any) -> None:
        super().__init__(
            message_format=_INPUT
            + "The value for flow input {flow_input_info} does not match the expected type '{expected_type}'. "
            "Please change flow input type or adjust the input value in your input data.",
            flow_input_info=_input_in_line(name, index),
            expected_type=expected,
            **where,
        )


class InputParseError(InvalidFlowRequest):
    def __init__(
        self, name: str, index: int | None, expected: str, *, value: object, cause: BaseException, **where: Any
    ) -> None:
        super().__init__(
            message_format="Failed to parse the flow input. The value for flow input {flow_input_info} was "
            "interpreted as JSON string since its type is '{value_type}'. However, the value '{input_value}' is "
            "invalid for JSON parsing. Error details: {error_type_and_message}. Please make sure your inputs are "
            "properly formatted.",
            flow_input_info=_input_in_line(name, index),
            value_type=expected,
            input_value=value,
            error_type_and_message=f"({type(cause).__name__}) {cause}",
            error=cause,
            **where,
        )


class FlowOutputUnserializable(UserErrorException):
    def __init__(self, output: str, cause: BaseException, **where: Any) -> None:
        super().__init__(
            message_format="The output '{output_name}' for flow is incorrect. The output value is not JSON "
            "serializable. JSON dump failed: {error_type_and_message}. Please verify your flow output and make sure "
            "the value serializable.",
            output_name=output,
            error_type_and_message=f"({type(cause).__name__}) {cause}",
            target=ErrorTarget.FLOW_EXECUTOR,
            error=cause,
            **where,
        )


class OutputReferenceNotExist(NodeReferenceError):  # noqa: N818 - the original's public name.
    """A flow output names something that did not run."""


class SingleNodeValidationError(UserErrorException):
    """A node that is run on its own lacks something."""


class NoNodeExecutedError(SystemErrorException):
    """Nodes are left, but none can start."""


class InvalidAggregationInput(SystemErrorException):
    """The lists for aggregation nodes do not fit each other."""


class UnknownConnectionKeyError(ValidationException):
    def __init__(self, variable: str, connection: str, key: str) -> None:
        super().__init__(
            f"The environment variable '{variable}' asks for '{key}', which the connection '{connection}' lacks."
        )


def _line(index: int | None) -> str:
    return "input data" if index is None else f"line {index} of input data"


def _input_in_line(name: str, index: int | None) -> str:
    return f"'{name}'" if index is None else f"'{name}' in line {index} of input data"
