"""Prints the exception classes of whatever package answers to `promptflow`, with the names of their parents."""

import contextlib
import importlib
import inspect
import json
import sys

MODULES = [
    "exceptions",
    "_core._errors",
    "_core.tool_meta_generator",
    "_core.tools_manager",
    "_sdk._errors",
    "_sdk._configuration",
    "_utils._errors",
    "_utils.yaml_utils",
    "batch._errors",
    "contracts._errors",
    "core._errors",
    "core._serving._errors",
    "executor._errors",
    "tools.exception",
]


def classes(module):
    """By name: the names of a class and its parents, the root's child first."""
    found = {}
    imported = importlib.import_module(f"promptflow.{module}")
    for name in dir(imported):
        cls = getattr(imported, name)
        if inspect.isclass(cls) and issubclass(cls, BaseException):
            chain = [parent.__name__ for parent in reversed(cls.__mro__)]
            if "PromptflowException" in chain:
                found[name] = chain[chain.index("PromptflowException") + 1 :]
    return found


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        tree = {module: classes(module) for module in MODULES}
    print(json.dumps(tree))
