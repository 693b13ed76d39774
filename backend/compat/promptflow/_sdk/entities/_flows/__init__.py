"""`promptflow._sdk.entities._flows`, answered by pfstudio."""

from pkgutil import extend_path

from pfstudio.kit.lazy_names import reexport

__path__ = extend_path(__path__, __name__)
__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.flow_function": "FlexFlow Flow=FlowFunction",
        "pfstudio.sdk.prompty": "AsyncPrompty Prompty",
        "pfstudio.sdk.flow_context": "FlowContext",
    },
)
