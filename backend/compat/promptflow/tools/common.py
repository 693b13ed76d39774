"""`promptflow.tools.common`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.model_functions": "parse_chat render_jinja_template",
        "pfstudio.sdk.legacy.openai_clients": (
            "handle_openai_error init_azure_openai_client init_openai_client normalize_connection_config to_bool"
        ),
        "pfstudio.models.chat": "preprocess_template_string=with_image_lines",
        "pfstudio.connections.types": "AzureOpenAIConnection OpenAIConnection",
        "pfstudio.tools.value_types": "PromptTemplate",
    },
)
