"""Only addresses of public machines are asked, whatever way they are written."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from pfstudio.flows.git_address import is_allowed, parse_source, resolve
from pfstudio.flows.git_errors import GitAddressRefusedError

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "branch", "folder", "expected"),
    [
        ("https://github.com/a/b", None, None, ("https://github.com/a/b", None, "b")),
        (" https://github.com/a/b.git/ ", "v1.0", "/flows/one/", ("https://github.com/a/b.git/", "v1.0", "one")),
        ("https://github.com/a/b/tree/main/flows/one", None, None, ("https://github.com/a/b", "main", "one")),
        ("https://git.example.com/g/s/b/-/tree/main", None, None, ("https://git.example.com/g/s/b", "main", "b")),
        ("https://GIT.Example.com:8443/b", None, None, ("https://git.example.com:8443/b", None, "b")),
        ("http://[2606:4700::1111]/b.git", None, None, ("http://[2606:4700::1111]/b.git", None, "b")),
        ("https://bücher.example/b", None, None, ("https://xn--bcher-kva.example/b", None, "b")),
        ("https://example.com/a b", None, None, None),
        ("https://example.com/a%20b", None, None, ("https://example.com/a%20b", None, "a b")),
    ],
)
def test_an_address_is_read_as_people_paste_it(
    url: str, branch: str | None, folder: str | None, expected: tuple[str, str | None, str] | None
) -> None:
    if expected is None:
        with pytest.raises(GitAddressRefusedError):
            parse_source(url, branch, folder)
        return
    source = parse_source(url, branch, folder)
    assert (source.url, source.branch, source.name) == expected


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "/etc",
        "../elsewhere",
        "ext::sh -c id",
        "git://example.com/x",
        "ssh://git@example.com/x",
        f"git@example.com:{SECRET}/x.git",
        f"https://bob:{SECRET}@example.com/x",
        f"https://{SECRET}@example.com/x",
        f"https://example.com/x?private_token={SECRET}",
        f"https://example.com/x#{SECRET}",
        f"https://example.com\\@{SECRET}/x",
        f"https://example.com/{SECRET}\r\nHost: x",
        "https://example.com/a/../b",
        "https://example.com/a/%2e%2e/b",
        "https://example.com:99999/x",
        "http://2130706433/x",
        "http://0x7f.1/x",
        "http://127.1/x",
        "http://0177.0.0.1/x",
        "http://[::1%25lo]/x",
        "http://-x/y",
        "https:///x",
        "",
        "https://example.com/" + "x" * 3000,
    ],
)
def test_what_is_no_plain_address_is_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(GitAddressRefusedError) as raised:
        parse_source(url)

    assert SECRET not in str(raised.value)
    assert str(raised.value).endswith(".")


@pytest.mark.parametrize(
    "branch", ["-x", "--upload-pack=id", "a b", "a:b", "+a", "a..b", "a~1", "^a", "x.lock", "a\nb"]
)
def test_no_branch_is_an_option_or_a_refspec(branch: str) -> None:
    with pytest.raises(GitAddressRefusedError):
        parse_source("https://example.com/x", branch)


@pytest.mark.parametrize("folder", ["../x", "a/../b", "a\0b", "C:/x"])
def test_no_folder_leaves_the_repository(folder: str) -> None:
    with pytest.raises(GitAddressRefusedError):
        parse_source("https://example.com/x", None, folder)


INSIDE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fc00::1",
    "::ffff:10.0.0.1",
]
NEVER = [
    "169.254.169.254",
    "0.0.0.0",
    "::",
    "fe80::1",
    "100.100.100.200",
    "fd00:ec2::254",
    "224.0.0.1",
    "255.255.255.255",
]
NEVER += ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "240.0.0.1", "ff02::1"]


@pytest.mark.parametrize("text", INSIDE + NEVER)
def test_addresses_inside_are_asked_only_where_that_is_allowed(text: str) -> None:
    address = ipaddress.ip_address(text)

    assert not is_allowed(address, private=False)
    assert is_allowed(address, private=True) == (text in INSIDE)


@pytest.mark.parametrize("text", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses_are_asked(text: str) -> None:
    assert is_allowed(ipaddress.ip_address(text), private=False)


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("1.1.1.1", 443)), (0, 0, 0, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    source = parse_source("https://rebinding.example/x")

    with pytest.raises(GitAddressRefusedError, match="private network"):
        resolve(source, private=False)
    assert resolve(source, private=True) == ["1.1.1.1", "10.0.0.1"]
