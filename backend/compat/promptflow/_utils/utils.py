"""`promptflow._utils.utils`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.files": "camel_to_snake dump_list_to_jsonl load_json load_list_from_jsonl",
        "pfstudio.sdk.legacy.values": (
            "AttrDict get_int_env_var in_jupyter_notebook is_in_ci_pipeline is_json_serializable "
            "resolve_dir_to_absolute transpose"
        ),
    },
)
