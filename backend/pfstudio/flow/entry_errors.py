"""What can be wrong with a flex flow or a prompty. Names and sentences are those users know from promptflow 1.18."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pfstudio.errors import CoreError, UserErrorException
from pfstudio.flow.errors import ValidationException


class InvalidFlexFlowEntry(ValidationException):
    """The `entry` does not name something to call."""

    @classmethod
    def not_valid(cls, entry: object, **where: Any) -> InvalidFlexFlowEntry:
        """The text is not `module:name`."""
        return cls(
            f"Entry function {entry} is not valid. It has the form 'module:function' or 'module:Class'.", **where
        )


class FlexFlowDefinitionError(ValidationException):
    """A part of a flex flow's YAML does not have the shape it needs."""


class GenerateFlowMetaJsonError(CoreError):
    """The entry of a flex flow cannot be loaded or its signature cannot be understood."""

    def __init__(self, problem: str, **where: Any) -> None:
        super().__init__(f"Generate meta failed, detail error:\n{[problem]}", **where)
        self.problem = problem


class SignatureMismatchError(UserErrorException):
    """The YAML declares other ports than the entry has."""

    @classmethod
    def of_ports(
        cls, kind: str, declared: Iterable[str], inferred: Iterable[str], **where: Any
    ) -> SignatureMismatchError:
        """The names differ."""
        return cls(
            f"Provided signature of {kind} does not match the entry.\n"
            f"Ports from signature: {', '.join(declared)}\n"
            f"Ports from entry: {', '.join(inferred)}\n",
            **where,
        )

    @classmethod
    def of_kind(cls, kind: str, **where: Any) -> SignatureMismatchError:
        """The entry has no such ports at all."""
        return cls(f"Provided signature for {kind}, which can't be overridden according to the entry.", **where)


class InvalidSampleError(CoreError):
    """The sample cannot be used as inputs."""


class MissingRequiredInputError(CoreError):
    def __init__(self, names: Iterable[str], **where: Any) -> None:
        super().__init__(f"Missing required inputs: {list(names)}", **where)


class InvalidOutputKeyError(CoreError):
    def __init__(self, key: str, keys: Iterable[str], **where: Any) -> None:
        super().__init__(f"Cannot find {key} in response {list(keys)}", **where)


class RequiredEnvironmentVariablesNotSetError(CoreError):
    def __init__(self, names: Iterable[str], connection: str) -> None:
        super().__init__(f"Required environment variables {list(names)} to build {connection} not set.")


class UnknownConnectionType(UserErrorException):
    def __init__(self, kind: object, **where: Any) -> None:
        super().__init__(
            f"Not Support connection type {kind} for embedding api. "
            "Connection type should be in [AzureOpenAI, OpenAI].",
            **where,
        )


class PromptyFormatError(UserErrorException):
    """The file is not a prompty."""

    @classmethod
    def no_front_matter(cls, file: str) -> PromptyFormatError:
        """The block of YAML between two lines of dashes is missing."""
        return cls(
            "Illegal formatting of prompty. The prompt file is in markdown format and can be divided into two parts, "
            "the first part is in YAML format and contains connection and model information. The second part is the "
            "prompt template.",
            file=file,
            line=1,
        )


class ReferenceFileNotFoundError(UserErrorException):
    def __init__(self, path: str, **where: Any) -> None:
        super().__init__(f"Cannot find the reference file {path}.", **where)
