"""`promptflow._core.tool`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.decorator": "DynamicList GeneratedBy InputSetting ToolProvider tool",
        "pfstudio.sdk.legacy.constants": "ToolType",
    },
)
