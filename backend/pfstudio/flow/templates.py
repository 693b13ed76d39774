"""Jinja templates, looked at without rendering them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from pfstudio.flow.errors import JinjaParsingError

if TYPE_CHECKING:
    from jinja2.nodes import Template

_IMAGE = re.compile(r"!\[(\s*image\s*)\]\(\{\{\s*(\w+)\s*\}\}\)", re.IGNORECASE)


def check_template(text: str, file: str) -> Template:
    """The parsed template.

    Raises:
        JinjaParsingError: the text is not a template; with file and line.
    """
    from jinja2 import Environment, TemplateSyntaxError

    try:
        environment = Environment(trim_blocks=True, keep_trailing_newline=True)  # noqa: S701 - it is never rendered.
        template = environment.parse(text)
        # Filters and tests that do not exist are found only when code is made of the template.
        environment.compile(template, raw=True)
    except TemplateSyntaxError as error:
        raise JinjaParsingError(error.lineno, error, file=file, line=error.lineno) from error
    return template


def image_variables(text: str) -> frozenset[str]:
    """The names of the variables that a template shows as images: `![image]({{x}})`."""
    return frozenset(match[2] for match in _IMAGE.finditer(text))


def variables_of(text: str, file: str) -> list[tuple[str, str]]:
    """Name and type (`string`, or `image` in `![image]({{x}})`) of the variables, as they first stand in the text.

    Raises:
        JinjaParsingError: the text is not a template; with file and line.
    """
    from jinja2.meta import find_undeclared_variables

    names = find_undeclared_variables(check_template(text, file))
    images = image_variables(text)
    return [(name, "image" if name in images else "string") for name in sorted(names, key=_position_in(text))]


def _position_in(text: str) -> Callable[[str], tuple[int, str]]:
    def position(name: str) -> tuple[int, str]:
        found = re.search(rf"\b{re.escape(name)}\b", text)
        return (found.start() if found else len(text), name)

    return position
