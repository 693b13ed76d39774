"""`promptflow._sdk.entities._connection`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.connections.types": (
            "AzureAIServicesConnection AzureContentSafetyConnection AzureOpenAIConnection "
            "CognitiveSearchConnection CustomConnection CustomStrongTypeConnection FormRecognizerConnection "
            "OpenAIConnection QdrantConnection SerpConnection ServerlessConnection WeaviateConnection "
            "_Connection=Connection"
        ),
    },
)
