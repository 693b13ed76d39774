"""`promptflow.core._prompty_utils`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.chat_parts": (
            "build_messages convert_to_chat_list ChatInputList find_referenced_image_set "
            "list_deployment_connections parse_chat VALID_ROLES"
        ),
        "pfstudio.tools.model_functions": ("render_jinja_template render_jinja_template_content=render_jinja_template"),
        "pfstudio.models.parameters": (
            "validate_functions=check_functions validate_tools=check_tools "
            "validate_function_call=checked_function_call validate_tool_choice=checked_tool_choice"
        ),
        "pfstudio.models.chat": "preprocess_template_string=with_image_lines",
        "pfstudio.sdk.legacy.openai_clients": (
            "handle_openai_error handle_openai_error_async=handle_openai_error normalize_connection_config"
        ),
    },
)
