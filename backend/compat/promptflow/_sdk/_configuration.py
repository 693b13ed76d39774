"""`promptflow._sdk._configuration`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.configuration": "InvalidConfigValue",
        "pfstudio.sdk.legacy.configuration": "Configuration",
    },
)
