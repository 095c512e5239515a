"""The seller's desk: second-chance offers, lots that are relisted, own lots by state."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "second_chances",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("auction_id", BIG_ID, nullable=False),
        sa.Column("bidder_id", BIG_ID, nullable=False),
        sa.Column("amount_cents", BIG_ID, nullable=False),
        sa.Column("at_maximum", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("offered_at", WHEN, nullable=False),
        sa.Column("lapses_at", WHEN, nullable=False),
        sa.Column("decided_at", WHEN),
        sa.CheckConstraint("state IN ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')",
                           name=op.f("second_chances_state_known")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("second_chances_decided_iff_not_open")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("second_chances_amount_positive")),
        sa.CheckConstraint("offered_at < lapses_at", name=op.f("second_chances_lapses_after_offer")),
        sa.ForeignKeyConstraint(["auction_id"], ["auctions.id"], name=op.f("fk_second_chances_auction_id")),
        sa.ForeignKeyConstraint(["bidder_id"], ["users.id"], name=op.f("fk_second_chances_bidder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_chances")),
    )
    standing, still_open = sa.text("state IN ('open', 'accepted')"), sa.text("state = 'open'")
    op.create_index("ix_second_chances_auction", "second_chances", ["auction_id", "id"])
    op.create_index("uq_second_chances_standing", "second_chances", ["auction_id"], unique=True,
                    sqlite_where=standing, postgresql_where=standing)
    op.create_index("ix_second_chances_bidder", "second_chances", ["bidder_id", "id"])
    op.create_index("ix_second_chances_lapses", "second_chances", ["lapses_at"],
                    sqlite_where=still_open, postgresql_where=still_open)
    op.create_index("ix_second_chances_decided", "second_chances", ["decided_at"])
    op.add_column("auctions", sa.Column(
        "relisted_from_id", BIG_ID, sa.ForeignKey("auctions.id", name=op.f("fk_auctions_relisted_from_id"))),
        inline_references=True)
    op.create_index("uq_auctions_relisted_from", "auctions", ["relisted_from_id"], unique=True)
    op.create_index("ix_auctions_seller_state", "auctions", ["seller_id", "state", "ends_at"])


def downgrade():
    op.drop_index("ix_auctions_seller_state", "auctions")
    op.drop_index("uq_auctions_relisted_from", "auctions")
    op.drop_column("auctions", "relisted_from_id")
    op.drop_table("second_chances")
