"""Bids write fewer indexes: none of an auction's row, and none of payments that a transfer does not have."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_HAS_PAYMENT = sa.text("payment_id IS NOT NULL")


def upgrade():
    op.drop_index(op.f("ix_auctions_leader_id"), table_name="auctions")
    op.drop_index(op.f("ix_transfers_payment_id"), table_name="transfers")
    op.create_index(op.f("ix_transfers_payment_id"), "transfers", ["payment_id"],
                    postgresql_where=_HAS_PAYMENT, sqlite_where=_HAS_PAYMENT)


def downgrade():
    op.drop_index(op.f("ix_transfers_payment_id"), table_name="transfers")
    op.create_index(op.f("ix_transfers_payment_id"), "transfers", ["payment_id"])
    op.create_index(op.f("ix_auctions_leader_id"), "auctions", ["leader_id"])
