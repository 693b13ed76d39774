"""`promptflow.entities`, answered by pfstudio."""

from pkgutil import extend_path

from promptflow._pfstudio import CONNECTIONS, reexport

__path__ = extend_path(__path__, __name__)
__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.connections.types": CONNECTIONS,
        "pfstudio.tools.decorator": "InputSetting DynamicList",
        "pfstudio.sdk.flow_context": "FlowContext",
    },
)
