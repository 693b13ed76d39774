"""`promptflow.contracts.tool`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.value_type": "ValueType",
        "pfstudio.sdk.legacy.constants": "ToolType",
        "pfstudio.sdk.legacy.flow_contracts": "ConnectionType",
        "pfstudio.tools.value_types": "AssistantDefinition FilePath PromptTemplate Secret",
        "pfstudio.tools.media": "Image",
    },
)
