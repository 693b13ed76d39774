"""`promptflow._sdk._errors`, answered by pfstudio."""

from promptflow._pfstudio import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.flow.errors": "InvalidFlowError",
        "pfstudio.connections.types": "ConnectionNameNotSetError ConnectionNotFoundError",
    },
)
