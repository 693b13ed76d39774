"""`promptflow.contracts.flow`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.flow_contracts": (
            "ActivateCondition Flow FlowInputDefinition FlowOutputDefinition InputAssignment "
            "InputValueType Node ToolSource ToolSourceType"
        ),
    },
)
