"""What can go wrong while a flex flow or a prompty runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfstudio.errors import UserErrorException
from pfstudio.flow.errors import ValidationException

_SECRET_WORDS = ("key", "secret", "token", "password")


class ScriptExecutionError(UserErrorException):
    """The entry of a flow, or something it called, raised. `details` says what and where."""

    details: dict[str, Any] | None = None

    def __init__(self, function: str, cause: BaseException, details: dict[str, Any], **where: Any) -> None:
        super().__init__(
            message_format="Execution failure in '{func_name}': {error_type_and_message}",
            func_name=function,
            error_type_and_message=f"({type(cause).__name__}) {cause}",
            error=cause,
            **where,
        )
        self.details = details

    @property
    def additional_info(self) -> dict[str, Any] | None:
        if self.details is None:
            return None
        details = {name: self.details.get(name) for name in ("type", "message", "traceback")}
        return {"FlexFlowExecutionErrorDetails": details}


class FlowEntryInitializationError(UserErrorException):
    def __init__(self, init: Mapping[str, Any], cause: BaseException, **where: Any) -> None:
        super().__init__(
            message_format="Failed to initialize flow entry with '{init_kwargs}', ex:'{ex}.",
            init_kwargs=_without_secrets(init),
            ex=cause,
            error=cause,
            **where,
        )


class InvalidModelConfigValueType(ValidationException):
    def __init__(self, wanted: type, given: object) -> None:
        super().__init__(
            message_format="Model config value is not an instance of {model_config_cls}, got {value_type}",
            model_config_cls=wanted.__name__,
            value_type=type(given).__name__,
        )


class InvalidAggregationFunction(UserErrorException):
    def __init__(self, **where: Any) -> None:
        super().__init__("The __aggregate__ method should have only one parameter.", **where)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: "******" if item and _is_secret(key) else _without_secrets(item) for key, item in value.items()}
    return value


def _is_secret(key: object) -> bool:
    return any(word in str(key).lower() for word in _SECRET_WORDS) and "max_tokens" not in str(key)
