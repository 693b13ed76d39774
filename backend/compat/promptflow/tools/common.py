"""`promptflow.tools.common`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.chat_parts": (
            "build_messages convert_to_chat_list ChatInputList find_referenced_image_set "
            "list_deployment_connections parse_chat post_process_chat_api_response VALID_ROLES"
        ),
        "pfstudio.tools.model_functions": "render_jinja_template",
        "pfstudio.sdk.legacy.openai_clients": (
            "handle_openai_error init_azure_openai_client init_openai_client normalize_connection_config to_bool"
        ),
        "pfstudio.models.parameters": (
            "validate_functions=check_functions validate_tools=check_tools "
            "process_function_call=checked_function_call process_tool_choice=checked_tool_choice"
        ),
        "pfstudio.models.chat": "preprocess_template_string=with_image_lines",
        "pfstudio.models.errors": (
            "ChatAPIFunctionRoleInvalidFormat ChatAPIInvalidFunctions ChatAPIInvalidRole "
            "ChatAPIInvalidTools ChatAPIToolRoleInvalidFormat FunctionCallNotSupportedInStreamMode "
            "InvalidConnectionType JinjaTemplateError LLMError WrappedOpenAIError ExceedMaxRetryTimes"
        ),
        "pfstudio.connections.types": "AzureOpenAIConnection OpenAIConnection",
        "pfstudio.tools.value_types": "PromptTemplate",
    },
)
