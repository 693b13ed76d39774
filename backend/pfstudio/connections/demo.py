"""The built-in connection to the demo model."""

from __future__ import annotations

from typing import Final

from pfstudio.connections.services import OpenAIConnection

DEMO_CONNECTION: Final = "demo"
DEMO_URL: Final = "demo://local/v1"


def demo_connection(base_url: str = DEMO_URL) -> OpenAIConnection:
    """The connection `demo`, which is always there. Its key is no secret; the protocol wants one.

    Its address is answered inside the process, so that it works where there is no network.
    """
    return OpenAIConnection(api_key="demo", base_url=base_url, name=DEMO_CONNECTION)
