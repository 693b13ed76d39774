"""`promptflow.tools.open_model_llm`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.open_model_llm": "API OpenModelLLM",
    },
)
