"""`promptflow._sdk._errors`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.errors": "ErrorTarget SDKError SystemErrorException UserErrorException",
        "pfstudio.flow.errors": "InvalidFlowError",
        "pfstudio.flow.entry_errors": "GenerateFlowMetaJsonError",
        "pfstudio.connections.types": "ConnectionNameNotSetError ConnectionNotFoundError",
        "pfstudio.connections.vault": "DecryptConnectionError",
        "pfstudio.sdk.runs.errors": (
            "InvalidRunError InvalidRunStatusError RunExistsError RunNotFoundError RunOperationError "
            "RunOperationParameterError"
        ),
        "pfstudio.sdk.legacy.constants": "BULK_RUN_ERRORS",
        "pfstudio.sdk.legacy.errors": (
            "ArtifactInternalError BulkRunException ConnectionClassNotFoundError FlowOperationError "
            "GenerateFlowToolsJsonError LineRunNotFoundError MetricInternalError MissingAzurePackage "
            "PromptFlowServiceInvocationError RunHistoryInternalError SDKInternalError "
            "StoreConnectionEncryptionKeyError UnexpectedAttributeError UnsecureConnectionError UploadUserError "
            "UserAuthenticationError"
        ),
    },
)
