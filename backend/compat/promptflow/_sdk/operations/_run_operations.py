"""`promptflow._sdk.operations._run_operations`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.operations.runs": "RunOperations",
    },
)
