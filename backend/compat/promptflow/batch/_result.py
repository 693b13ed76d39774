"""`promptflow.batch._result`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.batch_engine": "BatchResult ErrorSummary LineError SystemMetrics",
    },
)
