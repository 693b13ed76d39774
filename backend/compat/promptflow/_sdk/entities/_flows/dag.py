"""`promptflow._sdk.entities._flows.dag`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.flow_function": "Flow=FlowFunction",
    },
)
