"""`promptflow._internal`, answered by pfstudio."""

from pkgutil import extend_path

from pfstudio.kit.lazy_names import reexport

__path__ = extend_path(__path__, __name__)
__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.decorator": "ToolProvider is_tool tool",
        "pfstudio.sdk.legacy.accepted": (
            "enable_cache inject_openai_api register_apis register_builtins register_connections "
            "setup_user_agent_to_operation_context"
        ),
        "pfstudio.sdk.legacy.values": "AttrDict ConnectionManager transpose",
        "pfstudio.sdk.legacy.storage": "DefaultRunStorage",
        "pfstudio.tools.metrics": "add_metric_logger",
        "pfstudio.sdk.legacy.error_records": "ErrorResponse ExceptionPresenter",
        "pfstudio.sdk.legacy.loggers": "DATETIME_FORMAT LOG_FORMAT bulk_logger flow_logger get_logger logger",
        "pfstudio.sdk.legacy.constants": "PROMPTFLOW_CONNECTIONS VERSION",
        "pfstudio.sdk.tracing": "OperationContext",
        "pfstudio.sdk.legacy.files": "camel_to_snake load_json",
        "pfstudio.sdk.legacy.concurrency": "_change_working_dir=change_working_dir inject_sys_path",
        "pfstudio.engine.errors": "InputNotFound ToolExecutionError",
        "pfstudio.flow.errors": "JinjaParsingError MultipleToolsDefined NoToolDefined PythonParsingError",
        "pfstudio.tools.errors": "PackageToolNotFoundError",
        "pfstudio.sdk.legacy.errors": (
            "CustomPythonToolLoadError EmptyCodeInCustomTool GenerateMetaUserError MissingTargetFunction "
            "OpenURLNotFoundError ReservedVariableCannotBeUsed RunRecordNotFound"
        ),
    },
)
