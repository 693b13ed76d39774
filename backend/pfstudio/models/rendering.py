"""Prompt templates: rendering them, and keeping users' text from being read as part of a chat's structure.

A chat prompt is one text that is split at role lines (`system:`). Text that comes from a flow's inputs must never
create such a line. So, before rendering, an unguessable mark is put beside every colon and line end in it that could
become one; the splitter never sees a role line there, and the marks are taken out of what it returns.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pfstudio.models.errors import JinjaTemplateError

if TYPE_CHECKING:
    from jinja2 import Template

# Digits only: filters such as `upper`, `tojson` or `urlencode` leave them as they are.
_MARK: Final = str(int.from_bytes(os.urandom(16), "big")).zfill(39)

_WORDS: Final = r"(?:system|user|assistant|function|tool|name|content|tool_calls|tool_call_id)"
_COLON_AT_LINE_END: Final = re.compile(r":(?=\s*(?:\n|\Z))")
_WORD_AT_END: Final = re.compile(rf"(?<=\n)(?=\s*(?:#\s*)*{_WORDS}\s*\Z)", re.IGNORECASE)
_HASH_AT_END: Final = re.compile(r"#(?=\s*\Z)")
_KEY_LIKE_ROLE: Final = re.compile(rf"\n|(?:^|\s){_WORDS}\s*:", re.IGNORECASE)


class PromptText(str):
    """A rendered prompt. `protected` is the same text with the marks of users' text still in it."""

    __slots__ = ("protected",)
    protected: str

    def __new__(cls, protected: str) -> PromptText:
        text = super().__new__(cls, without_marks(protected))
        text.protected = protected
        return text

    def __getnewargs__(self) -> tuple[str]:
        return (self.protected,)


class _Guarded(str):
    """A protected text that templates measure, cut and compare as if it were not; shown, it is protected."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(without_marks(self))

    def __getitem__(self, place: Any) -> str:
        # Also a part with nothing to protect stays guarded: put together again, parts may make a role line.
        return _Guarded(_protect_text(without_marks(self)[place]))

    def __contains__(self, part: object) -> bool:
        return isinstance(part, str) and without_marks(part) in without_marks(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and without_marks(self) == without_marks(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(without_marks(self))


def without_marks(value: str) -> str:
    """The text as its author wrote it."""
    return str.replace(value, _MARK, "")


def _guarded(text: str) -> str:
    """The text as templates may use it; where it has nothing to protect, it is a plain one."""
    protected = _protect_text(text)
    return text if protected is text else _Guarded(protected)


def protect(value: Any) -> Any:
    """A copy of the value whose texts, at any depth, cannot become role lines. The value itself stays as it is."""
    if isinstance(value, str):
        return _guarded(value)
    if isinstance(value, Mapping) and type(value) is dict:
        return {_protect_key(key): protect(item) for key, item in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(protect(item) for item in value)
    return value


def _protect_text(text: str) -> str:
    marked = _COLON_AT_LINE_END.sub(":" + _MARK, text)
    marked = _WORD_AT_END.sub(_MARK, marked)
    marked = _HASH_AT_END.sub("#" + _MARK, marked)
    return text if marked == text else marked


def _protect_key(key: Any) -> Any:
    # Templates look items up by key, so a key changes only where it is no plain word.
    return _protect_text(key) if isinstance(key, str) and _KEY_LIKE_ROLE.search(key) else key


class _Lines(list[Any]):
    """A list that shows its items line by line, which is how a list of texts and images becomes parts of a message."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))


def _as_lines(value: Any) -> Any:
    if type(value) is dict:
        return {key: _as_lines(item) for key, item in value.items()}
    return _Lines(_as_lines(item) for item in value) if type(value) is list else value


def render(
    template: str, values: Mapping[str, Any], *, escaped: Collection[str] = (), lists_as_lines: bool = False
) -> PromptText:
    """Render a Jinja template. Values named in `escaped`, and prompts made of such values, stay protected.

    With `lists_as_lines` a list that is shown as a whole shows its items line by line.

    Raises:
        JinjaTemplateError: the template asks for something its values do not have or may not give.
    """
    shown = {
        name: _of_prompt(value) if isinstance(value, PromptText) else protect(value) if name in escaped else value
        for name, value in values.items()
    }
    if lists_as_lines:
        shown = {name: _as_lines(value) for name, value in shown.items()}
    try:
        return PromptText(_compiled(template, _is_sandboxed()).render(shown))
    except Exception as error:
        raise JinjaTemplateError(error) from error


def _of_prompt(value: PromptText) -> str:
    return value.protected if _MARK not in value.protected else _Guarded(value.protected)


def _is_sandboxed() -> bool:
    # A flow's own environment variables never reach this switch: `flow.environment` refuses the name.
    return os.environ.get("PF_USE_SANDBOX_FOR_JINJA", "true").lower() != "false"


@lru_cache(maxsize=256)
def _compiled(template: str, is_sandboxed: bool) -> Template:
    if is_sandboxed:
        from jinja2.sandbox import SandboxedEnvironment as Environment
    else:
        from jinja2 import Environment  # type: ignore[assignment]
    environment = Environment(trim_blocks=True, keep_trailing_newline=True)  # noqa: S701 - prompts are not HTML.
    return environment.from_string(template)
