"""`promptflow._utils.load_data`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.values": "load_data",
    },
)
