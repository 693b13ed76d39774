"""The one error tree of pfstudio.

Every error a user can meet is one of these. A class writes its own sentence; its *kind* (`NotFoundError`,
`ConflictError`, …) alone decides the HTTP status (`server/errors.py`) and the exit code (`cli/main.py`).

The roots bear the names of promptflow 1.18, because users' code catches and subclasses them
(`promptflow.exceptions`); constructor keywords and properties follow `shared/spec/sdk.md` section 3.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from enum import Enum
from functools import wraps
from typing import Any, ClassVar, Final

_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake_case(name: str) -> str:
    """`RunAlreadyFinished` as `run_already_finished`; `APINotFound` as `api_not_found`."""
    return _WORD_BOUNDARY.sub("_", name).lower()


class ErrorTarget(str, Enum):
    """Which part of the system an error comes from; the values are those of promptflow 1.18."""

    EXECUTOR = "Executor"
    BATCH = "Batch"
    CORE = "Core"
    FLOW_EXECUTOR = "FlowExecutor"
    NODE_EXECUTOR = "NodeExecutor"
    TOOL = "Tool"
    AZURE_RUN_STORAGE = "AzureRunStorage"
    RUNTIME = "Runtime"
    UNKNOWN = "Unknown"
    RUN_TRACKER = "RunTracker"
    RUN_STORAGE = "RunStorage"
    CONTROL_PLANE_SDK = "ControlPlaneSDK"
    SERVING_APP = "ServingApp"
    FLOW_INVOKER = "FlowInvoker"
    FUNCTION_PATH = "FunctionPath"


class ErrorCategory(str, Enum):
    """Whose fault it is, in the words of promptflow 1.18."""

    USER_ERROR = "UserError"
    SYSTEM_ERROR = "SystemError"
    UNKNOWN = "Unknown"


# The names under which three classes stand in error records; all others stand under their own.
_CODES: Final = {
    "UserErrorException": "UserError",
    "SystemErrorException": "SystemError",
    "ValidationException": "ValidationError",
}


class _Lenient(string.Formatter):
    """Formats like `str.format`, but shows `<name>` where a value is missing instead of raising."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs[key] if isinstance(key, str) and key in kwargs else f"<{key}>"


def _also_as_promptflow(init: Callable[..., None]) -> Callable[..., None]:
    """A constructor that also takes the keywords every error of promptflow took: users' code raises our errors too."""

    @wraps(init)
    def either(self: PromptflowException, *args: Any, **kwargs: Any) -> None:
        if args or kwargs.keys().isdisjoint(("message", "message_format")):
            init(self, *args, **kwargs)
        else:
            PromptflowException.__init__(self, **kwargs)

    return either


def _takes_no_message(init: Any) -> bool:
    code = init.__code__
    named = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return "message" not in named and "message_format" not in named


