"""`promptflow._utils.logger_utils`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.loggers": (
            "DATETIME_FORMAT LOG_FORMAT LoggerFactory bulk_logger flow_logger get_cli_sdk_logger get_logger "
            "logger service_logger"
        ),
    },
)
