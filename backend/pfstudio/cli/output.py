"""What commands write: results as JSON on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

RED = "\x1b[31m"
YELLOW = "\x1b[33m"
_RESET = "\x1b[0m"


def write(text: str) -> None:
    """One line of result."""
    sys.stdout.write(f"{text}\n")


def print_json(value: Any, *, ascii_only: bool = True) -> None:
    """A result as the original writes it: indented by four, non-ASCII escaped except for test outputs."""
    write(json.dumps(value, indent=4, ensure_ascii=ascii_only, default=str))


def say(text: str, color: str = "") -> None:
    """A message beside the result: standard error, colored only on a terminal."""
    sys.stderr.write(f"{painted(text, color, sys.stderr)}\n")
    sys.stderr.flush()


def painted(text: str, color: str, stream: TextIO) -> str:
    if not color or os.environ.get("NO_COLOR") or not stream.isatty():
        return text
    return f"{color}{text}{_RESET}"


def never_fail_on_encoding() -> None:
    """Consoles that cannot show a character show `?` instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def confirmed(question: str) -> bool:
    """Whether the answer is yes. Asks until it is yes or no; the end of the input is no."""
    say_part(f"{question} [y/n]")
    while True:
        answer = sys.stdin.readline()
        if not answer:
            say("")
            return False
        if answer.strip().lower() in ("y", "n"):
            return answer.strip().lower() == "y"
        say_part("Please input 'y' or 'n':")


def say_part(text: str) -> None:
    """A message without the end of its line."""
    sys.stderr.write(text)
    sys.stderr.flush()
