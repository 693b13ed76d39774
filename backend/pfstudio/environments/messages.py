"""What uv says, in the words of this studio: how far it is, and in one sentence why it failed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pfstudio.environments.errors import BuildFailedError, IndexUnreachableError, SourceNeededError
from pfstudio.environments.requirements import Requirements
from pfstudio.errors import PromptflowException

_HOST = re.compile(r"https?://(?:[^/@\s]*@)?([^/:\s)]+)")
_MISSING = re.compile(r"(?:Because|And because|because)\s+(\S+) was not found in the (?:package registry|provided)")
_NO_VERSION = re.compile(r"[Bb]ecause there is no version of (\S+)")
_BUILT = re.compile(r"Failed to (?:build|download and build) `?([^`\s]+)`?")
_PLACE = re.compile(r"Couldn't parse requirement in `[^`]*` at position (\d+)")
_HASHLESS = re.compile(r"must have a hash, but none were provided for: (.+)")
_UNREACHABLE = (
    *("dns error", "tcp connect error", "client error (Connect)", "operation timed out", "Network is unreachable"),
    *("error sending request", "connection closed before", "connection reset"),
)
_LONGEST = 600


def failure_of(said: Sequence[str], requirements: Requirements) -> PromptflowException:
    """The one sentence that the end of uv's output comes down to."""
    text = "\n".join(said)
    start = max(text.rfind("\nerror: "), 0)
    text = text[start:].strip()
    if "no usable wheels" in text or "building from source is disabled" in text or "(no wheels" in text:
        return SourceNeededError("A package comes as source only.")
    if match := _PLACE.search(text):
        file, line = _origin(requirements, int(match[1]))
        reason = _causes(text)[0] if _causes(text) else "it cannot be read"
        return BuildFailedError(f"{file}, line {line}: {reason[:1].lower()}{reason[1:].rstrip('.')}.")
    if "Hash mismatch for" in text:
        name = re.search(r"Hash mismatch for `([^`]+)`", text)
        return BuildFailedError(f"What the index gives for {name[1] if name else 'a package'} does not have the hash.")
    if match := _HASHLESS.search(text):
        return BuildFailedError(f"With one hash in the file every package needs one, and there is none for {match[1]}.")
    if "401 Unauthorized" in text or "403 Forbidden" in text:
        return BuildFailedError(f"The package index at {_host(text)} refused: a user name and password are needed.")
    if any(mark in text for mark in _UNREACHABLE):
        return IndexUnreachableError(_host(text))
    if match := _BUILT.search(text):
        return BuildFailedError(f"{match[1]} comes as source, and building it failed; the log says why.")
    return BuildFailedError(_plain(text))


def _plain(text: str) -> str:
    if match := _MISSING.search(text):
        return f"No package index knows a package named '{match[1]}'."
    if match := _NO_VERSION.search(text):
        return f"No package index has {match[1]}."
    causes = " ".join(_causes(text))
    if causes:
        for words, ours in (
            (r"we can conclude that your requirements are unsatisfiable\.?", "not all of it can be installed."),
            (r"we can conclude that ", ""),
            (r"\byou require\b", "the file requires"),
            (r"\byour requirements\b", "the requirements"),
            (r"\s+", " "),
        ):
            causes = re.sub(words, ours, causes)
        return _shortened(causes)
    first = text.removeprefix("error: ").splitlines()
    return _shortened(first[0]) if first and first[0] else "uv ended without a reason."


def _causes(text: str) -> list[str]:
    """The texts after `cause:`, with the lines that go on below them; hints and drawings left out."""
    causes: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("cause: "):
            causes.append(stripped.removeprefix("cause: "))
        elif causes and line.startswith("    ") and stripped and not stripped.startswith(("^", "hint:")):
            causes[-1] += f" {stripped}"
        elif stripped.startswith("hint:"):
            break
    return causes


def _origin(requirements: Requirements, position: int) -> tuple[str, int]:
    """The place in the user's file of what stands at a position of ours."""
    at = 0
    for line, origin in zip(requirements.lines, requirements.origins, strict=True):
        at += len(line.encode()) + 1
        if position < at:
            return origin
    return requirements.origins[-1]


def _host(text: str) -> str:
    match = _HOST.search(text)
    return match[1] if match else ""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
