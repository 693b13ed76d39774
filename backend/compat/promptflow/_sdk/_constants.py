"""`promptflow._sdk._constants`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.constants": (
            "BULK_RUN_ERRORS CONNECTION_SCRUBBED_VALUE CONNECTION_SCRUBBED_VALUE_NO_CHANGE ConnectionAuthMode "
            "ConnectionFields ConnectionType DEFAULT_ENCODING DEFAULT_VARIANT DEFAULT_VAR_ID FLOW_META_JSON "
            "FLOW_TOOLS_JSON FlowRunProperties FlowType=FlowUse INPUTS LINE_NUMBER LOGGER_NAME Local2Cloud "
            "LocalStorageFilenames MAX_LIST_CLI_RESULTS MAX_RUN_LIST_RESULTS MAX_SHOW_DETAILS_RESULTS NODE NODES "
            "NODE_VARIANTS PROMPT_FLOW_DIR_NAME PROMPT_FLOW_HOME_DIR_ENV_VAR PROMPT_FLOW_RUNS_DIR_NAME RunStatus "
            "SCRUBBED_VALUE SCRUBBED_VALUE_NO_CHANGE SCRUBBED_VALUE_USER_INPUT USE_VARIANTS VARIANTS "
            "get_list_view_type"
        ),
        "pfstudio.sdk.operations.runs": "ListViewType",
    },
)
