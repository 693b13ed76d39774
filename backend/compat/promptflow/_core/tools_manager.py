"""`promptflow._core.tools_manager`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.accepted": "register_apis register_builtins register_connections",
        "pfstudio.models.errors": "APINotFound",
        "pfstudio.flow.errors": "InvalidSource",
        "pfstudio.tools.errors": "MissingRequiredInputs PackageToolNotFoundError ToolLoadError",
        "pfstudio.sdk.legacy.errors": (
            "CustomPythonToolLoadError CustomToolError CustomToolSourceLoadError EmptyCodeInCustomTool "
            "MissingTargetFunction"
        ),
    },
)
