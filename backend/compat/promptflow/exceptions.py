"""`promptflow.exceptions`, answered by pfstudio."""

from promptflow._pfstudio import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.errors": "ErrorTarget PromptflowException SystemErrorException UserErrorException",
        "pfstudio.flow.errors": "ValidationException",
    },
)
