"""What servers' certificates are checked against: read once, since it takes longer than opening a connection.

A process that is forked keeps what was read before the fork.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssl import SSLContext


def tls_context() -> SSLContext:
    """The authorities of this machine, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name now.

    Raises:
        OSError: they cannot be read.
    """
    return _context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=8)
def _context(file: str | None, folder: str | None) -> SSLContext:
    import httpx2

    context: SSLContext = httpx2.create_ssl_context()
    return context
