"""`promptflow._sdk._pf_client`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.client": "PFClient",
        "pfstudio.sdk.flow_function": "load_flow",
    },
)
