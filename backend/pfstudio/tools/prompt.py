"""Prompt nodes: a Jinja template whose variables are the node's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfstudio.flow.templates import check_template
from pfstudio.models.rendering import PromptText, render


class PromptCall:
    """A prompt node's template, ready to render. `escaped` names the values that come from flow inputs.

    Raises:
        JinjaParsingError: the text is not a template; with the line.
    """

    def __init__(self, text: str, file: str, escaped: frozenset[str]) -> None:
        check_template(text, file)
        self._text = text
        self._escaped = escaped

    def __call__(self, values: Mapping[str, Any]) -> PromptText:
        return render(self._text, values, escaped=self._escaped)
