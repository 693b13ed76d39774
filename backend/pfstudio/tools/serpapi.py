"""The built-in web search tool: results of Google or Bing, by way of SerpApi."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from pfstudio.connections.types import SerpConnection
from pfstudio.errors import ErrorTarget, SystemErrorException, UserErrorException
from pfstudio.tools.decorator import ToolProvider, tool
from pfstudio.tools.web import UnreachableError, WebAnswer, ask

_ADDRESS: Final = "https://serpapi.com/search"


class SerpAPIUserError(UserErrorException):
    """SerpApi refused the request."""


class SerpAPISystemError(SystemErrorException):
    """SerpApi failed, or could not be reached."""


class SafeMode(str, Enum):
    ACTIVE = "active"
    OFF = "off"


class Engine(str, Enum):
    GOOGLE = "google"
    BING = "bing"


class SerpAPI(ToolProvider):
    """`SerpAPI(connection).search(…)`."""

    def __init__(self, connection: SerpConnection) -> None:
        super().__init__()
        self.connection = connection

    @tool
    def search(
        self,
        query: str,
        location: str | None = None,
        safe: SafeMode = SafeMode.OFF,
        num: int = 10,
        engine: Engine = Engine.GOOGLE,
    ) -> Any:
        """The results of a web search, as SerpApi gives them."""
        return _search(self.connection, query, location, safe, num, engine)


@tool
def search(  # noqa: PLR0917 - the tool's own parameters, in their order.
    connection: SerpConnection,
    query: str,
    location: str | None = None,
    safe: SafeMode = SafeMode.OFF,
    num: int = 10,
    engine: Engine = Engine.GOOGLE,
) -> Any:
    """The results of a web search, as SerpApi gives them."""
    return _search(connection, query, location, safe, num, engine)


def _search(  # noqa: PLR0917 - the tool's own parameters, in their order.
    connection: SerpConnection, query: str, location: str | None, safe: str, num: int, engine: str
) -> Any:
    name = engine.value if isinstance(engine, Engine) else str(engine)
    google = name.lower() == "google"
    asked: dict[str, Any] = {"q": query, "api_key": connection.api_key, "engine": name}
    asked |= {"source": "python", "output": "json"}
    if location:
        asked["location"] = location
    if safe == SafeMode.ACTIVE:
        asked["safe" if google else "safeSearch"] = "Active" if google else "Strict"
    if int(num) > 0:
        asked["num" if google else "count"] = int(num)
    try:
        answer = ask("GET", _ADDRESS, query=asked)
    except UnreachableError as error:
        raise SerpAPISystemError(f"SerpAPI search request failed: {error}", target=ErrorTarget.TOOL) from error
    if answer.status != 200:
        kind = SerpAPISystemError if answer.status >= 500 else SerpAPIUserError
        raise kind(_why(answer).replace(str(connection.api_key), "**data_scrubbed**"), target=ErrorTarget.TOOL)
    return answer.json()


def _why(answer: WebAnswer) -> str:
    said = answer.json()
    return str(said.get("error") if isinstance(said, dict) else "") or f"SerpAPI search request failed: {answer.text}"
