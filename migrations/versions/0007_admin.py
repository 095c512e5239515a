"""The administrators' desk: a log of every deed, announcements, a tree of categories, lots on the home page,
reports that are worked, fresh sign-ins, bids that were stopped where they stood."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        "admin_actions",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("admin_id", BIG_ID, nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger()),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500)),
        sa.Column("address", sa.String(length=45), server_default="", nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["users.id"], name=op.f("fk_admin_actions_admin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_actions")),
    )
    op.create_index("ix_admin_actions_admin", "admin_actions", ["admin_id", "id"])
    op.create_index("ix_admin_actions_subject", "admin_actions", ["subject_kind", "subject_id", "id"])
    make_append_only("admin_actions")
    op.create_table(
        "announcements",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("tone", sa.String(length=10), nullable=False),
        sa.Column("starts_at", WHEN, nullable=False),
        sa.Column("ends_at", WHEN, nullable=False),
        sa.Column("created_at", WHEN, nullable=False),
        sa.CheckConstraint("tone IN ('info', 'warning')", name=op.f("announcements_tone_known")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("announcements_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_ends_at", "announcements", ["ends_at"])
    op.add_column("categories", sa.Column(
        "parent_id", sa.Integer(), sa.ForeignKey("categories.id", name=op.f("fk_categories_parent_id"))),
        inline_references=True)
    op.add_column("auctions", sa.Column("featured_at", WHEN))
    op.create_index("ix_auctions_featured", "auctions", ["featured_at"],
                    sqlite_where=sa.text("featured_at IS NOT NULL"), postgresql_where=sa.text("featured_at IS NOT NULL"))
    op.add_column("auctions", sa.Column("suspended_at", WHEN))
    op.add_column("bids", sa.Column("stopped_at_cents", BIG_ID))
    op.add_column("holds", sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sign_ins", sa.Column("proved_at", WHEN))
    op.add_column("reports", sa.Column("closed_at", WHEN))
    op.add_column("reports", sa.Column(
        "closed_by", BIG_ID, sa.ForeignKey("users.id", name=op.f("fk_reports_closed_by"))), inline_references=True)
    op.add_column("reports", sa.Column("note", sa.String(length=500)))
    op.create_index("ix_reports_open", "reports", ["id"],
                    sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index("ix_users_created_at", "users", ["created_at"])


def make_append_only(table):
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{table} are append-only'; END $$""")
        op.execute(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change_of_{table}()""")
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END""")


def downgrade():
    for index, table in [("ix_users_created_at", "users"), ("ix_reports_open", "reports"),
                         ("ix_auctions_featured", "auctions")]:
        op.drop_index(index, table_name=table)
    for table, column in [("reports", "note"), ("reports", "closed_by"), ("reports", "closed_at"),
                          ("sign_ins", "proved_at"), ("holds", "turn"), ("bids", "stopped_at_cents"),
                          ("auctions", "suspended_at"),
                          ("auctions", "featured_at"), ("categories", "parent_id")]:
        op.drop_column(table, column)
    op.drop_table("announcements")
    op.drop_table("admin_actions")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_admin_actions()")
