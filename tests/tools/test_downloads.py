"""Addresses in a flow's inputs: what is fetched, and what must never be reached."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pfstudio.tools import downloads
from pfstudio.tools.downloads import download, is_public
from pfstudio.tools.errors import InvalidImageInput
from web_server import Asked, Told, web_server


@pytest.fixture
def open_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the tests' own server through, and nothing else."""
    monkeypatch.setattr(downloads, "is_public", lambda address: address == "127.0.0.1")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "::",
    ],
)
def test_addresses_of_this_machine_and_its_networks_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
def test_no_way_to_write_this_machines_address_reaches_it(host: str) -> None:
    with web_server(lambda _: Told(b"secret")) as server:
        url = f"http://{host}:{server.server_port}/x.png"

        with pytest.raises(InvalidImageInput, match="Failed to fetch image from URL"):
            download(url)

        assert server.asked == []


@pytest.mark.parametrize("url", ["http:///x.png", "https://", "http://nobody.invalid/x.png"])
def test_address_that_leads_nowhere_is_told(url: str) -> None:
    with pytest.raises(InvalidImageInput, match="Failed to fetch image from URL"):
        download(url)


def test_public_address_is_fetched_with_its_own_name(open_to_this_machine: None) -> None:
    with web_server(lambda _: Told(b"picture")) as server:
        content = download(f"http://localhost:{server.server_port}/x.png?a=1")

    assert content == b"picture"
    assert server.asked[0].headers["Host"] == f"localhost:{server.server_port}"
    assert server.asked[0].query == {"a": "1"}


def test_answer_that_is_no_success_is_told_with_its_words(open_to_this_machine: None) -> None:
    with web_server(lambda _: Told(b"gone away", 404)) as server, pytest.raises(InvalidImageInput) as caught:
        download(f"{server.url}/x.png")

    assert str(caught.value) == (
        f"Failed to fetch image from URL: {server.url}/x.png. Error code: 404. Error message: gone away."
    )


def test_redirects_are_followed(open_to_this_machine: None) -> None:
    def answer(asked: Asked) -> Told:
        return Told(b"picture") if asked.path == "/there.png" else Told(b"", 302, {"Location": "/there.png"})

    with web_server(answer) as server:
        assert download(f"{server.url}/here.png") == b"picture"


@pytest.mark.parametrize("target", ["http://10.0.0.1/x", "http://[::1]/x", "file:///etc/passwd", "//169.254.169.254/x"])
def test_redirect_into_a_private_network_is_refused(open_to_this_machine: None, target: str) -> None:
    with web_server(lambda _: Told(b"", 302, {"Location": target})) as server:
        with pytest.raises(InvalidImageInput, match=r"private network|no http address"):
            download(f"{server.url}/x.png")

        assert len(server.asked) == 1


def test_endless_redirects_end(open_to_this_machine: None) -> None:
    loop: Callable[[Asked], Told] = lambda _: Told(b"", 302, {"Location": "/again"})  # noqa: E731

    with web_server(loop) as server, pytest.raises(InvalidImageInput, match="redirects more than 5 times"):
        download(f"{server.url}/x.png")


def test_answer_that_is_too_large_is_refused(open_to_this_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_LARGEST", 10)

    with web_server(lambda _: Told(b"x" * 11)) as server, pytest.raises(InvalidImageInput, match="larger than 10"):
        download(f"{server.url}/x.png")
