"""Chats: direct, group, lobby; numbers of messages, how far they were read, a topic for each conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)


def upgrade():
    add_columns()
    number_what_was_written()
    op.create_index("uq_conversations_pair", "conversations", ["low_id", "high_id"], unique=True)
    op.create_index("ix_conversations_high_id", "conversations", ["high_id"])
    op.create_index("uq_conversations_lobby", "conversations", ["kind"], unique=True,
                    sqlite_where=sa.text("kind = 'lobby'"), postgresql_where=sa.text("kind = 'lobby'"))
    op.create_index("ix_conversations_creator", "conversations", ["creator_id", "created_at"])
    op.create_index("ix_conversation_members_adder", "conversation_members", ["added_by_id", "joined_at"])
    op.create_index("uq_messages_number", "messages", ["conversation_id", "number"], unique=True)
    op.execute("INSERT INTO conversations (kind, created_at, last_message_at) "
               "VALUES ('lobby', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)")


def add_columns():
    for name in ("low_id", "high_id", "creator_id"):
        add_person("conversations", name)
    add_person("conversation_members", "added_by_id")
    for column in (sa.Column("name", sa.String(length=80)), sa.Column("picture", sa.String(length=60)),
                   counter("topic_sequence"), counter("last_number"),
                   sa.Column("last_message_id", BIG_ID), sa.Column("last_message_at", WHEN)):
        op.add_column("conversations", column)
    for column in (counter("read_number"), sa.Column("joined_at", WHEN),
                   sa.Column("is_admin", sa.Boolean(), server_default=sa.false(), nullable=False),
                   sa.Column("left_at", WHEN)):
        op.add_column("conversation_members", column)
    op.drop_column("conversation_members", "read_message_id")
    for column in (counter("number"), sa.Column("kind", sa.String(length=10), server_default="text", nullable=False),
                   sa.Column("picture", sa.String(length=60)), sa.Column("picture_width", sa.Integer()),
                   sa.Column("picture_height", sa.Integer()), sa.Column("edited_at", WHEN), sa.Column("deleted_at", WHEN)):
        op.add_column("messages", column)


def counter(name):
    return sa.Column(name, BIG_ID, server_default="0", nullable=False)


def add_person(table, name):
    """A column that refers to a person: in words, as Alembic adds no references on SQLite."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} CONSTRAINT fk_{table}_{name} REFERENCES users (id)")


def number_what_was_written():
    op.execute("UPDATE messages SET number = counted.number FROM (SELECT id AS message_id, row_number() OVER "
               "(PARTITION BY conversation_id ORDER BY id) AS number FROM messages) AS counted "
               "WHERE counted.message_id = messages.id")
    op.execute("UPDATE conversations SET last_message_at = created_at")
    op.execute("UPDATE conversations SET last_number = newest.number, last_message_id = newest.message_id, "
               "last_message_at = newest.created_at FROM (SELECT conversation_id, count(*) AS number, "
               "max(id) AS message_id, max(created_at) AS created_at FROM messages GROUP BY conversation_id) AS newest "
               "WHERE newest.conversation_id = conversations.id")
    # What was said so far is taken as read by the two of a hand-over.
    op.execute("UPDATE conversation_members SET read_number = (SELECT last_number FROM conversations "
               "WHERE conversations.id = conversation_members.conversation_id)")
