"""Brings the database up to date.

Whether there is something to do is known from the names of the migration files and one small query, without loading
SQLAlchemy or Alembic, because every start asks. `python -m pfstudio.db.upgrade` does the work in a process of its own.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pfstudio.errors import PromptflowException, UnavailableError

_FILE_NAME = re.compile(r"(\d{4})-(\d\d)-(\d\d)-(\d{4})_\w+\.py")
_ADVISORY_LOCK = 7331010  # Any number, as long as nothing else in this database locks by it.


class NewerDatabaseError(UnavailableError):
    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database was last used by a newer pfstudio (revision {revision}). Install that version, or put a "
            "copy from the folder `backups` in its place."
        )


class DatabaseUnreachableError(UnavailableError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"The database cannot be used: {reason.strip()}")


class UpgradeError(UnavailableError):
    def __init__(self, output: str) -> None:
        lines = output.strip().splitlines() or ["it said nothing."]
        super().__init__(f"The database could not be brought up to date; nothing in it was changed: {lines[-1]}")


def migrations_folder() -> Path:
    """The migrations beside the installed package, or those of the checkout."""
    installed = Path(__file__).with_name("migrations")
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"


def revisions() -> list[str]:
    """All revisions in order, as their files are named."""
    names = (_FILE_NAME.fullmatch(path.name) for path in (migrations_folder() / "versions").iterdir())
    return sorted("".join(name.groups()) for name in names if name)


def is_current(url: str) -> bool:
    """Whether the database has the newest revision.

    Raises:
        NewerDatabaseError: it has one that this version does not know.
        DatabaseUnreachableError: it cannot be opened.
    """
    stored = _stored_revision(url)
    known = revisions()
    if stored is not None and stored not in known:
        raise NewerDatabaseError(stored)
    return stored == known[-1]


def upgrade(url: str, *, backups: Path | None = None) -> None:
    """Run the migrations that are missing, all or none; an SQLite file is copied into `backups` first.

    Raises:
        NewerDatabaseError: the database has a revision that this version does not know.
        DatabaseUnreachableError: it cannot be opened.
    """
    if is_current(url):
        return
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        if backups is not None and file.exists():
            _copy_sqlite(file, backups)
    _run_alembic(url)


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite address; None for another database."""
    return Path(unquote(url.removeprefix("sqlite:///"))) if url.startswith("sqlite:///") else None


def _stored_revision(url: str) -> str | None:
    file = sqlite_file(url)
    if file is None:
        return _stored_revision_of_postgres(url)
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(file, timeout=5)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise DatabaseUnreachableError(f"{file}: {error}") from error
    return str(row[0]) if row else None


def _stored_revision_of_postgres(url: str) -> str | None:
    try:
        import psycopg
    except ImportError as error:
        raise DatabaseUnreachableError("PostgreSQL needs `pip install pfstudio[postgres]`.") from error
    scheme = urlsplit(url).scheme
    if scheme != "postgresql+psycopg":
        raise DatabaseUnreachableError(f"its address has to begin with postgresql+psycopg://, not with {scheme}://.")
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=10) as connection:
            if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.Error as error:
        raise DatabaseUnreachableError(str(error)) from error
    return str(row[0]) if row else None


def _copy_sqlite(file: Path, backups: Path) -> None:
    """Copy through SQLite itself, so that what is still in the write-ahead log is in the copy."""
    backups.mkdir(parents=True, exist_ok=True)
    copy = backups / f"{file.stem}-{datetime.now():%Y%m%d-%H%M%S-%f}.db"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.chmod(0o600)


def _run_alembic(url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine, event, text
    from sqlalchemy.exc import DBAPIError

    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def keep_driver_from_committing(dbapi_connection: sqlite3.Connection, _record: object) -> None:
            dbapi_connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def begin(connection: object) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                # Two studios on one database may start at the same moment.
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise DatabaseUnreachableError(str(error.orig)) from error
    finally:
        engine.dispose()


def main() -> int:
    """Upgrade the database that the environment names."""
    backups = os.environ.get("PFSTUDIO_BACKUPS")
    try:
        upgrade(os.environ["PFSTUDIO_DATABASE_URL"], backups=Path(backups) if backups else None)
    except PromptflowException as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
