"""`promptflow._utils.user_agent_utils`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.sdk.legacy.accepted": "ClientUserAgentUtil setup_user_agent_to_operation_context",
    },
)
