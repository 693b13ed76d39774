"""`promptflow.storage._run_storage`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.storage": "AbstractRunStorage DefaultRunStorage DummyRunStorage",
    },
)
