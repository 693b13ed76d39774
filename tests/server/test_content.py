"""Bytes of the share over HTTP: versions, ranges, and nothing that a browser would run."""

from __future__ import annotations

import threading

import pytest

from studios import People

FILE = "/api/content/Users/bob/promptflow/flow/a.txt"


def test_bytes_go_in_and_come_out_with_the_tag_of_the_entry(people: People) -> None:
    bob = people.browser("bob")
    body = bytes(range(256)) * 10_000

    created = bob.put(FILE, content=body)
    again = bob.put(FILE, content=body)
    read = bob.get(FILE)
    entry = bob.get("/api/files/Users/bob/promptflow/flow/a.txt").json()

    assert (created.status_code, again.status_code, read.status_code) == (201, 200, 200)
    assert read.content == body
    assert again.headers["etag"] == again.json()["etag"] == read.headers["etag"] == entry["etag"]
    assert created.headers["etag"] != again.headers["etag"]
    assert (people.share / "Users/bob/promptflow/flow/a.txt").read_bytes() == body


def test_a_stale_save_is_refused_and_writes_nothing(people: People) -> None:
    bob = people.browser("bob")
    tag = bob.put(FILE, content=b"one").headers["etag"]
    (people.share / "Users/bob/promptflow/flow/a.txt").write_text("changed in a terminal")

    answer = bob.put(FILE, content=b"two", headers={"If-Match": tag})

    assert answer.status_code == 412
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "stale_file"
    assert "changed after it was read" in answer.json()["detail"]
    assert bob.get(FILE).text == "changed in a terminal"
    assert bob.put(FILE, content=b"x", headers={"If-None-Match": "*"}).status_code == 412
    assert bob.put(FILE + "2", content=b"x", headers={"If-Match": "*"}).status_code == 412
    assert bob.put(FILE + "3", content=b"x", headers={"If-None-Match": "*"}).status_code == 201


def test_two_tabs_that_save_at_once_never_both_win(people: People) -> None:
    tabs = [people.browser("bob") for _ in range(4)]
    for _ in range(5):
        tag = tabs[0].put(FILE, content=b"start").headers["etag"]
        codes: list[int] = []
        ready = threading.Barrier(len(tabs))

        def save(number: int, tag: str = tag, codes: list[int] = codes, ready: threading.Barrier = ready) -> None:
            ready.wait(10)
            codes.append(tabs[number].put(FILE, content=b"%d" % number, headers={"If-Match": tag}).status_code)

        threads = [threading.Thread(target=save, args=(number,)) for number in range(len(tabs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(codes) == [200, 412, 412, 412]


@pytest.mark.parametrize(
    ("asked", "status", "content", "said"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
        ("bytes=-100", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=3-1", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
    ],
)
def test_ranges(people: People, asked: str, status: int, content: bytes, said: str | None) -> None:
    bob = people.browser("bob")
    tag = bob.put(FILE, content=b"0123456789").headers["etag"]

    answer = bob.get(FILE, headers={"Range": asked})

    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, content, said)
    whole = bob.get(FILE, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    part = bob.get(FILE, headers={"Range": "bytes=0-1", "If-Range": tag})
    assert (whole.status_code, part.status_code) == (200, 206)


def test_what_is_known_already_is_not_sent_again(people: People) -> None:
    bob = people.browser("bob")
    tag = bob.put(FILE, content=b"0123456789").headers["etag"]

    known = bob.get(FILE, headers={"If-None-Match": tag})
    head = bob.head(FILE)

    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "10", b"")


@pytest.mark.parametrize(
    "name", ["page.html", "image.svg", "code.js", "data.xml", "README.md", "noending", "x.png", "日本 🙂.html"]
)
def test_users_bytes_are_an_attachment_that_no_browser_runs(people: People, name: str) -> None:
    bob = people.browser("bob")
    address = f"/api/content/Users/bob/{name}"
    bob.put(address, content=b"<script>alert(1)</script>")

    headers = bob.get(address).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("attachment")
    assert "sandbox" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert not headers["content-type"].startswith(("text/html", "image/svg", "application/xml", "text/xml"))


def test_a_body_that_is_too_large_is_refused_and_the_old_file_stays(make_people) -> None:  # type: ignore[no-untyped-def]
    people: People = make_people(upload_limit=1)
    bob = people.browser("bob")
    bob.put(FILE, content=b"old")

    def pieces():  # type: ignore[no-untyped-def]
        for _ in range(40):
            yield b"x" * 100_000

    assert bob.put(FILE, content=b"x" * 2_000_000).status_code == 413
    assert bob.put(FILE, content=pieces()).status_code == 413
    assert bob.get(FILE).text == "old"
    assert [item.name for item in (people.share / "Users/bob/promptflow/flow").iterdir()] == ["a.txt"]


def test_each_refusal_is_a_sentence(people: People) -> None:
    bob = people.browser("bob")
    bob.put("/api/content/Users/bob/folder/a.txt", content=b"x")

    for method, path, status, code in (
        ("GET", "Users/bob/none.txt", 404, "path_not_found"),
        ("GET", "Users/bob/folder", 400, "not_readable"),
        ("PUT", "Users/bob/folder", 400, "not_readable"),
        ("PUT", "Users/bob/.git/config", 403, "reserved_path"),
        ("PUT", "Users/bob", 403, "reserved_path"),
        ("PUT", "Users", 403, "reserved_path"),
        ("PUT", "Users/bob/.pfstudio-tmp-x", 400, "invalid_name"),
        ("PUT", "Users/bob/folder/a.txt/b", 400, "not_a_folder"),
    ):
        answer = bob.request(method, f"/api/content/{path}", content=b"x" if method == "PUT" else None)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
        assert answer.json()["detail"].endswith(".")
