"""A studio that listens, with people in it."""

from collections.abc import Callable, Iterator

import pytest

from databases import *  # noqa: F403 - fixtures.
from live_studio import Live, live  # noqa: F401 - fixture.
from studios import *  # noqa: F403 - fixtures.
from studios import People
from terminals.sockets import Page


@pytest.fixture
def people(make_people: Callable[..., People]) -> People:
    """Without the limited network, which takes its time to be made; `tests/sandbox` has its tests."""
    return make_people(flow_network="host")


@pytest.fixture
def open_page(live: Live) -> Iterator[Callable[..., Page]]:  # noqa: F811
    """Opens terminals, and ends them at the end."""
    pages: list[Page] = []

    def open_one(username: str = "bob", query: str = "", **more: str) -> Page:
        pages.append(Page(live, username, query, **more))
        return pages[-1]

    yield open_one
    for page in pages:
        page.close()
    live.people.studio.terminals.close()
