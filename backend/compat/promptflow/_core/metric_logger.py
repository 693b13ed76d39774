"""`promptflow._core.metric_logger`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.metrics": "log_metric",
    },
)
