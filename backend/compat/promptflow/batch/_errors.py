"""`promptflow.batch._errors`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.engine.batch.errors": "EmptyInputsData InputMappingError",
        "pfstudio.sandbox.batch_errors": "BatchRunTimeoutError",
    },
)
