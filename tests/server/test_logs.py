"""No secret reaches a log, however it gets near one."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from pfstudio.server import logs

SECRET = "pfs_0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    before = (list(root.handlers), root.level, access.level, list(access.filters))
    stream = io.StringIO()
    logs.configure(access_log=True, stream=stream)
    yield stream
    root.handlers[:], root.level, access.level, access.filters[:] = before


@pytest.mark.parametrize(
    "message",
    [
        f"GET /api/users with Authorization: Bearer {SECRET}",
        f"the token {SECRET} was refused",
        f"GET /git/x with authorization: Basic {SECRET[4:]}",
        f"http://127.0.0.1:8010/sign-in#token={SECRET[4:]}",
        f"/api/x?token={SECRET[4:]}&y=1",
        f"Cookie: pfstudio_session_8010={SECRET[4:]}; theme=dark",
        f"Cookie: __Secure-pfstudio_session={SECRET[4:]}",
        f"postgresql+psycopg://user:{SECRET[4:]}@host/name",
    ],
)
def test_tokens_links_cookies_and_passwords_are_scrubbed(written: io.StringIO, message: str) -> None:
    logging.getLogger("anything").warning("%s", message)
    try:
        raise ValueError(message)
    except ValueError:
        logging.getLogger("anything").exception("Unexpected")

    assert SECRET[4:] not in written.getvalue()
    assert logs.SCRUBBED in written.getvalue()


def test_the_access_log_has_no_query(written: io.StringIO) -> None:
    access = logging.getLogger("uvicorn.access")

    access.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", "/api/files/x?anything=secret", "1.1", 200)

    assert "GET /api/files/x HTTP/1.1" in written.getvalue()
    assert "secret" not in written.getvalue()
