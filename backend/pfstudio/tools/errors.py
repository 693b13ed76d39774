"""What can go wrong with a tool, apart from what `flow` finds without running it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pfstudio.errors import ErrorTarget, UserErrorException
from pfstudio.flow.errors import InvalidFlowRequest, ValidationException


class NodeInputValidationError(InvalidFlowRequest):
    """A value written at a node does not fit the tool."""

    @classmethod
    def not_of_type(cls, name: str, node: str, value: object, type_name: str, **where: Any) -> NodeInputValidationError:
        """The literal cannot become one of the declared type."""
        return cls(f"Input '{name}' for node '{node}' of value '{value}' is not type {type_name}.", **where)

    @classmethod
    def wrong_connection(
        cls, name: str, node: str, given: str, valid: Iterable[str], **where: Any
    ) -> NodeInputValidationError:
        """The connection is of another class than the tool takes."""
        message = f"Input '{name}' for node '{node}' of type '{given}' is not supported, valid types {list(valid)}."
        return cls(message, **where)

    @classmethod
    def clashing_names(cls, node: str, names: Iterable[str], **where: Any) -> NodeInputValidationError:
        """Variables of a template have names that the tool itself uses."""
        listed = "{" + ", ".join(repr(name) for name in sorted(names)) + "}"
        return cls(
            f"Invalid inputs {listed} in prompt template of node {node}. These inputs are duplicated with the inputs "
            "of custom llm tool.",
            **where,
        )

    @classmethod
    def clashing_parameters(cls, node: str, names: Iterable[str], tool: str, **where: Any) -> NodeInputValidationError:
        """Variables of an llm node's template have names of parameters of the call."""
        listed = "{" + ", ".join(repr(name) for name in sorted(names)) + "}"
        return cls(
            f"Invalid inputs {listed} in prompt template of node {node}. These inputs are duplicated with the "
            f"parameters of {tool}.",
            **where,
        )


class InvalidRequest(ValidationException):
    """What was asked for cannot be had."""


class GetConnectionError(InvalidRequest):
    def __init__(self, connection: str, node: str, cause: BaseException, **where: Any) -> None:
        super().__init__(f"Get connection '{connection}' for node '{node}' error: {cause}", error=cause, **where)


class PackageToolNotFoundError(ValidationException):
    def __init__(self, tool: str, available: Iterable[str], **where: Any) -> None:
        super().__init__(
            f"Package tool '{tool}' is not found in the current environment. "
            f"All available package tools are: {sorted(available)}.",
            target=ErrorTarget.EXECUTOR,
            **where,
        )


class InvalidCustomLLMTool(ValidationException):
    def __init__(self, tool: str, function: str, **where: Any) -> None:
        super().__init__(
            f"Invalid Custom LLM tool {tool}: function {function} is missing a prompt template argument.", **where
        )


class InputTypeMismatch(ValidationException):
    def __init__(self, tool: str, name: str, reference: str, **where: Any) -> None:
        shown = reference.replace("${inputs.", "${flow.")
        super().__init__(
            f"Invalid input for '{tool}': Initialization input '{name}' requires a literal value, "
            f"but {shown} was received.",
            **where,
        )


class MissingRequiredInputs(ValidationException):
    def __init__(self, tool: str, names: Iterable[str], **where: Any) -> None:
        super().__init__(f"Required inputs {list(names)} are not provided for tool '{tool}'.", **where)


class ToolLoadError(UserErrorException):
    def __init__(self, tool: str, cause: BaseException, **where: Any) -> None:
        super().__init__(
            f"Failed to load package tool '{tool}': ({type(cause).__name__}) {cause}", error=cause, **where
        )


class FailedToImportModule(UserErrorException):
    def __init__(self, module: str, cause: BaseException, *, node: str | None = None, **where: Any) -> None:
        """`node` is the llm node that names the module as its provider."""
        said = (
            f"Module '{module}' ({type(cause).__name__}) {cause}"
            if node is None
            else f"Import node '{node}' provider module '{module}' failed. Root cause: {cause!r}."
        )
        super().__init__(f"Failed to import modules with error: {said}", error=cause, **where)


class InvalidImageInput(ValidationException):
    """What stands for an image is none, or cannot be fetched."""


class LoadMultimediaDataError(UserErrorException):
    def __init__(self, name: str, cause: BaseException, **where: Any) -> None:
        super().__init__(
            message_format="Failed to load image for input '{key}': {error_type_and_message}",
            key=name,
            error_type_and_message=f"({type(cause).__name__}) {cause}",
            target=ErrorTarget.EXECUTOR,
            error=cause,
            **where,
        )
