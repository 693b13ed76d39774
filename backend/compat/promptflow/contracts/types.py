"""`promptflow.contracts.types`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.value_types": "AssistantDefinition FilePath PromptTemplate Secret",
    },
)
