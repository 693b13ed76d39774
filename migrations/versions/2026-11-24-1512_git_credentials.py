"""What git signs in with elsewhere, and the servers that users trust."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "202611241512"
down_revision = "202611241503"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "git_credentials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column("username", sa.String(255), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_git_credentials"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_git_credentials_user_id_users", ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "kind", "origin", name="uq_git_credentials_user_id_kind_origin"),
    )
    op.create_table(
        "git_host_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_git_host_keys"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_git_host_keys_user_id_users", ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "host", name="uq_git_host_keys_user_id_host"),
    )
