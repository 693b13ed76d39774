"""`promptflow._sdk._load_functions`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.flow_function": "load_flow",
        "pfstudio.sdk.runs.yaml_file": "load_run",
        "pfstudio.sdk.connection_files": "load_connection",
        "pfstudio.sdk.legacy.files": "load_yaml",
    },
)
