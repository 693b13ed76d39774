"""`promptflow.tools.azure_content_safety`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.tools.content_safety": "TextCategorySensitivity analyze_text",
    },
)
