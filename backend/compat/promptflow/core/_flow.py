"""`promptflow.core._flow`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.flow_function": "AsyncFlow Flow FlowBase=FlowFunction",
        "pfstudio.sdk.prompty": "AsyncPrompty Prompty",
    },
)
