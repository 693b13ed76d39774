"""`promptflow._utils.yaml_utils`, answered by pfstudio."""

from promptflow._pfstudio import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy": "load_yaml",
    },
)
