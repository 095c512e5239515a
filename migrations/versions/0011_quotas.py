"""Quotas that administrators have set."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "quota_settings",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.CheckConstraint("most BETWEEN 1 AND 100000", name=op.f("quota_settings_most_in_range")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_quota_settings")),
    )


def downgrade():
    op.drop_table("quota_settings")
