"""`promptflow.integrations.langchain`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tracing.langchain": "PromptFlowCallbackHandler",
    },
)
