"""The hostile neighbor, from the first request to the audit log: scenario 15 of the features."""

from __future__ import annotations

import http.client
import json

import pytest

from security.hostile_studio import ADA, MALLORY, Hostile
from security.test_archives import REFUSED

pytestmark = pytest.mark.timeout(120)


def _upload(hostile: Hostile, name: str, data: bytes) -> tuple[int, bytes]:
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    return hostile.call("mallory", "POST", "/api/import", head + data + b"\r\n--x--\r\n", **headers)


def _handshake(hostile: Hostile, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", hostile.serving.port, timeout=10)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    connection.request("GET", "/api/terminal", headers={**upgrade, **key, **headers})
    status = connection.getresponse().status
    connection.close()
    return status


def test_everything_is_refused_or_contained_and_the_log_tells_the_story(hostile: Hostile) -> None:
    before = hostile.world()
    with hostile.watched():
        for kind in ("climbs", "link up", "absolute link", "device", "nested git", "case collision"):
            status, answer = _upload(hostile, "evil.zip", REFUSED[kind])
            assert status in (400, 409, 413, 422), (kind, answer)
        links = {"to-key": "../../../../secret.key", "to-users": "../..", "to-ada": f"../../../{ADA}"}
        for name, target in links.items():
            (hostile.share / MALLORY / name).symlink_to(target)
        for path in ("to-key", "to-users/ada/promptflow/work/notes.txt", "to-ada/notes.txt"):
            status, _ = hostile.call("mallory", "GET", f"/api/content/{MALLORY}/{path}")
            assert status in (403, 404)
            status, _ = hostile.call("mallory", "PUT", f"/api/content/{MALLORY}/{path}", b"x")
            assert status in (201, 403, 404, 409)  # A link that leads away is replaced, never followed.
        for method, path in (("GET", "/api/connections/adas"), ("DELETE", f"/api/test/{ADA}")):
            status, answer = hostile.call("mallory", method, path)
            assert status in (403, 404) or b"true" not in answer.lower()
        assert _handshake(hostile) == 403
        assert _handshake(hostile, Origin="https://evil.example") == 403
    metadata = "socket.create_connection(('169.254.169.254', 80), timeout=1)"
    assert hostile.run(metadata)["status"] == "Failed"
    bomb = "for _ in range(2000):\n    if os.fork() == 0:\n        time.sleep(20)\n        os._exit(0)"
    assert hostile.run(bomb)["status"] == "Failed"
    assert hostile.world() == before

    hostile.call("mallory", "POST", "/api/users", {"username": "eve", "password": "correct horse", "role": "admin"})
    hostile.call(None, "POST", "/api/auth/token", {"username": "ada", "password": "a guess of mallory"})

    status, told = hostile.call("root", "GET", "/api/audit/download")
    assert status == 200
    acts = [(entry["actor"], entry["act"]) for entry in map(json.loads, told.splitlines())]
    assert ("ada", "sign_in.failed") in acts or any("failed" in act for _, act in acts), sorted(set(acts))
    assert any(actor == "mallory" for actor, _ in acts)
    assert hostile.call("mallory", "GET", "/api/audit/download")[0] == 403
