"""`.env` files: `KEY=VALUE` lines."""

from __future__ import annotations

from pathlib import Path

from pfstudio.errors import NotFoundError, UserErrorException


class EnvFileNotFoundError(NotFoundError):
    def __init__(self, path: Path | str) -> None:
        super().__init__(f"Cannot find the environment file '{path}'.")


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a file. `export ` in front, quotes around values and `#` comments are understood."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EnvFileNotFoundError(path) from error
    variables: dict[str, str] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip().removeprefix("export ").strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not equals or not key.strip():
            raise UserErrorException(f"'{path}' has a line that is not KEY=VALUE.", file=str(path), line=number)
        variables[key.strip()] = _value(value.strip())
    return variables


def nearest_env_file(start: Path) -> Path:
    """The first `.env` from `start` upward."""
    for folder in (start, *start.parents):
        candidate = folder / ".env"
        if candidate.is_file():
            return candidate
    raise EnvFileNotFoundError(start / ".env")


def _value(text: str) -> str:
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        if end > 0:
            inner = text[1:end]
            return inner.replace("\\n", "\n") if text[0] == '"' else inner
    return text.split(" #", 1)[0].rstrip()
