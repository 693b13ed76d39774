"""What the web process logs, and what never reaches a log."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

_SECRETS = re.compile(
    r"pfs_[\w-]{16,}"  # Personal tokens.
    r"|(?<=token=)[^\s&\"']+"  # Sign-in links.
    r"|(?<=bearer )\S+"
    r"|(?<=authorization: basic )\S+"  # Git sends its token so.
    r"|(?<=csrf\.)[0-9a-f]{64}"
    r"|(?<=pfstudio_session=)[^\s;\"']+"
    r"|pfstudio_session_\d+=[^\s;\"']+"
    r"|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)",  # The password in a database's address.
    re.IGNORECASE,
)
SCRUBBED = "***"


class _ScrubbingFormatter(logging.Formatter):
    """Works on the finished text, so that arguments, exceptions and their traces are covered, too."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def scrub(text: str) -> str:
    """`text` without tokens, links and cookies."""
    return _SECRETS.sub(SCRUBBED, text)


def _without_query(record: logging.LogRecord) -> bool:
    """An address is logged without what stands behind `?`: it may be anything."""
    if isinstance(record.args, tuple) and len(record.args) == 5:
        client, method, address, version, status = record.args
        record.args = (client, method, str(address).partition("?")[0], version, status)
    return True


def configure(*, access_log: bool, stream: Any = None) -> None:
    """Log to stderr: warnings of everything, and every request where that is wanted."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_ScrubbingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    access = logging.getLogger("uvicorn.access")
    access.setLevel(logging.INFO if access_log else logging.WARNING)
    access.addFilter(_without_query)
