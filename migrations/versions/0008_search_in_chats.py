"""Messages are found by their words: the text in one case, as Python folds it, the same in both databases."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_ONCE = 1000


def upgrade():
    op.add_column("messages", sa.Column("search_text", sa.Text(), server_default="", nullable=False))
    messages = sa.table("messages", sa.column("id"), sa.column("text"), sa.column("search_text"))
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
            sa.select(messages.c.id, messages.c.text).where(messages.c.id > last).order_by(messages.c.id).limit(AT_ONCE)).all():
        connection.execute(
            messages.update().where(messages.c.id == sa.bindparam("row_id")).values(search_text=sa.bindparam("folded")),
            [{"row_id": row.id, "folded": row.text.casefold()} for row in rows])
        last = rows[-1].id


def downgrade():
    op.drop_column("messages", "search_text")
