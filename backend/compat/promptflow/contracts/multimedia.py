"""`promptflow.contracts.multimedia`, answered by pfstudio."""

from promptflow._pfstudio import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.media": "Image Text PFBytes",
    },
)
