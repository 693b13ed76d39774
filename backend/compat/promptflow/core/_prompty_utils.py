"""`promptflow.core._prompty_utils`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.model_functions": "parse_chat render_jinja_template",
        "pfstudio.sdk.legacy.openai_clients": "handle_openai_error normalize_connection_config",
    },
)
