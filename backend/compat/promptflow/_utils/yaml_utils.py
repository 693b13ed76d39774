"""`promptflow._utils.yaml_utils`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.files": "dump_yaml load_yaml load_yaml_string",
        "pfstudio.sdk.legacy.errors": "YamlParseError",
    },
)
