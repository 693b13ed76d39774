"""`promptflow.core`, answered by pfstudio."""

from pkgutil import extend_path

from pfstudio.kit.lazy_names import reexport

__path__ = extend_path(__path__, __name__)
__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.decorator": "ToolProvider tool",
        "pfstudio.tools.metrics": "log_metric",
        "pfstudio.tools.model_configuration": (
            "AzureOpenAIModelConfiguration ModelConfiguration OpenAIModelConfiguration"
        ),
        "pfstudio.sdk.flow_function": "AsyncFlow Flow",
        "pfstudio.sdk.prompty": "AsyncPrompty Prompty",
        "pfstudio.sdk.legacy.constants": "__version__=VERSION",
    },
)
