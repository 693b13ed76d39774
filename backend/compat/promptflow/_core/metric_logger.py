"""`promptflow._core.metric_logger`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.metrics": "add_metric_logger log_metric remove_metric_logger",
    },
)
