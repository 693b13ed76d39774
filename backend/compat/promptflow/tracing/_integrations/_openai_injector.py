"""`promptflow.tracing._integrations._openai_injector`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.accepted": "inject_openai_api recover_openai_api",
    },
)
