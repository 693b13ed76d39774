"""`python -m` on the modules that editors start `pf` by."""

from __future__ import annotations


def run_as_program(name: str) -> None:
    """Be `pf` where the module is the program; nothing where it is imported."""
    if name == "__main__":
        import sys

        from pfstudio.cli.main import pf

        sys.exit(pf())
