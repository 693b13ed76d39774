"""`promptflow.storage`, answered by pfstudio."""

from pkgutil import extend_path

from pfstudio.kit.lazy_names import reexport

__path__ = extend_path(__path__, __name__)
__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.storage": "AbstractRunStorage",
    },
)
