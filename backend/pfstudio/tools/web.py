"""One request to a service of the user's, for tools that call one."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pfstudio.models.deadline import current_deadline

_LONGEST: Final = 300.0


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a service said."""

    status: int
    text: str

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None


class UnreachableError(Exception):
    """The service did not answer; the text says why."""


def ask(
    method: str,
    address: str,
    *,
    query: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
) -> WebAnswer:
    """The answer to a request, within the time its line has left.

    Raises:
        UnreachableError: there is none.
    """
    import httpx2

    seconds = max(0.1, min(_LONGEST, current_deadline() - time.monotonic()))
    given: dict[str, Any] = {"params": dict(query)} if query else {}
    if body is not None:
        given["json"] = body
    try:
        with httpx2.Client(timeout=seconds, headers={"User-Agent": "pfstudio", **(headers or {})}) as client:
            answer = client.request(method, address, **given)
            return WebAnswer(answer.status_code, answer.text)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UnreachableError(f"{type(error).__name__}: {error}") from error
