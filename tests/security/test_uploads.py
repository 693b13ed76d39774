"""Uploads that go on where a connection broke, and end nowhere else: row 27 of the table of incidents."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from live_studio import Live, live, until
from pfstudio.share import uploads
from pfstudio.share.uploads import KEPT_SECONDS, UploadIncompleteError, UploadNotFoundError, finished_file
from studios import People

__all__ = ["live"]

PATH = "Users/bob/promptflow/flow/big.bin"
SIZE = 2_000_000_000 if os.environ.get("PFSTUDIO_SOAK") else 24_000_000
_MOST_TWICE = 8_000_000


def content(start: int, end: int) -> bytes:
    """The bytes of a file that nobody has to keep."""
    block = hashlib.sha256(b"block").digest() * 32768
    first = start // len(block)
    whole = block * (end // len(block) + 1 - first)
    return whole[start - first * len(block) : end - first * len(block)]


def begin(client: Any, size: int, path: str | None = PATH) -> str:
    body = {"size": size} if path is None else {"size": size, "path": path}
    answer = client.post("/api/uploads", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def send(client: Any, upload: str, offset: int, data: bytes) -> Any:
    return client.patch(f"/api/uploads/{upload}", content=data, headers={"Upload-Offset": str(offset)})


def hashed(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.timeout(1800)
def test_a_connection_cut_at_sixty_percent_costs_less_than_eight_megabytes(
    live: Live, tell: Callable[[str], None]
) -> None:
    folder = live.people.make_flow("bob")
    status, body, _ = live.call("bob", "POST", "/api/uploads", {"path": PATH, "size": SIZE})
    upload, cut = json.loads(body)["id"], SIZE * 6 // 10
    assert status == 201

    with socket.create_connection(("127.0.0.1", live.port)) as connection:
        head = f"PATCH /api/uploads/{upload} HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Authorization: Bearer {live.token('bob')}\r\n"
        connection.sendall(f"{head}Upload-Offset: 0\r\nContent-Length: {SIZE}\r\n\r\n".encode())
        for start in range(0, cut, 1 << 20):
            connection.sendall(content(start, min(start + (1 << 20), cut)))

    def offset() -> int:
        return int(live.call("bob", "HEAD", f"/api/uploads/{upload}")[2]["Upload-Offset"])

    until(lambda: cut - offset() <= _MOST_TWICE, 60)
    assert not (folder / "big.bin").exists()
    at = offset()
    tell(f"an upload of {SIZE / 1e9:.2f} GB, cut at 60 %: {(cut - at) / 1e6:.2f} MB are sent twice")
    while at < SIZE:
        end = min(at + (4 << 20), SIZE)
        status, body, _ = live.call(
            "bob", "PATCH", f"/api/uploads/{upload}", content(at, end), **{"Upload-Offset": str(at)}
        )
        assert status == 200, body
        at = json.loads(body)["offset"]
    status, body, headers = live.call("bob", "POST", f"/api/uploads/{upload}/finish")

    assert (status, json.loads(body)["written"]["size"]) == (201, SIZE)
    assert headers["ETag"]
    expected = hashlib.sha256()
    for start in range(0, SIZE, 1 << 20):
        expected.update(content(start, min(start + (1 << 20), SIZE)))
    assert hashed(folder / "big.bin") == expected.hexdigest()
    assert not list((live.people.share.parent / "uploads").iterdir())
    (folder / "big.bin").unlink()  # Gigabytes, which pytest would keep.


def test_a_piece_goes_only_where_the_upload_stands(people: People) -> None:
    people.make_flow("bob")
    bob = people.browser("bob")
    upload = begin(bob, 10)

    assert send(bob, upload, 0, b"12345").json()["offset"] == 5
    assert (send(bob, upload, 0, b"12345").status_code, send(bob, upload, 7, b"1").status_code) == (409, 409)
    assert send(bob, upload, 5, b"1234567").json()["code"] == "upload_too_long"
    assert bob.post(f"/api/uploads/{upload}/finish").json()["code"] == "upload_incomplete"
    assert bob.head(f"/api/uploads/{upload}").headers["Upload-Offset"] == "5"
    assert bob.patch(f"/api/uploads/{upload}", content=b"x").status_code == 400
    assert send(bob, upload, 5, b"67890").json()["offset"] == 10
    assert bob.post(f"/api/uploads/{upload}/finish").status_code == 201
    assert (people.share / PATH).read_bytes() == b"1234567890"
    assert bob.get(f"/api/uploads/{upload}").status_code == 404


def test_a_stale_upload_overwrites_nothing_and_can_be_finished_anyway(people: People) -> None:
    file = people.make_flow("bob") / "big.bin"
    file.write_bytes(b"theirs")
    file.chmod(0o640)
    bob = people.browser("bob")
    upload = begin(bob, 4)
    send(bob, upload, 0, b"mine")

    for header in ({"If-None-Match": "*"}, {"If-Match": '"old"'}):
        assert bob.post(f"/api/uploads/{upload}/finish", headers=header).status_code == 412
    assert file.read_bytes() == b"theirs"
    assert sorted(item.name for item in file.parent.iterdir()) == ["big.bin", "flow.dag.yaml"]
    assert bob.post(f"/api/uploads/{upload}/finish").status_code == 200
    assert (file.read_bytes(), file.stat().st_mode & 0o777, file.stat().st_nlink) == (b"mine", 0o640, 1)


def test_an_upload_is_ones_own_and_goes_where_one_may_write(people: People) -> None:
    people.make_flow("bob")
    bob, bob2, root, vic = (people.browser(name) for name in ("bob", "bob2", "root", "vic"))
    upload = begin(bob, 3)

    for client in (bob2, root):
        assert send(client, upload, 0, b"abc").status_code == 404
        assert client.delete(f"/api/uploads/{upload}").status_code == 404
    assert bob2.post("/api/uploads", json={"size": 1, "path": PATH}).status_code == 403
    assert vic.post("/api/uploads", json={"size": 1}).status_code == 403
    for path in ("../x", "Users/bob/../bob2/x", "/etc/x", "Users/bob/\0"):
        assert bob.post("/api/uploads", json={"size": 1, "path": path}).status_code == 404
    for number in ("-1", "x", "99999999999999999999"):
        answer = bob.patch(f"/api/uploads/{upload}", content=b"abc", headers={"Upload-Offset": number})
        assert answer.status_code in (400, 409)
    assert bob.delete(f"/api/uploads/{upload}").status_code == 204
    assert bob.head(f"/api/uploads/{upload}").status_code == 404


@pytest.mark.parametrize("place", [".git/config", "out/x", "link", "folder"])
def test_no_upload_ends_where_no_file_may_be_written(people: People, place: str) -> None:
    folder = people.make_flow("bob")
    outside = people.share.parent / "outside"
    outside.mkdir()
    (folder / "out").symlink_to(outside)
    (folder / "link").symlink_to(outside / "x")
    (folder / "folder").mkdir()
    bob = people.browser("bob")
    upload = begin(bob, 1, f"Users/bob/promptflow/flow/{place}")
    send(bob, upload, 0, b"x")

    assert bob.post(f"/api/uploads/{upload}/finish").status_code in (400, 403, 404)
    assert not list(outside.iterdir())


def test_data_for_a_run_waits_under_its_id(people: People) -> None:
    bob = people.browser("bob")
    upload = begin(bob, 3, None)
    with pytest.raises(UploadIncompleteError):
        finished_file(people.studio.share, upload, username="bob")
    send(bob, upload, 0, b"{}\n")

    assert bob.post(f"/api/uploads/{upload}/finish").json()["data"] == f"upload:{upload}"
    assert finished_file(people.studio.share, upload, username="bob").read_bytes() == b"{}\n"
    for name, username in ((upload, "bob2"), ("../trash", "bob"), ("x" * 16, "bob")):
        with pytest.raises(UploadNotFoundError):
            finished_file(people.studio.share, name, username=username)


def test_what_rests_for_a_day_is_removed(people: People) -> None:
    bob = people.browser("bob")
    old, new = begin(bob, 3, None), begin(bob, 3, None)
    past = time.time() - KEPT_SECONDS - 10
    folder = people.share.parent / "uploads" / old
    os.utime(folder / "content", (past, past))
    os.utime(folder, (past, past))

    uploads.sweep(people.studio.share)

    assert [bob.get(f"/api/uploads/{upload}").status_code for upload in (old, new)] == [404, 200]


def test_too_large_or_too_many_uploads_are_refused(make_people: Callable[..., People]) -> None:
    bob = make_people(upload_limit=1).browser("bob")

    assert bob.post("/api/uploads", json={"size": 2_000_000, "path": PATH}).status_code == 413
    assert bob.post("/api/uploads", json={"size": -1}).status_code == 400
    answers = [bob.post("/api/uploads", json={"size": 1}).status_code for _ in range(101)]
    assert answers == [201] * 100 + [429]
