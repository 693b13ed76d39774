"""How the names of promptflow lead to pfstudio: looked up when used, so that importing them costs little."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

CONNECTIONS = (
    "AzureAIServicesConnection AzureContentSafetyConnection AzureOpenAIConnection CognitiveSearchConnection "
    "CustomConnection CustomStrongTypeConnection FormRecognizerConnection OpenAIConnection SerpConnection "
    "ServerlessConnection"
)


def reexport(module: str, names: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`__getattr__`, `__dir__` and `__all__` of `module`; `names` says which words come from which module of ours."""
    home = {name: source for source, words in names.items() for name in words.split()}

    def getattr_(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module '{module}' has no attribute '{name}' (answered by pfstudio)")
        value = getattr(importlib.import_module(home[name]), name)
        setattr(sys.modules[module], name, value)
        return value

    return getattr_, lambda: sorted(home), sorted(home)
