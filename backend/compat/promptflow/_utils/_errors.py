"""`promptflow._utils._errors`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.engine.batch.errors": "ApplyInputMappingError",
        "pfstudio.flow.errors": "InvalidMessageFormatType",
        "pfstudio.tools.errors": "InvalidImageInput LoadMultimediaDataError",
        "pfstudio.sdk.legacy.errors": "YamlParseError",
    },
)
