"""`promptflow.core._errors`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.errors": "CoreError ErrorTarget SystemErrorException UserErrorException",
        "pfstudio.flow.entry_errors": (
            "GenerateFlowMetaJsonError InvalidOutputKeyError InvalidSampleError MissingRequiredInputError "
            "RequiredEnvironmentVariablesNotSetError UnknownConnectionType"
        ),
        "pfstudio.connections.types": ("ConnectionNotFound=ConnectionNotFoundError InvalidConnectionError"),
        "pfstudio.engine.prompty_call": "ChatAPIInvalidRoleError",
        "pfstudio.flow.errors": "ToolValidationError",
        "pfstudio.models.errors": (
            "ChatAPIFunctionRoleInvalidFormat "
            "ChatAPIFunctionRoleInvalidFormatError=ChatAPIFunctionRoleInvalidFormat ChatAPIInvalidFunctions "
            "ChatAPIInvalidTools ChatAPIToolRoleInvalidFormat ExceedMaxRetryTimes JinjaTemplateError LLMError "
            "WrappedOpenAIError"
        ),
        "pfstudio.sdk.legacy.errors": (
            "AccessDeniedError BuildConnectionError CoreInternalError ListDeploymentsError "
            "MalformedConnectionProviderConfig MissingRequiredPackage OpenURLFailed OpenURLFailedUserError "
            "OpenURLNotFoundError ParseConnectionError UnsupportedConnectionAuthType "
            "UnsupportedConnectionProviderConfig UserAuthenticationError"
        ),
    },
)
