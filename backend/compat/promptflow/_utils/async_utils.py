"""`promptflow._utils.async_utils`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.concurrency": "ThreadPoolExecutorWithContext async_run_allowing_running_loop",
    },
)
