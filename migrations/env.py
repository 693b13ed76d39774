"""Alembic's entry point. `pfstudio.db.upgrade` calls it with an open connection; by hand see `migrations/README.md`."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection, create_engine

import pfstudio.db.models  # noqa: F401 - fills the metadata.
from pfstudio.db.base import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        # SQLite can roll back DDL when the driver is kept from committing on its own, as `upgrade` does.
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(os.environ["PFSTUDIO_DATABASE_URL"]).begin() as opened:
        run(opened)
