"""`promptflow._sdk.entities`, answered by pfstudio."""

from promptflow._pfstudio import CONNECTIONS, reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.connections.types": CONNECTIONS,
    },
)
