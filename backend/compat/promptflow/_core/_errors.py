"""`promptflow._core._errors`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.errors": "ErrorTarget SystemErrorException UserErrorException",
        "pfstudio.engine.errors": "FlowOutputUnserializable ToolCanceledError ToolExecutionError",
        "pfstudio.flow.errors": "InvalidSource ValidationException",
        "pfstudio.tools.errors": "InputTypeMismatch MissingRequiredInputs PackageToolNotFoundError ToolLoadError",
        "pfstudio.sdk.legacy.errors": (
            "DuplicateToolMappingError GenerateMetaSystemError GenerateMetaUserError NotSupported "
            "ProcessPoolError RunRecordNotFound UnexpectedError"
        ),
    },
)
