"""What of a repository's own configuration counts for the studio's git.

Much of what a `config` file may say names programs (`core.fsmonitor`, filters, textconv, aliases, helpers) or other
files (`include.path`). Git never reads that file here: it gets one of ours, with the few words that are mere facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

LARGEST = 1_000_000
_HEADER = re.compile(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\\n]|\\.)*)")?\s*\]')
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}
_FACTS = {
    "core": {
        *("repositoryformatversion", "filemode", "bare", "ignorecase", "precomposeunicode", "symlinks"),
        *("autocrlf", "eol", "safecrlf", "compression", "bigfilethreshold"),
    },
    "extensions": {"objectformat", "noop"},
    "diff": {"algorithm", "renames", "renamelimit"},
    "merge": {"renames", "renamelimit", "conflictstyle", "ff"},
    "push": {"default", "autosetupremote", "followtags"},
    "pull": {"rebase", "ff"},
}
_FACTS_OF_ONE = {
    "remote": {"url", "pushurl", "fetch", "push", "tagopt", "prune", "mirror"},
    "branch": {"remote", "merge", "pushremote", "rebase"},
}


class Setting(NamedTuple):
    """`value` is None where only the name stands, which means true."""

    section: str
    subsection: str | None
    name: str
    value: str | None


def read_settings(text: str) -> Iterator[Setting]:
    """All settings of a `config` file in their order. What cannot be read ends it: the rest is unknown to us."""
    section, subsection, at = "", None, 0
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] in "#;":
            at = _line_end(text, at)
        elif text[at] == "[":
            header = _HEADER.match(text, at)
            if header is None:
                return
            section, subsection, at = header[1].lower(), _unescaped(header[2]), header.end()
        else:
            name = _NAME.match(text, at)
            if name is None or not section:
                return
            value, at = _value(text, name.end())
            yield Setting(section, subsection, name[0].lower(), value)


def facts(text: str) -> list[Setting]:
    """The settings that count."""
    return [setting for setting in read_settings(text) if _is_fact(setting)]


def write_settings(settings: list[Setting]) -> str:
    """A `config` file that says just these."""
    lines = []
    for setting in settings:
        place = f' "{_escaped(setting.subsection)}"' if setting.subsection is not None else ""
        value = "" if setting.value is None else f' = "{_escaped(setting.value)}"'
        lines.append(f"[{setting.section}{place}]\n\t{setting.name}{value}\n")
    return "".join(lines)


def _is_fact(setting: Setting) -> bool:
    if "\0" in f"{setting.subsection}{setting.value}" or "\n" in (setting.subsection or ""):
        return False
    if setting.subsection is None:
        return setting.name in _FACTS.get(setting.section, ())
    return setting.name in _FACTS_OF_ONE.get(setting.section, ())


def _value(text: str, at: int) -> tuple[str | None, int]:
    """The value that begins with `=` behind a name, and where it ends."""
    while at < len(text) and text[at] in " \t":
        at += 1
    if at >= len(text) or text[at] != "=":
        return None, _line_end(text, at)
    at += 1
    said: list[str] = []
    quoted, kept = False, 0  # Up to `kept`, spaces at the end belong to the value.
    while at < len(text) and text[at] != "\n":
        letter = text[at]
        if letter == "\\":
            following = text[at + 1 : at + 2]
            if following != "\n":
                said.append(_ESCAPES.get(following, following))
                kept = len(said)
            at += 2
            continue
        if letter == '"':
            quoted = not quoted
            kept = len(said)
        elif letter in "#;" and not quoted:
            at = _line_end(text, at)
            break
        elif said or quoted or not letter.isspace():
            said.append(letter)
            kept = len(said) if quoted or not letter.isspace() else kept
        at += 1
    return "".join(said[:kept]), at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _unescaped(text: str | None) -> str | None:
    return None if text is None else re.sub(r"\\(.)", r"\1", text)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
