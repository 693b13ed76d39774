"""`python -m promptflow._cli._pf.entry`: `pf`, answered by pfstudio."""

from pfstudio.cli.as_module import run_as_program
from pfstudio.kit.lazy_names import reexport

__getattr__, __dir__, __all__ = reexport(
    __name__,
    {
        "pfstudio.cli.main": "main=pf",
    },
)
run_as_program(__name__)
