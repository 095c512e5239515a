"""People: friends, followed, blocked; their names, birthdays and pictures; reports of anything."""

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
    op.add_column("users", sa.Column("signature", sa.String(length=60)))
    op.add_column("users", sa.Column("first_name", sa.String(length=60), server_default="", nullable=False))
    op.add_column("users", sa.Column("last_name", sa.String(length=60), server_default="", nullable=False))
    op.add_column("users", sa.Column("born_on", sa.Date()))
    op.add_column("users", sa.Column("shows_birthday", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("email_codes", sa.Column(
        "user_id", BIG_ID, sa.ForeignKey("users.id", name=op.f("fk_email_codes_user_id"))), inline_references=True)
    op.create_index(op.f("ix_email_codes_user_id"), "email_codes", ["user_id"])
    op.create_table(
        "person_pictures",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_person_pictures_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_pictures")),
        sa.UniqueConstraint("name", name=op.f("uq_person_pictures_name")),
    )
    op.create_index(op.f("ix_person_pictures_user_id"), "person_pictures", ["user_id"])
    op.create_table(
        "friendships",
        sa.Column("low_id", BIG_ID, nullable=False),
        sa.Column("high_id", BIG_ID, nullable=False),
        sa.Column("requester_id", BIG_ID, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.Column("accepted_at", WHEN),
        sa.Column("declined_at", WHEN),
        sa.Column("withdrawn_at", WHEN),
        sa.CheckConstraint("low_id < high_id", name=op.f("friendships_low_first")),
        sa.CheckConstraint("requester_id IN (low_id, high_id)", name=op.f("friendships_requester_of_pair")),
        sa.CheckConstraint("accepted_at IS NULL OR (declined_at IS NULL AND withdrawn_at IS NULL)",
                           name=op.f("friendships_one_end")),
        sa.ForeignKeyConstraint(["low_id"], ["users.id"], name=op.f("fk_friendships_low_id")),
        sa.ForeignKeyConstraint(["high_id"], ["users.id"], name=op.f("fk_friendships_high_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["users.id"], name=op.f("fk_friendships_requester_id")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_friendships")),
    )
    op.create_index(op.f("ix_friendships_high_id"), "friendships", ["high_id"])
    op.create_index(op.f("ix_friendships_requester_id"), "friendships", ["requester_id", "created_at"])
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
