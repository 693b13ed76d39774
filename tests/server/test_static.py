"""The built pages: the right file, the right headers, and nothing beside them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from pfstudio.server.static import Pages
from studios import ADDRESS, People

INDEX = (
    '<!doctype html><base href="__BASE_PATH__/"><meta name="csp-nonce" content="__CSP_NONCE__">'
    '<script type="module" src="./assets/index-4f3a.js"></script>'
)


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets/index-4f3a.js").write_text("plain")
    (folder / "assets/index-4f3a.js.br").write_bytes(b"brotli")
    (folder / "assets/index-4f3a.js.gz").write_bytes(b"gzipped")
    (folder / "assets/index-4f3a.js.map").write_text("{}")
    (folder / "assets/font-1.woff2").write_bytes(b"font")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


def _client(people: People, static: Path) -> TestClient:
    base_path = people.studio.settings.base_path
    people.app.router.routes.pop()
    people.app.add_route("/{path:path}", Pages(base_path=base_path, folder=static).answer, methods=["GET"])
    return people.anonymous(**{"Accept-Encoding": "identity"})


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/flows/Users/ada/promptflow/my.flow", "/connections", "/index.html"]
)
def test_every_page_is_the_index_with_a_nonce_of_its_own(people: People, static: Path, path: str) -> None:
    client = _client(people, static)
    nonces = set()
    for _ in range(2):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        found = re.search(r'content="([\w-]+)"', answer.text)
        assert found is not None
        assert f"'nonce-{found.group(1)}'" in answer.headers["content-security-policy"]
        assert '<base href="/">' in answer.text
        nonces.add(found.group(1))
    assert len(nonces) == 2


def test_below_a_prefix_the_base_is_the_prefix(make_people: Callable[..., People], static: Path) -> None:
    client = _client(make_people(base_path="/studio"), static)

    assert '<base href="/studio/">' in client.get("/studio/flows").text
    assert client.get("/studio").status_code == 200
    assert client.get("/studio/assets/index-4f3a.js").text == "plain"


def test_assets_are_kept_for_ever_and_other_files_are_asked_for_again(people: People, static: Path) -> None:
    client = _client(people, static)

    asset, icon = client.get("/assets/index-4f3a.js"), client.get("/favicon.svg")

    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith("text/javascript")
    assert icon.headers["cache-control"] == "no-cache"
    assert client.get("/favicon.svg", headers={"If-None-Match": icon.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None), ("br;q=1.0", "br")]
)
def test_what_was_compressed_at_build_time_is_sent_to_whoever_takes_it(
    people: People, static: Path, accepted: str, encoding: str | None
) -> None:
    client = _client(people, static)

    with client.stream("GET", "/assets/index-4f3a.js", headers={"Accept-Encoding": accepted}) as answer:
        body = b"".join(answer.iter_raw())

    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert body == {"br": b"brotli", "gzip": b"gzipped", None: b"plain"}[encoding]


@pytest.mark.parametrize(
    "path",
    [
        *["/assets/none.js", "/assets/index-4f3a.js.map", "/assets/index-4f3a.js.br"],
        *["/assets/%2e%2e/%2e%2e/secret.txt", "/assets//etc/passwd"],
    ],
)
def test_nothing_else_is_an_asset(people: People, static: Path, path: str) -> None:
    answer = _client(people, static).get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//etc/passwd"]
)
def test_no_address_leads_out_of_the_pages(people: People, static: Path, path: str) -> None:
    answer = _client(people, static).get(path)

    assert "secret" not in answer.text
    assert "root:" not in answer.text


def test_an_unknown_call_is_no_page(people: People, static: Path) -> None:
    _client(people, static)

    answer = people.browser("bob").get("/api/none")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_new_build_is_served_without_a_restart(people: People, static: Path) -> None:
    client = _client(people, static)
    client.get("/")

    (static / "assets/index-9999.js").write_text("newer")
    (static / "index.html").write_text(INDEX.replace("4f3a", "9999"))
    os.utime(static / "index.html", ns=(1, 1))

    assert "index-9999" in client.get("/").text
    assert client.get("/assets/index-9999.js").text == "newer"


def test_without_pages_a_sentence_says_how_to_get_them(people: People, tmp_path: Path) -> None:
    client = _client(people, tmp_path / "none")

    answer = client.get("/")

    assert answer.status_code == 503
    assert "`make pages`" in answer.text
    assert client.get("/api/health", headers={"Origin": ADDRESS}).status_code == 200


def test_the_pages_take_no_changes(people: People, static: Path) -> None:
    client = _client(people, static)

    assert client.post("/flows", headers={"Origin": ADDRESS}).status_code == 404
    assert client.head("/").status_code == 200
