"""`promptflow.tools.aoai_gpt4v`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.model_tools": "AzureOpenAI",
    },
)
