"""The name and address of users' commits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "202611241503"
down_revision = "202611241450"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "git_identities",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.String(250), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_git_identities_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_git_identities"),
    )
