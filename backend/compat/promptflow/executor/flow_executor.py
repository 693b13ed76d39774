"""`promptflow.executor.flow_executor`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.executor": "FlowExecutor execute_flow",
        "pfstudio.sdk.flow_result": "LineResult=FlowResult",
    },
)
