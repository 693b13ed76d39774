"""Tries to sign in, counted for all web processes together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "202611240810"
down_revision = "202611240400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_hash", sa.String(64), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_tries"),
    )
    op.create_index("ix_sign_in_tries_name_hash_address_hash", "sign_in_tries", ["name_hash", "address_hash"])
    op.create_index("ix_sign_in_tries_address_hash", "sign_in_tries", ["address_hash"])
    op.create_index("ix_sign_in_tries_tried_at", "sign_in_tries", ["tried_at"])
