"""`promptflow.core._serving._errors`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.errors": "BadRequest",
        "pfstudio.sdk.flow_function": "MissingRequiredFlowInput",
        "pfstudio.sdk.legacy.errors": (
            "AsyncGeneratorOutputNotSupported FlowConnectionError InvalidConnectionData InvalidFlowInitConfig "
            "JsonPayloadRequiredForMultipleInputFields MissingConnectionProvider "
            "MultipleStreamOutputFieldsNotSupported NotAcceptable UnexpectedConnectionProviderReturn "
            "UnsupportedConnectionProvider"
        ),
    },
)