class PromptflowException(Exception):  # noqa: N818 - the original's public name.
    """Root of all errors. `str(error)` is the sentence a user reads.

    `file` (relative to the flow folder where there is one) and `line` (1-based) say where, when known.
    `code` is the snake_case class name without its `Error`/`Exception` ending and never changes. `usual_target` stands
    where none is given. A class made with `kind=True` is ours alone and no part of `error_codes`.
    """

    code: ClassVar[str] = "error"
    original_name: ClassVar[str | None] = None
    """What promptflow raises here, where our class says more; messages name that."""
    usual_target: ClassVar[ErrorTarget] = ErrorTarget.UNKNOWN
    is_kind: ClassVar[bool] = False

    def __init_subclass__(cls, *, kind: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.is_kind = kind
        if "code" not in cls.__dict__:
            cls.code = snake_case(cls.__name__.removesuffix("Exception").removesuffix("Error") or cls.__name__)
        own = cls.__dict__.get("__init__")
        if own is not None and cls.__module__.startswith("pfstudio.") and _takes_no_message(own):
            type.__setattr__(cls, "__init__", _also_as_promptflow(own))

    def __init__(
        self,
        message: str = "",
        message_format: str = "",
        target: ErrorTarget | str | None = None,
        module: str | None = None,
        privacy_info: list[str] | None = None,
        *,
        error: BaseException | None = None,
        file: str | None = None,
        line: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._given_message = str(message)
        self._given_format = message_format
        self._parameters = kwargs
        self.target = self.usual_target if target is None else target
        self.module = module
        self.privacy_info = privacy_info
        self.file = file
        self.line = line
        self._inner = error
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message

    @property
    def message(self) -> str:
        if self._given_message:
            return self._given_message
        if self._given_format:
            return _Lenient().vformat(self._given_format, (), self._parameters)
        return type(self).__name__

    @property
    def message_format(self) -> str:
        return self._given_format

    @property
    def message_parameters(self) -> dict[str, Any]:
        """What the places of `message_format` are filled with; `<name>` where nothing was given."""
        names = {name for _, name, _, _ in string.Formatter().parse(self._given_format) if name}
        return {name: self._parameters.get(name, f"<{name}>") for name in sorted(names)}

    @property
    def serializable_message_parameters(self) -> dict[str, str]:
        """The same as text, for records."""
        return {name: str(value) for name, value in self.message_parameters.items()}

    @property
    def reference_code(self) -> str:
        target = self.target.value if isinstance(self.target, ErrorTarget) else str(self.target)
        return f"{target}/{self.module}" if self.module else target

    @property
    def inner_exception(self) -> BaseException | None:
        return self._inner or self.__cause__

    @property
    def additional_info(self) -> dict[str, Any] | None:
        """Extra facts for the error record, keyed by their type; classes that have some override this."""
        return None

    @property
    def error_codes(self) -> list[str]:
        """Class names from below the root to this class; none for the root itself."""
        outside = (PromptflowException, Exception, BaseException, object)
        chain = [cls for cls in type(self).__mro__ if cls not in outside and not cls.__dict__.get("is_kind")]
        return [_CODES.get(cls.__name__, cls.__name__) for cls in reversed(chain)]


def shown_name(error: BaseException) -> str:
    """The class name a message begins with, as promptflow would have named it."""
    return getattr(error, "original_name", None) or type(error).__name__


class UserErrorException(PromptflowException):
    """Something the user can mend: a flow, an input, a name, a right."""


class SystemErrorException(PromptflowException):
    """Something that should not happen, or that only the machine's owner can mend."""


class SDKError(UserErrorException):
    """Root of what promptflow's SDK raised. A class of ours is one of these and, by its second parent, of a kind."""

    usual_target = ErrorTarget.CONTROL_PLANE_SDK


class CoreError(UserErrorException):
    """Root of what promptflow's core package raised."""

    usual_target = ErrorTarget.CORE


class BadRequest(UserErrorException):
    """Root of what a flow that is called as a function, or over HTTP, refuses."""

    usual_target = ErrorTarget.SERVING_APP


class InvalidError(UserErrorException, kind=True):
    """What was given cannot be used (HTTP 400)."""


class UnauthenticatedError(UserErrorException, kind=True):
    """Nobody is signed in, or the credentials do not fit (HTTP 401)."""


class ForbiddenError(UserErrorException, kind=True):
    """Signed in, but without the right to do this (HTTP 403)."""


class NotFoundError(UserErrorException, kind=True):
    """No such thing, or none that the actor may see (HTTP 404)."""


class ConflictError(UserErrorException, kind=True):
    """It cannot be done in the state the thing is in now (HTTP 409)."""


class StaleError(UserErrorException, kind=True):
    """The caller's version is older than what is stored; nothing was written (HTTP 412)."""


class TooLargeError(UserErrorException, kind=True):
    """More bytes, entries or time than the limits allow (HTTP 413)."""


class StorageFullError(SystemErrorException, kind=True):
    """No room is left to write to (HTTP 507)."""


class RateLimitedError(UserErrorException, kind=True):
    """Too many tries; `retry_after` is in seconds (HTTP 429)."""

    retry_after: int = 1


class UnavailableError(SystemErrorException, kind=True):
    """A part that is needed is not there right now (HTTP 503)."""
