"""Searches the content of files, in a process of its own: `python -m pfstudio.share.content_search`.

A regular expression can take for ever, and so can one in a `.gitignore`; here that costs nobody else anything. The
request comes as one JSON document on stdin; answers go out as lines of JSON: `{"ready": true}` or `{"error": …}`
first, a line for each file with its matches, and `{"done": true, …}` at the end.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfstudio.errors import PromptflowException
from pfstudio.kit.ignore_rules import IgnoreRules
from pfstudio.share.gitignores import GitIgnores
from pfstudio.share.handles import READ
from pfstudio.share.listing import Level, walk_names
from pfstudio.share.paths import Share, SharePath

MEMORY_BYTES = 1 << 30
_LARGEST_FILE = 10_000_000
_BINARY_WITHIN = 8000
_SHOWN = 200
_MOST_IN_FILE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentQuery:
    """What is searched for, and where. `include` and `exclude` are patterns as in a `.gitignore`."""

    share: str
    root: str
    text: str
    is_regex: bool = False
    is_case_sensitive: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignored: bool = False
    """Whether files that a `.gitignore` names are searched as well."""
    most_matches: int = 2000
    seconds: int = 20

    def compile(self) -> re.Pattern[str]:
        flags = re.MULTILINE if self.is_case_sensitive else re.MULTILINE | re.IGNORECASE
        return re.compile(self.text if self.is_regex else re.escape(self.text), flags)


class _Chooser:
    """Which entries of the walk count: what the query names, and no `.gitignore` takes out."""

    def __init__(self, query: ContentQuery) -> None:
        self._include, self._exclude = IgnoreRules(query.include), IgnoreRules(query.exclude)
        self._git = None if query.ignored else GitIgnores()
        self._top = len(query.root) + 1

    def __call__(self, level: Level, item: os.DirEntry[str], is_folder: bool) -> bool:
        below = (level.prefix + item.name)[self._top :]
        if self._exclude.says(below, is_folder=is_folder):
            return False
        if not is_folder and self._include and not self._include.says(below, is_folder=False):
            return False
        return not (self._git and self._git.is_ignored(level.fd, level.prefix, item.name, is_folder=is_folder))


def search(query: ContentQuery, pattern: re.Pattern[str]) -> Iterator[dict[str, Any]]:
    """A line for each file in which something was found, then the summary."""
    share = Share(Path(query.share))
    left, files = query.most_matches, 0
    for level, name in walk_names(share, SharePath.parse(query.root), _Chooser(query)):
        if name.is_folder:
            continue
        text = _read(level.fd, name.path[len(level.prefix) :])
        matches = list(_matches(pattern, text, min(left, _MOST_IN_FILE))) if text else []
        if matches:
            left -= len(matches)
            files += 1
            yield {"path": name.path, "matches": matches}
        if left <= 0:
            break
    stopped = "matches" if left <= 0 else None
    yield {"done": True, "files": files, "matches": query.most_matches - left, "stopped_by": stopped}


def _matches(pattern: re.Pattern[str], text: str, most: int) -> Iterator[dict[str, Any]]:
    line, line_start, found = 1, 0, 0
    for match in pattern.finditer(text):
        start, end = match.span()
        if start == end:
            continue
        line += text.count("\n", line_start, start)
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", start)
        line_end = len(text) if line_end < 0 else line_end
        shown_from = max(line_start, start - _SHOWN // 2)
        shown = text[shown_from : min(line_end, shown_from + _SHOWN)].rstrip("\r")
        yield {
            "line": line,
            "column": start - line_start + 1,
            "length": min(end, line_end) - start,
            "text": shown,
            "offset": start - shown_from,
        }
        found += 1
        if found >= most:
            return


def _read(folder: int, name: str) -> str:
    """The text of a file; empty where it is none, or too large to be one somebody wrote."""
    with suppress(OSError):
        fd = os.open(name, READ | os.O_NOFOLLOW, dir_fd=folder)
        with os.fdopen(fd, "rb") as file:
            info = os.fstat(fd)
            if stat.S_ISREG(info.st_mode) and info.st_size <= _LARGEST_FILE:
                content = file.read(_LARGEST_FILE)
                if b"\0" not in content[:_BINARY_WITHIN]:
                    return content.decode("utf-8-sig", errors="replace")
    return ""


def main() -> None:
    query = ContentQuery(**json.loads(sys.stdin.read()))
    signal.alarm(query.seconds + 2)  # Should nobody be there to end it.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        pattern = query.compile()
    except (re.error, OverflowError, RecursionError) as error:
        _say({"error": str(error)})
        return
    _say({"ready": True})
    try:
        for line in search(query, pattern):
            _say(line)
    except PromptflowException as error:
        _say({"error": str(error)})


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
