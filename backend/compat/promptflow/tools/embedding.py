"""`promptflow.tools.embedding`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.embedding": "embedding",
        "pfstudio.sdk.legacy.values": "EmbeddingModel",
    },
)
