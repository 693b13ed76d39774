"""What should not be committed, proposed as lines for `.gitignore`, and adding such lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pfstudio.errors import PromptflowException
from pfstudio.git.errors import PatternRefusedError
from pfstudio.git.repository import Repository
from pfstudio.share.content import Precondition, read_bytes, write_bytes
from pfstudio.share.errors import PathNotFoundError
from pfstudio.share.files import stat_entry
from pfstudio.share.paths import SharePath

LARGE_BYTES = 50_000_000
_MOST_MEASURED = 500
_LARGEST = 1_000_000
_FOLDERS = {
    ".promptflow": "Runs, caches and generated files of prompt flow.",
    "__pycache__": "Python's compiled files; they are made again.",
    ".venv": "A virtual environment; `requirements.txt` says what is in it.",
    "venv": "A virtual environment; `requirements.txt` says what is in it.",
    "node_modules": "Installed packages; they are fetched again.",
    ".ipynb_checkpoints": "Copies that notebooks make of themselves.",
    ".pytest_cache": "A cache of tests.",
    ".mypy_cache": "A cache of type checks.",
    ".ruff_cache": "A cache of style checks.",
}
_FILES = {
    ".env": "It holds settings of this place, often secrets.",
    ".env.*": "It holds settings of this place, often secrets.",
    "*.pem": "It may hold a private key.",
    "*.key": "It may hold a private key.",
    "*.pfx": "It may hold a private key.",
    "*.p12": "It may hold a private key.",
    "id_rsa*": "It may hold a private key.",
    "id_ed25519*": "It may hold a private key.",
    "id_ecdsa*": "It may hold a private key.",
    "*.kdbx": "It holds passwords.",
    ".netrc": "It holds passwords.",
    "*.pyc": "Python's compiled files; they are made again.",
    ".DS_Store": "A file of macOS that says nothing of the flow.",
}
_PUBLIC = (".env.example", ".env.template", ".env.sample", "*.pub")
_USUAL = (".promptflow/", "__pycache__/", ".env")


@dataclass(frozen=True, slots=True)
class Proposal:
    pattern: str
    reason: str


def usual_proposals() -> list[Proposal]:
    """What is proposed for a new repository, whatever is in its folder."""
    return [Proposal(pattern, _reason(pattern)) for pattern in _USUAL]


def propose(repository: Repository, untracked: Sequence[str]) -> list[Proposal]:
    """Lines for files that git does not know and does not ignore yet."""
    found: dict[str, str] = {}
    rest = []
    for path in untracked:
        pattern = _pattern_for(path)
        if pattern is None:
            rest.append(path)
        else:
            found.setdefault(pattern, _reason(pattern))
    proposals = [Proposal(pattern, reason) for pattern, reason in found.items()]
    return proposals + [_large(path, size) for path, size in _sizes(repository, rest) if size >= LARGE_BYTES]


def add_lines(repository: Repository, patterns: Iterable[str]) -> SharePath | None:
    """Add what is missing to the `.gitignore` of the repository; tells it where something was added.

    Raises:
        PatternRefusedError: it is no single line.
        StaleFileError: somebody else changed the file just now.
    """
    wanted = list(dict.fromkeys(map(_checked, patterns)))
    path = repository.root / ".gitignore"
    try:
        tag = stat_entry(repository.share, path).etag
        text = read_bytes(repository.share, path, limit=_LARGEST).decode(errors="surrogateescape")
        condition = Precondition.from_headers(tag, None)
    except PathNotFoundError:
        text, condition = "", Precondition.from_headers(None, "*")
    missing = [pattern for pattern in wanted if pattern not in text.splitlines()]
    if not missing:
        return None
    joint = "" if not text or text.endswith("\n") else "\n"
    written = text + joint + "".join(pattern + "\n" for pattern in missing)
    write_bytes(repository.share, path, written.encode(errors="surrogateescape"), condition)
    return path


def _checked(pattern: str) -> str:
    if not pattern.strip() or len(pattern) > 1000 or not pattern.isprintable():
        raise PatternRefusedError(pattern)
    return pattern.strip()


def _pattern_for(path: str) -> str | None:
    *folders, name = path.rstrip("/").split("/")
    for folder in folders:
        if folder in _FOLDERS:
            return f"{folder}/"
    if any(fnmatchcase(name, public) for public in _PUBLIC):
        return None
    return next((pattern for pattern in _FILES if fnmatchcase(name, pattern)), None)


def _reason(pattern: str) -> str:
    return _FOLDERS.get(pattern.rstrip("/")) or _FILES[pattern]


def _large(path: str, size: int) -> Proposal:
    escaped = re.sub(r"([\\*?\[\]!# ])", r"\\\1", path)
    return Proposal(f"/{escaped}", f"It has {size // 1_000_000:,} MB, which every clone would carry from now on.")


def _sizes(repository: Repository, paths: Sequence[str]) -> Iterable[tuple[str, int]]:
    for path in paths[:_MOST_MEASURED]:
        try:
            entry = stat_entry(repository.share, repository.path(path))
        except PromptflowException:  # Gone again, or a name that the share does not take.
            continue
        if entry.kind == "file" and path.isprintable():
            yield path, entry.size or 0
