"""`promptflow.tracing`, answered by pfstudio."""

from pkgutil import extend_path

from pfstudio.kit.lazy_names import reexport

__path__ = extend_path(__path__, __name__)
__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tracing.decorator": "trace",
        "pfstudio.sdk.tracing": "start_trace",
        "pfstudio.sdk.legacy.concurrency": "ThreadPoolExecutorWithContext",
        "pfstudio.sdk.legacy.constants": "__version__=VERSION",
    },
)
