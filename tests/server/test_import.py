"""Folders and zips become flows, over a real connection."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import threading
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from live_studio import Live, live, until

__all__ = ["live"]

BOUNDARY = b"----pfstudio0123456789"
FORM = f"multipart/form-data; boundary={BOUNDARY.decode()}"


def form(files: Iterable[tuple[str, bytes]], name: str | None = None, field: str = "files") -> Iterator[bytes]:
    """A multipart body as browsers write it, piece by piece."""
    if name is not None:
        yield b'--%s\r\nContent-Disposition: form-data; name="name"\r\n\r\n%s\r\n' % (BOUNDARY, name.encode())
    for path, data in files:
        quoted = path.encode().replace(b'"', b"%22")
        yield b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n' % (
            BOUNDARY,
            field.encode(),
            quoted,
        )
        yield b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n"
    yield b"--%s--\r\n" % BOUNDARY


def bring_in(live: Live, files: Iterable[tuple[str, bytes]], name: str | None = None) -> tuple[int, dict[str, object]]:
    status, body, _ = live.call("bob", "POST", "/api/import", b"".join(form(files, name)), **{"Content-Type": FORM})
    return status, json.loads(body)


def sound(path: str, files: int) -> dict[str, object]:
    """The answer of an import in which all is well."""
    return {"path": path, "flows": [path], "files": files, "problems": [], "connections": [], "left_out": []}


FLOW = [("my flow/flow.dag.yaml", b"nodes: []\n"), ("my flow/data/ünï 🙂.txt", b"x\r\n\0"), ("my flow/empty.txt", b"")]


def test_a_folder_becomes_a_flow_byte_for_byte(live: Live) -> None:
    status, body = bring_in(live, FLOW)

    assert (status, body) == (201, sound("Users/bob/promptflow/my flow", 3))
    folder = live.people.share / "Users/bob/promptflow"
    written = [item for item in (folder / "my flow").rglob("*") if item.is_file()]
    assert {str(item.relative_to(folder)): item.read_bytes() for item in written} == dict(FLOW)
    assert bring_in(live, FLOW)[1]["path"] == "Users/bob/promptflow/my flow-2"
    assert bring_in(live, FLOW, "given")[1]["path"] == "Users/bob/promptflow/given"
    status, body = bring_in(live, FLOW, "given")
    assert (status, body["code"], body["proposal"]) == (409, "flow_name_taken", "given-2")


def test_ten_thousand_files_come_in_through_the_real_form(live: Live) -> None:
    files = [("big/flow.dag.yaml", b"nodes: []\n"), *((f"big/d{n % 50}/{n}.txt", b"%d" % n) for n in range(10_000))]

    status, body = bring_in(live, files)

    assert (status, body["files"]) == (201, 10_001)
    folder = live.people.share / "Users/bob/promptflow/big"
    assert sum(1 for item in folder.rglob("*.txt") if item.read_bytes() == item.stem.encode()) == 10_000


def test_memory_stays_the_same_however_large_the_upload(live: Live) -> None:
    head, end = list(form([("f/flow.dag.yaml", b"nodes: []\n"), ("f/big.bin", b"")]))[:-1], list(form([]))[-1]
    head[-1] = head[-1].removesuffix(b"\r\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    connection = live.connect()

    def pieces() -> Iterator[bytes]:
        yield from head
        for _ in range(250):
            yield bytes(1_000_000)
        yield b"\r\n" + end

    headers = {"Authorization": f"Bearer {live.token('bob')}", "Content-Type": FORM, "Transfer-Encoding": "chunked"}
    connection.request("POST", "/api/import", pieces(), headers, encode_chunked=True)
    answer = connection.getresponse()

    assert answer.status == 201
    assert json.loads(answer.read()) == sound("Users/bob/promptflow/f", 2)
    assert (live.people.share / "Users/bob/promptflow/f/big.bin").stat().st_size == 250_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_what_is_exported_comes_in_again_byte_for_byte(live: Live, tmp_path: Path) -> None:
    bring_in(live, FLOW)
    folder = live.people.share / "Users/bob/promptflow/my flow"
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").touch()

    status, packed, headers = live.call("vic", "GET", "/api/export/Users/bob/promptflow/my%20flow")
    with_zip = bring_in(live, [("anything.zip", packed)])

    assert status == 200
    assert headers["content-disposition"] == "attachment; filename*=UTF-8''my%20flow.zip"
    assert headers["x-left-out"] == ".git, __pycache__, .promptflow"
    assert headers["content-type"] == "application/zip"
    assert with_zip == (201, sound("Users/bob/promptflow/my flow-2", 3))
    (tmp_path / "flow.zip").write_bytes(packed)
    subprocess.run(["unzip", "-q", tmp_path / "flow.zip", "-d", tmp_path], check=True, timeout=30)
    for other in (tmp_path / "my flow", folder.parent / "my flow-2"):
        ended = subprocess.run(["diff", "-r", "-x", "__pycache__", folder, other], check=False, capture_output=True)
        assert ended.returncode == 0, ended.stdout


def test_a_flow_deep_in_a_repository_is_found(live: Live) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("repo/README.md", "x")
        target.writestr("repo/flows/one/flow.dag.yaml", "nodes: []\n")

    status, body = bring_in(live, [("repo.zip", archive.getvalue())])

    assert (status, body["path"]) == (201, "Users/bob/promptflow/repo/flows/one")


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", FORM, "malformed_upload"),
        (b"nonsense", FORM, "malformed_upload"),
        (b"".join(form(FLOW))[:-40], FORM, "malformed_upload"),
        (b"".join(form(FLOW)), "multipart/form-data", "malformed_upload"),
        (b"".join(form(FLOW)), "multipart/form-data; boundary=other", "malformed_upload"),
        (b"".join(form(FLOW)), "multipart/form-data; boundary=" + "x" * 5000, "malformed_upload"),
        (b"{}", "application/json", "malformed_upload"),
        (b"".join(form([])), FORM, "archive_refused"),
        (b"".join(form([("flow/a.txt", b"x")])), FORM, "no_flow_file"),
        (b"".join(form([("../flow.dag.yaml", b"x")])), FORM, "archive_refused"),
        (b"".join(form(FLOW, "../evil")), FORM, "invalid_flow_name"),
        (b"".join(form(FLOW, ".hidden")), FORM, "invalid_flow_name"),
        (b"".join(form(FLOW, "x" * 2000)), FORM, "malformed_upload"),
        (b"".join(form(FLOW)).replace(b'name="files"; filename', b'name="owner"; x'), FORM, "malformed_upload"),
    ],
)
def test_a_malformed_upload_is_a_sentence_and_leaves_nothing(live: Live, body: bytes, kind: str, code: str) -> None:
    status, answer, _ = live.call("bob", "POST", "/api/import", body, **{"Content-Type": kind})

    assert status == 400, answer
    assert json.loads(answer)["code"] == code
    incoming = live.people.share / ".incoming"
    assert not incoming.exists() or not any(incoming.iterdir())


@pytest.mark.timeout(60)
def test_a_browser_that_goes_away_in_the_middle_leaves_nothing(live: Live) -> None:
    connection = live.connect()
    connection.putrequest("POST", "/api/import")
    for name, value in (("Authorization", f"Bearer {live.token('bob')}"), ("Content-Type", FORM)):
        connection.putheader(name, value)
    connection.putheader("Content-Length", "50000000")
    begun = b"".join(form([*FLOW, ("my flow/big.bin", b"x" * 3_000_000)]))
    connection.endheaders(begun[:-200])
    incoming = live.people.share / ".incoming"
    until(lambda: incoming.exists() and any(incoming.rglob("*.yaml")))

    connection.close()

    until(lambda: not any(incoming.iterdir()), 10)
    assert not (live.people.share / "Users/bob/promptflow").exists() or not any(
        (live.people.share / "Users/bob/promptflow").iterdir()
    )


@pytest.mark.timeout(60)
def test_uploads_that_hang_keep_nobody_else_waiting(live: Live) -> None:
    """The giant boundary of Langflow CVE-2026-55446, and forty slow uploads: others are answered at once."""
    boundary = "x" * 60_000
    hanging = [live.connect() for _ in range(40)]
    token = live.token("bob")
    for connection in hanging:
        connection.putrequest("POST", "/api/import")
        connection.putheader("Authorization", f"Bearer {token}")
        connection.putheader("Content-Type", FORM)
        connection.putheader("Content-Length", "1000000")
        connection.endheaders(b"--" + BOUNDARY)
    status, _, _ = live.call(
        "bob", "POST", "/api/import", b"x", **{"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    assert status in (400, 431)
    answers: list[int] = []
    thread = threading.Thread(
        target=lambda: answers.append(live.call("bob2", "GET", "/api/files/Users")[0]), daemon=True
    )
    thread.start()
    thread.join(3)

    assert answers == [200]
    for connection in hanging:
        connection.close()


def test_what_is_wrong_with_a_flow_is_told_and_keeps_nothing_out(live: Live) -> None:
    broken = (
        b"nodes:\n- name: a\n  type: llm\n  source: {type: code, path: none.jinja2}\n  connection: azure\n  api: chat\n"
    )

    status, body = bring_in(live, [("flow/flow.dag.yaml", broken)])
    torn_status, torn = bring_in(live, [("torn/flow.dag.yaml", b"nodes: [")])

    assert (status, torn_status) == (201, 201)
    assert body["connections"] == ["azure"]
    assert "none.jinja2" in json.dumps(body["problems"])
    assert torn["problems"]
