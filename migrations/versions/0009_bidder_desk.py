"""The bidder's desk: reminders of the end of watched lots, each with the end that it told of."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("watches", sa.Column("hour_told_of", sa.DateTime(timezone=True), nullable=True))
    op.add_column("watches", sa.Column("minutes_told_of", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("watches", "minutes_told_of")
    op.drop_column("watches", "hour_told_of")
