"""Row 25 of the table of incidents: names that are told when something is made obey their grammar at every creator.

A user's name, a flow's, a connection's and a branch's become folders and parts of addresses; none of them may climb.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from pfstudio.server.app import create_app
from pfstudio.server.settings import Settings
from repositories import copy_repositories
from studios import PASSWORD, People

CLIMBING = [
    "..",
    "../bob2",
    "../../outside",
    "a/../../x",
    "/etc/x",
    "a/b",
    "a\\b",
    "..\\x",
    "a\0b",
    "C:/x",
    "\0",
    "a\nb",
]
_FOLDER = "Users/root/promptflow"
Creator = Callable[[TestClient, str], Response]


def _import_named(client: TestClient, name: str) -> Response:
    return client.post("/api/import", data={"name": name}, files=[("files", ("x/flow.dag.yaml", b"nodes: []\n"))])


def _import_git(client: TestClient, **part: str) -> Response:
    return client.post("/api/import-git", json={"url": "https://example.invalid/x.git", **part})


def _clone(client: TestClient, **part: str) -> Response:
    return client.post("/api/git/clone", json={"url": "https://example.invalid/x.git", "into": _FOLDER, **part})


# Every field of a body that names what is made, by method, path and field.
CREATORS: dict[tuple[str, str, str], Creator] = {
    ("POST", "/api/users", "username"): lambda client, name: client.post(
        "/api/users", json={"username": name, "password": PASSWORD, "role": "author"}
    ),
    ("POST", "/api/flows", "name"): lambda client, name: client.post(
        "/api/flows", json={"name": name, "type": "standard"}
    ),
    ("POST", "/api/import", "name"): _import_named,
    ("POST", "/api/import-git", "name"): lambda client, name: _import_git(client, name=name),
    ("POST", "/api/import-git", "branch"): lambda client, name: _import_git(client, branch=name),
    ("POST", "/api/import-git", "folder"): lambda client, name: _import_git(client, folder=name),
    ("POST", "/api/connections", "name"): lambda client, name: client.post(
        "/api/connections", json={"name": name, "type": "open_ai", "api_key": "sk-1"}
    ),
    ("POST", "/api/invitations", "username"): lambda client, name: client.post(
        "/api/invitations", json={"role": "author", "username": name}
    ),
    ("POST", "/api/git/init/{path}", "branch"): lambda client, name: client.post(
        f"/api/git/init/{_FOLDER}/plain", json={"branch": name}
    ),
    ("POST", "/api/git/branches/{path}", "name"): lambda client, name: client.post(
        f"/api/git/branches/{_FOLDER}/repository", json={"name": name}
    ),
    ("PATCH", "/api/git/branches/{path}", "new_name"): lambda client, name: client.patch(
        f"/api/git/branches/{_FOLDER}/repository", json={"name": "other", "new_name": name}
    ),
    ("POST", "/api/git/remotes/{path}", "name"): lambda client, name: client.post(
        f"/api/git/remotes/{_FOLDER}/repository", json={"name": name, "url": "https://example.invalid/x.git"}
    ),
    ("POST", "/api/git/clone", "name"): lambda client, name: _clone(client, name=name),
    ("POST", "/api/git/clone", "branch"): lambda client, name: _clone(client, branch=name),
}
# Names of what is there already, a first user's own, which `test_auth` tries with the same grammar, and words that are
# only shown: of a token, of whoever commits, of an account elsewhere.
_NOT_MADE = {
    ("POST", "/api/auth/session", "username"),
    ("POST", "/api/auth/token", "username"),
    ("POST", "/api/auth/link", "username"),
    ("PUT", "/api/connections/{name}", "name"),
    ("PATCH", "/api/git/branches/{path}", "name"),
    ("POST", "/api/git/merge/{path}", "branch"),
    ("POST", "/api/tokens", "name"),
    ("PUT", "/api/git-identity", "name"),
    ("POST", "/api/git-credentials", "username"),
}
_NAMING = {"name", "new_name", "username", "branch", "folder", "tag", "owner"}
# A git folder may be several names deep, a branch has slashes, and a connection's name is never one of a file.
_ALLOWED = {
    ("POST", "/api/import-git", "folder"): {"a/b", "/etc/x", "a\\b", "a\nb"},
    ("POST", "/api/import-git", "branch"): {"a/b"},
    ("POST", "/api/git/clone", "branch"): {"a/b"},
    ("POST", "/api/git/init/{path}", "branch"): {"a/b"},
    ("POST", "/api/git/branches/{path}", "name"): {"a/b"},
    ("PATCH", "/api/git/branches/{path}", "new_name"): {"a/b"},
    ("POST", "/api/connections", "name"): {"a\\b", "..\\x"},
}


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _fields(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    inner = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, [])]
    return set(schema.get("properties", {})).union(*(_fields(document, part) for part in inner))


def test_every_field_that_names_something_new_is_tried(tmp_path: Path) -> None:
    document = create_app(Settings(data=tmp_path)).openapi()
    found = {
        (method.upper(), path, name)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        for name in _fields(document, content["schema"]) & _NAMING
    }

    assert found - _NOT_MADE == set(CREATORS)


@pytest.mark.parametrize("name", CLIMBING, ids=repr)
@pytest.mark.parametrize("creator", CREATORS, ids=" ".join)
def test_a_name_that_climbs_makes_nothing(people: People, creator: tuple[str, str, str], name: str) -> None:
    if name in _ALLOWED.get(creator, ()):
        name = f"../{name}"
    if "/git/" in creator[1]:
        copy_repositories(people.share / _FOLDER)
        people.make_flow("root", "plain")
    before = _everything(people.share.parent)

    answer = CREATORS[creator](people.browser("root"), name)

    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"].replace("\n", "").isprintable()
    assert _everything(people.share.parent) == before
    assert "root:x:0" not in answer.text


def _everything(data: Path) -> list[str]:
    """What lies on the disk, but for the database's own files and folders that wait for use."""
    names = {str(path.relative_to(data)) for path in data.rglob("*")}
    waiting = {"uploads", "trash", "locks", "repositories", "share/.incoming", "snapshots.git", "secret.key"}
    return sorted(
        name for name in names if "pfstudio.db" not in name and not any(name.startswith(place) for place in waiting)
    )
