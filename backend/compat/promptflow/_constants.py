"""`promptflow._constants`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.constants": (
            "CHAT_HISTORY CONNECTION_NAME_PROPERTY CONNECTION_SCRUBBED_VALUE CONNECTION_SCRUBBED_VALUE_NO_CHANGE "
            "CONNECTION_SECRET_KEYS ConnectionAuthMode ConnectionDefaultApiVersion ConnectionType "
            "DEFAULT_ENCODING DEFAULT_OUTPUT_NAME FLOW_DAG_YAML FLOW_FLEX_YAML FLOW_META_JSON FLOW_TOOLS_JSON "
            "FlowLanguage FlowType LANGUAGE_KEY LINE_NUMBER_KEY LINE_TIMEOUT_SEC MessageFormatType "
            "OUTPUT_FILE_NAME PF_LOGGING_LEVEL PF_USER_AGENT PROMPTFLOW_CONNECTIONS PROMPTY_EXTENSION "
            "PROMPT_FLOW_DIR_NAME TokenKeys USER_AGENT"
        ),
    },
)
