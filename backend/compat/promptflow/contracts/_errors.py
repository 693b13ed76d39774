"""`promptflow.contracts._errors`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.errors": "FailedToImportModule",
        "pfstudio.flow.errors": "FlowDefinitionError",
    },
)
