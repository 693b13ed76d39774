"""Versions of the snapshot store, for reading quickly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "202611241030"
down_revision = "202611240810"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_versions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("unit_key", sa.String(40), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("commit_oid", sa.String(64), nullable=False),
        sa.Column("tree_oid", sa.String(64), nullable=False),
        sa.Column("state_oid", sa.String(64), nullable=False),
        sa.Column("entry", sa.String(16), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_history_versions"),
        sa.UniqueConstraint("id", name="uq_history_versions_id"),
    )
    op.create_index("ix_history_versions_unit_key_number", "history_versions", ["unit_key", "number"])
