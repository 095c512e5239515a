"""People: friends, followed, blocked; their active picture; reports of anything."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade():
    op.add_column("users", sa.Column("picture", sa.String(length=60)))
    op.create_table(
        "friendships",
        sa.Column("low_id", BIG_ID, nullable=False),
        sa.Column("high_id", BIG_ID, nullable=False),
        sa.Column("requester_id", BIG_ID, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("accepted_at", WHEN),
        sa.CheckConstraint("low_id < high_id", name=op.f("friendships_low_first")),
        sa.CheckConstraint("requester_id IN (low_id, high_id)", name=op.f("friendships_requester_of_pair")),
        sa.ForeignKeyConstraint(["low_id"], ["users.id"], name=op.f("fk_friendships_low_id")),
        sa.ForeignKeyConstraint(["high_id"], ["users.id"], name=op.f("fk_friendships_high_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["users.id"], name=op.f("fk_friendships_requester_id")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_friendships")),
    )
    op.create_index(op.f("ix_friendships_high_id"), "friendships", ["high_id"])
    op.create_index(op.f("ix_friendships_requester_id"), "friendships", ["requester_id"])
    _create_pairs("follows", "follower_id", "followed_id")
    _create_pairs("person_blocks", "blocker_id", "blocked_id")
    op.create_table(
        "reports_of_anything",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("reporter_id", BIG_ID, nullable=False),
        sa.Column("subject_kind", sa.String(length=10), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint("subject_kind IN ('auction', 'message', 'post', 'comment', 'person')",
                           name=op.f("reports_subject_known")),
        sa.ForeignKeyConstraint(["reporter_id"], ["users.id"], name=op.f("fk_reports_of_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports_of_anything")),
    )
    op.execute("INSERT INTO reports_of_anything SELECT id, reporter_id, 'auction', auction_id, reason, created_at FROM reports")
    op.drop_table("reports")
    op.rename_table("reports_of_anything", "reports")
    op.create_index(op.f("ix_reports_subject_kind"), "reports", ["subject_kind", "subject_id"])
    op.create_index(op.f("ix_reports_reporter_id"), "reports", ["reporter_id"])


def _create_pairs(table, who, whom):
    """A table of ordered pairs of people."""
    op.create_table(
        table,
        sa.Column(who, BIG_ID, nullable=False),
        sa.Column(whom, BIG_ID, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint(f"{who} <> {whom}", name=op.f(f"{table}_not_oneself")),
        sa.ForeignKeyConstraint([who], ["users.id"], name=op.f(f"fk_{table}_{who}")),
        sa.ForeignKeyConstraint([whom], ["users.id"], name=op.f(f"fk_{table}_{whom}")),
        sa.PrimaryKeyConstraint(who, whom, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{whom}"), table, [whom])
