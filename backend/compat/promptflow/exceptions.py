"""`promptflow.exceptions`, answered by pfstudio."""

from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.errors": "ErrorCategory ErrorTarget PromptflowException SystemErrorException UserErrorException",
        "pfstudio.flow.errors": "ValidationException",
    },
)
