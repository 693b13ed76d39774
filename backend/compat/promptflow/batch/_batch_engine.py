"""`promptflow.batch._batch_engine`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.batch_engine": "BatchEngine",
    },
)
