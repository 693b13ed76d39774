"""What admins switch on and off while the studio runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "202611241450"
down_revision = "202611241445"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "switches",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_switches"),
    )
