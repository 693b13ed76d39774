"""`promptflow._core.tool_meta_generator`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.flow.errors": (
            "BadFunctionInterface JinjaParsingError MultipleToolsDefined NoToolDefined PythonLoadError "
            "PythonParsingError ToolValidationError"
        ),
        "pfstudio.sdk.legacy.errors": "PythonLoaderNotFound ReservedVariableCannotBeUsed",
    },
)
