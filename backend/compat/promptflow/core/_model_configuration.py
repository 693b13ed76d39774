"""`promptflow.core._model_configuration`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.model_configuration": (
            "AzureOpenAIModelConfiguration ModelConfiguration OpenAIModelConfiguration"
        ),
    },
)
