"""`promptflow.tools.exception`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.models.errors": (
            "ChatAPIFunctionRoleInvalidFormat ChatAPIInvalidFunctions ChatAPIInvalidRole ChatAPIInvalidTools "
            "ChatAPIToolRoleInvalidFormat ExceedMaxRetryTimes FunctionCallNotSupportedInStreamMode "
            "InvalidConnectionType JinjaTemplateError LLMError WrappedOpenAIError"
        ),
        "pfstudio.flow.errors": "ToolValidationError",
        "pfstudio.errors": "ErrorTarget SystemErrorException UserErrorException",
        "pfstudio.tools.content_safety": "AzureContentSafetyInputValueError AzureContentSafetySystemError",
        "pfstudio.tools.serpapi": "SerpAPISystemError SerpAPIUserError",
        "pfstudio.tools.open_model_llm": (
            "OpenModelLLMKeyValidationError OpenModelLLMOnlineEndpointError OpenModelLLMUserError"
        ),
        "pfstudio.sdk.legacy.errors": "ListDeploymentsError ParseConnectionError",
    },
)
