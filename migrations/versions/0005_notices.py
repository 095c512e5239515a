"""Notices of conversations, what each person wants to be told, mail with further headers, what was reported."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade():
    op.add_column("notices", sa.Column(
        "conversation_id", BIG_ID, sa.ForeignKey("conversations.id", name=op.f("fk_notices_conversation_id"))),
        inline_references=True)
    op.add_column("notices", sa.Column("number", sa.BigInteger()))
    op.add_column("notices", sa.Column("shown", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("notices", sa.Column("mail_at", WHEN))
    create_partial_index("uq_notices_conversation", ["conversation_id", "user_id"], "conversation_id IS NOT NULL", unique=True)
    create_partial_index("ix_notices_mail_at", ["mail_at"], "mail_at IS NOT NULL")
    op.create_table(
        "notice_preferences",
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("in_site", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_preferences_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_preferences")),
    )
    op.add_column("mails", sa.Column("headers", sa.JSON(none_as_null=True)))
    op.add_column("reports", sa.Column("subject_text", sa.Text(), server_default="", nullable=False))
    op.create_index("uq_reports_reporter_subject", "reports", ["reporter_id", "subject_kind", "subject_id"], unique=True)


def create_partial_index(name, columns, where, **more):
    op.create_index(name, "notices", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where), **more)
