"""The grammar of user names. They are folder names and parts of addresses, so little is allowed."""

from __future__ import annotations

import re
import unicodedata

from pfstudio.accounts.errors import InvalidUsernameError

_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{0,38}", re.ASCII)
_NOT_ALLOWED = re.compile(r"[^a-z0-9._-]+", re.ASCII)
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "me", "users", "workspace", "api"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in range(10)]
)


def check_username(username: str) -> str:
    """`username` itself, when it may be one.

    Raises:
        InvalidUsernameError: it breaks the grammar, is reserved, or would be odd as a folder name.
    """
    if not _PATTERN.fullmatch(username):
        raise InvalidUsernameError(
            username,
            "up to 39 lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit.",
        )
    if ".." in username or username.endswith("."):
        raise InvalidUsernameError(username, "dots stand alone and not at the end.")
    if username.partition(".")[0] in RESERVED:
        raise InvalidUsernameError(username, "this name is reserved.")
    return username


def username_from(text: str) -> str:
    """The nearest user name to any text, such as the system user's name; `admin` where nothing is left of it."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    candidate = re.sub(r"\.{2,}", ".", _NOT_ALLOWED.sub("-", ascii_text)).strip("._-")[:39].strip("._-")
    try:
        return check_username(candidate)
    except InvalidUsernameError:
        return "admin"
