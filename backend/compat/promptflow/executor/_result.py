"""`promptflow.executor._result`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.flow_result": "LineResult=FlowResult",
        "pfstudio.engine.results": "AggregationResult",
    },
)
