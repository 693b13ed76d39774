"""Waits for OpenAI's own library to be imported, and loads nothing until then."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from pfstudio.models.import_hooks import patch_when_imported

_MODULES: Final = (
    "openai.resources.chat.completions",
    "openai.resources.chat.completions.completions",
    "openai.resources.completions",
    "openai.resources.embeddings",
    "openai.resources.responses.responses",
)


@cache
def watch_openai() -> None:
    """Record the library's calls from its import on; once for the process."""
    patch_when_imported(dict.fromkeys(_MODULES, _patch))


def _patch(module: Any) -> None:
    from pfstudio.models.openai_calls import patch

    patch(module)
