"""A studio application with four people, and clients that are signed in as they are."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from databases import migrated_sqlite
from pfstudio.accounts import service, sessions
from pfstudio.accounts.actor import Role
from pfstudio.accounts.passwords import Passwords
from pfstudio.accounts.tokens import csrf_token
from pfstudio.server.app import create_app
from pfstudio.server.deps import Studio
from pfstudio.server.settings import Settings

__all__ = ["ADDRESS", "PASSWORD", "People", "make_people", "migrated_sqlite", "opened_studio", "people"]

ADDRESS = "http://localhost:8010"
COOKIE = "pfstudio_session_8010"
PASSWORD = "correct horse battery"
ROLES = {"root": Role.ADMIN, "bob": Role.AUTHOR, "bob2": Role.AUTHOR, "vic": Role.VIEWER}


@cache
def hashed_password() -> str:
    return Passwords().hash(PASSWORD)


@dataclass
class People:
    """The application, and one client for each way of being somebody."""

    app: FastAPI
    trashed: str = ""
    version: str = ""
    invited: str = ""
    stash: str = ""

    @property
    def studio(self) -> Studio:
        studio: Studio = self.app.state.studio
        return studio

    @property
    def share(self) -> Path:
        return self.studio.settings.share_root

    def anonymous(self, **headers: str) -> TestClient:
        return TestClient(self.app, base_url=ADDRESS, headers=headers, raise_server_exceptions=False)

    def browser(self, username: str) -> TestClient:
        """A client with the cookie, the origin and the CSRF token of our own pages."""
        with self.studio.database.write() as session:
            issued = sessions.open_session(session, username)
        client = self.anonymous(Origin=ADDRESS, **{"X-CSRF-Token": csrf_token(issued.token)})
        client.cookies.set(COOKIE, issued.token)
        return client

    def script(self, username: str) -> TestClient:
        """A client with a personal token."""
        with self.studio.database.write() as session:
            issued = sessions.issue_token(session, username)
        return self.anonymous(Authorization=f"Bearer {issued.token}")

    def make_flow(self, owner: str, name: str = "flow") -> Path:
        folder = self.share / "Users" / owner / "promptflow" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "flow.dag.yaml").write_text("inputs: {}\noutputs: {}\nnodes: []\n")
        return folder


@contextmanager
def opened_studio(data: Path, migrated_sqlite: Path, **settings: Any) -> Iterator[People]:
    """A studio on a data folder, with the four people."""
    (data / "share" / "Users").mkdir(parents=True, exist_ok=True)
    if not (data / "pfstudio.db").exists():
        shutil.copy(migrated_sqlite, data / "pfstudio.db")
    found = People(create_app(Settings(data=data, **settings)))
    with found.studio.database.write() as session:
        for username, role in ROLES.items():
            if username not in [user.username for user in service.list_users(session)]:
                service.add_user(
                    session, username=username, password_hash=hashed_password(), role=role, share_root=found.share
                )
    try:
        yield found
    finally:
        found.studio.close()


@pytest.fixture
def make_people(tmp_path: Path, migrated_sqlite: Path) -> Iterator[Callable[..., People]]:
    """Makes studios with other settings than the usual ones."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(opened_studio(tmp_path / "data", migrated_sqlite, **settings))


@pytest.fixture
def people(make_people: Callable[..., People]) -> People:
    return make_people()
