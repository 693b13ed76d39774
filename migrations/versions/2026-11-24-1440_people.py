"""People: accounts that can be disabled, invitations, and sessions and tokens that can be listed and taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "202611241440"
down_revision = "202611241030"
branch_labels = None
depends_on = None

_SECRETS = ("browser_sessions", "access_tokens")


def upgrade() -> None:
    # Columns are added and no table is made anew: dropping `users` would take everything that refers to it along.
    op.add_column("users", sa.Column("is_disabled", sa.Boolean(), server_default=sa.false(), nullable=False))
    for table in _SECRETS:
        op.add_column(table, sa.Column("id", sa.String(16), server_default="", nullable=False))
        op.add_column(table, sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
        op.execute(f"UPDATE {table} SET id = substr(token_hash, 1, 16)")  # noqa: S608 - our own two names.
        op.create_index(f"ix_{table}_id", table, ["id"], unique=True)
    op.add_column("browser_sessions", sa.Column("address", sa.String(45), server_default="", nullable=False))
    op.add_column("browser_sessions", sa.Column("browser", sa.String(200), server_default="", nullable=False))
    op.add_column("access_tokens", sa.Column("name", sa.String(100), server_default="", nullable=False))
    op.add_column("access_tokens", sa.Column("scope", sa.String(16), server_default="write", nullable=False))
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("username", sa.String(39), nullable=True),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invitations"),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name="fk_invitations_invited_by_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_invitations_id", "invitations", ["id"], unique=True)
    op.create_index("ix_invitations_invited_by", "invitations", ["invited_by"])
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])
