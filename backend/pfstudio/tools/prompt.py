"""Prompt nodes: a Jinja template whose variables are the node's inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfstudio.flow.templates import check_template, variables_of
from pfstudio.models.rendering import PromptText, render
from pfstudio.tools.errors import NodeInputValidationError


class PromptCall:
    """A prompt node's template, ready to render. `escaped` names the values that come from flow inputs.

    Raises:
        JinjaParsingError: the text is not a template; with the line.
        NodeInputValidationError: a variable has a name that cannot be used.
    """

    def __init__(self, node: str, text: str, file: str, escaped: frozenset[str]) -> None:
        check_template(text, file)
        if "template" in text and any(name == "template" for name, _ in variables_of(text, file)):
            raise NodeInputValidationError(
                f"Invalid inputs {{'template'}} in prompt template of node {node}. These inputs are duplicated with "
                "the reserved parameters of prompt tool.",
                file=file,
            )
        self._text = text
        self._escaped = escaped

    def __call__(self, values: Mapping[str, Any]) -> PromptText:
        return render(self._text, values, escaped=self._escaped)
