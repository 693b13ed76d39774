"""`promptflow._core._errors`, answered by pfstudio."""

from promptflow._pfstudio import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.engine.errors": "ToolExecutionError",
        "pfstudio.tools.errors": "PackageToolNotFoundError ToolLoadError",
    },
)
