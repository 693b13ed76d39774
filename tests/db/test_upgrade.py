"""Migrations: complete, safe and quick on both databases."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

import pfstudio.db.models
from pfstudio.db import upgrade
from pfstudio.db.base import Base


@pytest.mark.filterwarnings("ignore:.*expression-based index")  # Compared on PostgreSQL only.
def test_migrations_make_exactly_the_tables_of_the_models(empty_database_url: str) -> None:
    upgrade.upgrade(empty_database_url)

    with create_engine(empty_database_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert pfstudio.db.models.__all__


def test_a_database_is_current_after_its_upgrade_and_a_second_upgrade_does_nothing(empty_database_url: str) -> None:
    assert not upgrade.is_current(empty_database_url)

    upgrade.upgrade(empty_database_url)
    upgrade.upgrade(empty_database_url)

    assert upgrade.is_current(empty_database_url)


def test_each_revision_is_named_after_its_file_and_follows_the_one_before() -> None:
    before = None
    files = sorted((upgrade.migrations_folder() / "versions").glob("*.py"))
    for file, revision in zip(files, upgrade.revisions(), strict=True):
        source = file.read_text()
        assert f'revision = "{revision}"' in source
        assert f"down_revision = {before!r}".replace("'", '"') in source
        before = revision


def test_nothing_to_do_is_known_without_loading_a_database_library(migrated_sqlite: Path) -> None:
    program = (
        "import sys\n"
        "from pfstudio.db import upgrade\n"
        f"assert upgrade.is_current('sqlite:///{migrated_sqlite}')\n"
        "assert not {'sqlalchemy', 'alembic'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_sqlite_file_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    file = tmp_path / "pfstudio.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE precious (word TEXT)")
        connection.execute("INSERT INTO precious VALUES ('kept')")
        connection.commit()

    upgrade.upgrade(f"sqlite:///{file}", backups=tmp_path / "backups")

    (copy,) = (tmp_path / "backups").iterdir()
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT word FROM precious").fetchall() == [("kept",)]
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'users'").fetchall()
    assert copy.stat().st_mode & 0o077 == 0


def test_a_failing_migration_changes_nothing(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(upgrade.migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    newest = upgrade.revisions()[-1]
    (folder / "versions" / "2030-01-01-0000_broken.py").write_text(
        f'import sqlalchemy as sa\nfrom alembic import op\nrevision = "203001010000"\ndown_revision = "{newest}"\n'
        'def upgrade():\n    op.create_table("half", sa.Column("id", sa.Integer()))\n    raise RuntimeError("broken")\n'
    )
    upgrade.upgrade(empty_database_url)
    monkeypatch.setattr(upgrade, "migrations_folder", lambda: folder)

    with pytest.raises(RuntimeError, match="broken"):
        upgrade.upgrade(empty_database_url)

    with create_engine(empty_database_url).connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest
        with pytest.raises(Exception, match=r"no such table|does not exist"):
            connection.execute(text("SELECT * FROM half"))


def test_a_database_of_a_newer_version_is_refused_in_words(database_url: str) -> None:
    with create_engine(database_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '209912312359'"))

    with pytest.raises(upgrade.NewerDatabaseError, match=r"newer pfstudio \(revision 209912312359\)"):
        upgrade.is_current(database_url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", "cannot be used"),
        ("mysql://somewhere/none", "has to begin with postgresql\\+psycopg://, not with mysql://"),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(upgrade.DatabaseUnreachableError, match=sentence):
        upgrade.is_current(url)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "pfstudio.db"
    file.write_bytes(b"this is no database, but it is long enough to look like one" * 40)

    with pytest.raises(upgrade.DatabaseUnreachableError, match=re.escape(str(file))):
        upgrade.is_current(f"sqlite:///{file}")


def test_the_upgrade_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pfstudio.db.upgrade"],
        env={"PFSTUDIO_DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'pfstudio.db'}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert upgrade.is_current(f"sqlite:///{tmp_path / 'new' / 'pfstudio.db'}")
    assert time.monotonic() - began < 30
