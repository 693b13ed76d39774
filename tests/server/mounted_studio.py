"""A studio whose disk is a small one of its own, or is taken away: run under `unshare`, it prints what it answered.

`python mounted_studio.py SCENARIO FOLDER`, with the folders of the tests on the path.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from git_server import serving_repositories
from pfstudio.accounts import service
from pfstudio.accounts.actor import Role
from pfstudio.db import upgrade
from pfstudio.server.app import create_app
from pfstudio.server.settings import Settings
from studios import People

HERE = "Users/bob/promptflow/flow"
FILE = f"/api/content/{HERE}/flow.dag.yaml"
MEGABYTE = 1 << 20
BEFORE = b"inputs: {}\noutputs: {}\nnodes: []\n"


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def studio(data: Path, **settings: Any) -> People:
    data.mkdir(exist_ok=True)
    upgrade.upgrade(f"sqlite:///{data / 'pfstudio.db'}")
    people = People(create_app(Settings(data=data, **settings)))
    with people.studio.database.write() as session:
        for name, role in {"root": Role.ADMIN, "bob": Role.AUTHOR}.items():
            service.add_user(session, username=name, password_hash=None, role=role, share_root=people.share)
    people.make_flow("bob")
    return people


def answer_of(call: Callable[[], Any]) -> dict[str, Any]:
    answer = call()
    is_problem = answer.headers.get("content-type", "").startswith("application/problem")
    body = answer.json() if is_problem else {}
    return {"status": answer.status_code, "code": body.get("code"), "detail": body.get("detail")}


def upload(client: TestClient, size: int) -> Any:
    began = client.post("/api/uploads", json={"path": f"{HERE}/up.bin", "size": size})
    if began.status_code != 201:
        return began
    address = f"/api/uploads/{began.json()['id']}"
    answer = began
    for offset in range(0, size, MEGABYTE):
        answer = client.patch(address, content=bytes(MEGABYTE), headers={"Upload-Offset": str(offset)})
        if not answer.is_success:
            break
    client.delete(address)
    return answer


def ways(client: TestClient, size: int) -> dict[str, Callable[[], Any]]:
    """Everything that writes."""
    parts = [("files", ("f/flow.dag.yaml", b"nodes: []")), ("files", ("f/big.bin", bytes(size)))]
    return {
        "save": lambda: client.put(FILE, content=BEFORE + b"#" * size),
        "new file": lambda: client.put(f"/api/content/{HERE}/new.bin", content=bytes(size)),
        "upload": lambda: upload(client, max(size, MEGABYTE)),
        "import": lambda: client.post("/api/import", files=parts),
        "folder": lambda: client.post(f"/api/files/{HERE}/sub", json={"kind": "folder"}),
        "move": lambda: client.patch(f"/api/files/{HERE}/flow.dag.yaml", json={"path": f"{HERE}/moved"}),
        "delete": lambda: client.delete(f"/api/files/{HERE}/flow.dag.yaml"),
        "new flow": lambda: client.post("/api/flows", json={"name": "another", "type": "standard"}),
        "copy": lambda: client.post("/api/flows", json={"name": "copied", "copy_of": HERE}),
    }


def left_behind(share: Path) -> list[str]:
    """What a write that failed must not leave."""
    found = [*share.rglob(".pfstudio-tmp-*"), *(share / ".incoming").glob("*"), *share.rglob("*.bin")]
    return [str(item.relative_to(share)) for item in found]


def in_the_middle(root: Path, reserve: int) -> dict[str, Any]:
    """Three megabytes are free, and five are to be written."""
    repositories = Path(tempfile.mkdtemp(dir=root.parent))
    mount("-t", "tmpfs", "-o", "size=16m", "none", str(root))
    people = studio(root / "data", quota_reserve=reserve, import_private_addresses=True)
    client = people.browser("bob")
    free = shutil.disk_usage(root).free
    (root / "data/share/Users/ballast").write_bytes(bytes(free - 3 * MEGABYTE))
    time.sleep(0.6)
    found: dict[str, Any] = {"before": client.get("/api/status").json()["storage"]["read_only"], "answers": {}}
    for name in ("save", "new file", "upload", "import"):
        found["answers"][name] = answer_of(ways(client, 5 * MEGABYTE)[name])
        time.sleep(0.6)
        found.setdefault("left", []).extend(left_behind(people.share))
    with serving_repositories(repositories) as server:
        for name, content in {"packed.git": os.urandom(5 * MEGABYTE), "unpacked.git": bytes(5 * MEGABYTE)}.items():
            server.make(name, {"flow.dag.yaml": BEFORE, "f/big.bin": content})
            body = {"url": server.url(name)}
            found["answers"][name] = answer_of(lambda body=body: client.post("/api/import-git", json=body))  # type: ignore[misc]
            found["left"] += left_behind(people.share)
            found["left"] += [item.name for item in (root / "data" / "repositories").iterdir()]
            time.sleep(0.6)
    found["content"] = client.get(FILE).content.decode()
    found["small"] = answer_of(lambda: client.put(f"/api/content/{HERE}/small", content=b"x"))
    (root / "data/share/Users/ballast").unlink()
    time.sleep(0.6)
    found["after"] = {name: answer_of(ways(client, 5 * MEGABYTE)[name]) for name in ("save", "import", "folder")}
    people.studio.close()
    return found


def full(root: Path) -> dict[str, Any]:
    """Less is free than the reserve: the studio is read-only, and says so."""
    mount("-t", "tmpfs", "-o", "size=16m", "none", str(root))
    people = studio(root / "data", quota_reserve=2)
    client, admin = people.browser("bob"), people.browser("root")
    (people.share / "Users/bob/gone.txt").write_bytes(bytes(shutil.disk_usage(root).free - MEGABYTE))
    time.sleep(0.6)
    writing = ways(client, 10)
    found: dict[str, Any] = {name: answer_of(call) for name, call in writing.items() if name not in ("move", "delete")}
    status = client.get("/api/status").json()["storage"]
    result = {
        "answers": found,
        "status": [status["read_only"], status["note"]],
        "read": [client.get(FILE).status_code, client.get(f"/api/export/{HERE}").status_code],
        "space": admin.get("/api/space").status_code,
        "sign in": answer_of(lambda: people.browser("bob").get("/api/flows")),
        "freed": [client.delete("/api/files/Users/bob/gone.txt").status_code, client.delete("/api/trash").json()],
    }
    time.sleep(0.6)
    result["after"] = answer_of(ways(client, 10)["save"])
    result["status after"] = client.get("/api/status").json()["storage"]["read_only"]
    people.studio.close()
    return result


def read_only(root: Path) -> dict[str, Any]:
    share = root / "data" / "share"
    share.mkdir(parents=True)
    mount("-t", "tmpfs", "-o", "size=16m", "none", str(share))
    people = studio(root / "data", quota_reserve=0)
    client = people.browser("bob")
    client.put(f"/api/content/{HERE}/trashed", content=b"x")
    client.delete(f"/api/files/{HERE}/trashed")
    mount("-o", "remount,ro", str(share))
    result = _while_it_lasts(people, client)
    mount("-o", "remount,rw", str(share))
    time.sleep(0.6)
    return _afterwards(people, client, result)


def gone(root: Path) -> dict[str, Any]:
    real, share = root / "real", root / "data" / "share"
    real.mkdir()
    share.mkdir(parents=True)
    mount("--bind", str(real), str(share))
    people = studio(root / "data", quota_reserve=0)
    client = people.browser("bob")
    assert client.get("/api/flows").json()["flows"]
    subprocess.run(["umount", "-l", str(share)], check=True)
    time.sleep(0.6)
    result = _while_it_lasts(people, client)
    result["made"] = [item.name for item in share.iterdir()]
    mount("--bind", str(real), str(share))
    time.sleep(0.6)
    return _afterwards(people, client, result)


def _while_it_lasts(people: People, client: TestClient) -> dict[str, Any]:
    reading = {
        "content": lambda: client.get(FILE),
        "list": lambda: client.get(f"/api/files/{HERE}"),
        "users": lambda: client.get("/api/files/Users"),
        "flow": lambda: client.get(f"/api/flows/{HERE}"),
        "flows": lambda: client.get("/api/flows"),
        "search": lambda: client.get("/api/search/names", params={"root": HERE, "q": "flow"}),
        "manifest": lambda: client.get(f"/api/manifest/{HERE}"),
        "export": lambda: client.get(f"/api/export/{HERE}"),
        "trash": lambda: client.get("/api/trash"),
        "space": lambda: client.get("/api/space"),
        "status": lambda: client.get("/api/status"),
        "session": lambda: client.get("/api/auth/session"),
    }
    told = {
        "writing": {name: answer_of(call) for name, call in ways(client, 10).items()},
        "reading": {name: answer_of(call) for name, call in reading.items()},
    }
    time.sleep(0.6)  # The disk is looked at twice a second.
    return {
        **told,
        "note": client.get("/api/status").json()["storage"]["note"],
    }


def _afterwards(people: People, client: TestClient, result: dict[str, Any]) -> dict[str, Any]:
    result["content"] = client.get(FILE).content.decode()
    result["left"] = left_behind(people.share)
    result["after"] = {name: answer_of(ways(client, 10)[name]) for name in ("save", "import", "folder", "delete")}
    result["flows"] = len(client.get("/api/flows").json()["flows"])
    people.studio.close()
    return result


SCENARIOS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "in the middle": lambda root: in_the_middle(root, 0),
    "in the middle with a reserve": lambda root: in_the_middle(root, 1),
    "full": full,
    "read-only": read_only,
    "gone": gone,
}

if __name__ == "__main__":
    print(json.dumps(SCENARIOS[sys.argv[1]](Path(sys.argv[2]))))
