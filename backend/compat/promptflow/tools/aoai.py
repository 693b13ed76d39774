"""`promptflow.tools.aoai`, answered by pfstudio."""

from promptflow._pfstudio import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.model_functions": "AzureOpenAI chat completion",
    },
)
