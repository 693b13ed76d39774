"""The import names of Microsoft prompt flow, answered by pfstudio."""

from pkgutil import extend_path

from promptflow._pfstudio import reexport

__path__ = extend_path(__path__, __name__)
__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.decorator": "tool ToolProvider",
        "pfstudio.tools.metrics": "log_metric",
        "pfstudio.sdk.client": "PFClient",
        "pfstudio.sdk.flow_function": "load_flow",
    },
)
