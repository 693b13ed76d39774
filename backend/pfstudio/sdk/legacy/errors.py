"""Errors of promptflow that nothing here raises: for `except` clauses, and for code that raises them itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfstudio.errors import BadRequest, ErrorTarget, SDKError, SystemErrorException, UserErrorException
from pfstudio.flow.errors import JinjaParsingError, ToolValidationError, ValidationException


class BulkRunException(SDKError):  # noqa: N818 - the original's public name.
    def __init__(
        self, *, message: str = "", failed_lines: int, total_lines: int, errors: Mapping[str, Any], **kwargs: Any
    ) -> None:
        kwargs.setdefault("target", ErrorTarget.RUNTIME)
        text = f"Failed to run {failed_lines}/{total_lines} lines. First error message is: {message}"
        super().__init__(text, **kwargs)
        self.failed_lines = failed_lines
        self.total_lines = total_lines
        self.errors = errors

    @property
    def additional_info(self) -> dict[str, Any]:
        return {"BulkRunErrors": self.errors}


class StoreConnectionEncryptionKeyError(SDKError):
    pass


class FlowOperationError(SDKError):
    pass


class GenerateFlowToolsJsonError(SDKError):
    pass


class ConnectionClassNotFoundError(SDKError):
    pass


class UnsecureConnectionError(SDKError):
    pass


class MissingAzurePackage(SDKError):  # noqa: N818 - the original's public name.
    pass


class PromptFlowServiceInvocationError(SDKError):
    pass


class LineRunNotFoundError(SDKError):
    pass


class UserAuthenticationError(SDKError):
    pass


class UnexpectedAttributeError(SDKError):
    pass


class UploadUserError(SDKError):
    pass


class SDKInternalError(SystemErrorException):
    pass


class ArtifactInternalError(SDKInternalError):
    pass


class MetricInternalError(SDKInternalError):
    pass


class RunHistoryInternalError(SDKInternalError):
    pass


class CoreInternalError(SystemErrorException):
    pass


class BuildConnectionError(SystemErrorException):
    pass


class MissingRequiredPackage(UserErrorException):
    pass


class AccessDeniedError(UserErrorException):
    pass


class UnsupportedConnectionAuthType(UserErrorException):
    pass


class OpenURLFailed(SystemErrorException):
    pass


class OpenURLFailedUserError(UserErrorException):
    pass


class OpenURLNotFoundError(UserErrorException):
    pass


class MalformedConnectionProviderConfig(UserErrorException):
    pass


class UnsupportedConnectionProviderConfig(UserErrorException):
    pass


class ListDeploymentsError(UserErrorException):
    pass


class ParseConnectionError(ListDeploymentsError):
    pass


class UnexpectedError(SystemErrorException):
    pass


class ProcessPoolError(SystemErrorException):
    pass


class RunRecordNotFound(SystemErrorException):
    pass


class NotSupported(UserErrorException):
    pass


class GenerateMetaUserError(UserErrorException):
    pass


class GenerateMetaSystemError(SystemErrorException):
    pass


class DuplicateToolMappingError(ValidationException):
    pass


class InputNotFoundFromAncestorNodeOutput(SystemErrorException):
    pass


class NodeOutputNotFound(UserErrorException):
    pass


class EmptyLLMApiMapping(UserErrorException):
    pass


class InvalidBulkTestRequest(ValidationException):
    pass


class ValueTypeUnresolved(ValidationException):
    pass


class AggregationNodeExecutionTimeoutError(UserErrorException):
    pass


class ThreadCrashError(SystemErrorException):
    pass


class ProcessInfoObtainedTimeout(SystemErrorException):
    pass


class ProcessTerminatedTimeout(SystemErrorException):
    pass


class SpawnedForkProcessManagerStartFailure(SystemErrorException):
    pass


class ReservedVariableCannotBeUsed(JinjaParsingError):  # noqa: N818 - the original's public name.
    pass


class PythonLoaderNotFound(ToolValidationError):  # noqa: N818 - the original's public name.
    pass


class CustomToolError(UserErrorException):
    pass


class EmptyCodeInCustomTool(CustomToolError):  # noqa: N818 - the original's public name.
    pass


class MissingTargetFunction(CustomToolError):  # noqa: N818 - the original's public name.
    pass


class CustomPythonToolLoadError(CustomToolError):
    pass


class CustomToolSourceLoadError(SystemErrorException):
    pass


class RetrieveToolFuncResultError(UserErrorException):
    pass


class RetrieveToolFuncResultValidationError(RetrieveToolFuncResultError):
    pass


class FunctionPathValidationError(RetrieveToolFuncResultError):
    pass


class ListFunctionResponseError(RetrieveToolFuncResultError):
    pass


class YamlParseError(SystemErrorException):
    pass


class InvalidFlowInitConfig(BadRequest):
    pass


class JsonPayloadRequiredForMultipleInputFields(BadRequest):
    pass


class NotAcceptable(UserErrorException):
    pass


class MultipleStreamOutputFieldsNotSupported(UserErrorException):
    pass


class AsyncGeneratorOutputNotSupported(UserErrorException):
    pass


class FlowConnectionError(UserErrorException):
    pass


class InvalidConnectionData(FlowConnectionError):  # noqa: N818 - the original's public name.
    pass


class MissingConnectionProvider(FlowConnectionError):  # noqa: N818 - the original's public name.
    pass


class UnexpectedConnectionProviderReturn(FlowConnectionError):  # noqa: N818 - the original's public name.
    pass


class UnsupportedConnectionProvider(FlowConnectionError):  # noqa: N818 - the original's public name.
    pass
