"""Prompt nodes: a Jinja template whose variables are the node's inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pfstudio.flow.templates import check_template, variables_of
from pfstudio.models.errors import JinjaTemplateError
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
        self._file = file
        self._escaped = escaped

    def __call__(self, values: Mapping[str, Any]) -> PromptText:
        with placed_in(self._file):
            return render(self._text, values, escaped=self._escaped)


@contextmanager
def placed_in(file: str) -> Iterator[None]:
    """Errors of a template that is rendered inside get its file and the line it failed at."""
    try:
        yield
    except JinjaTemplateError as error:
        error.file, error.line = file, _template_line(error.__cause__)
        raise


def _template_line(cause: BaseException | None) -> int | None:
    """Jinja lets frames of a template count in the template's own lines."""
    line = None
    traceback = cause.__traceback__ if cause is not None else None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
